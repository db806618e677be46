// record.h — a DMARC policy record: RFC 7489 §6.3, §6.4.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::dmarc {

enum class Policy : std::uint8_t { none, quarantine, reject };
std::string_view policy_name(Policy policy);

struct Record {
  Policy policy = Policy::none;
  Policy subdomain_policy = Policy::none;  // sp=, or else p=
  bool strict_dkim = false;
  bool strict_spf = false;
  unsigned percent = 100;  // of the failing messages, that the policy shall be applied to
};

constexpr std::size_t longest_record = 4096;  // octets
constexpr std::size_t most_tags = 64;

/// Whether a TXT record is of our version: its first tag is v=DMARC1, exactly so.
bool is_record(std::string_view text);

/// `text` is_record(). Nothing where it is malformed (§6.6.3): a tag that is none, or no policy
/// that can be read. A bad p= or sp= beside a rua= means p=none. Unknown tags, and bad values of
/// the others, are passed over.
std::optional<Record> parse_record(std::string_view text);

}  // namespace postern::dmarc
