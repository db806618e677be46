// dns_message.h — reading a DNS packet (RFC 1035 §4), strictly.
//
// The packet comes from strangers. Names may point backwards only, every count and length has a
// bound, and what contradicts itself is `failed`: a guess could make "listed" or "no such domain"
// out of nonsense.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/net/dns.h"

namespace postern {

/// A name as questions need it: lower case, no final dot, labels of 1..63 octets, at most 253 in
/// all, printable ASCII without blank and backslash. Nothing for what can be no name in the DNS.
std::optional<std::string> question_name(std::string_view name);

struct DecodedAnswer {
  DnsAnswer answer;
  /// Not empty: the aliases end at this name, of which the packet says nothing; ask for it next.
  std::string alias;
};

/// Decodes the answer to the question (`name` as question_name() made it, `type`, class IN).
/// Aliases inside the packet are followed, at most 16. A negative answer's ttl is that of
/// RFC 2308 §5, or 0 where the packet has no SOA record.
DecodedAnswer decode_dns_answer(std::string_view packet, std::string_view name, RecordType type);

}  // namespace postern
