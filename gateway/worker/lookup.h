// lookup.h — a worker's question to the DNS on its way to the gateway, and the answer on its way
// back.
//
// A worker has no network: it says what it wants to know in a `lookup` frame, goes on with its
// work, and reads a `records` frame for each when it has to wait. Many may be under way. The
// gateway reads a lookup as if an attacker had written it; the worker believes the gateway, whose
// answers are cut to the limits here before they are sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/net/dns.h"

namespace postern {

struct Lookup {
  std::uint32_t number = 0;  // the worker's own, unique within a message
  std::string name;          // at most 255 octets
  RecordType type = RecordType::a;
};
std::string encode_lookup(const Lookup& lookup);
Result<Lookup> decode_lookup(std::string_view body);

struct LookedUp {
  std::uint32_t number = 0;
  DnsAnswer answer;
};
/// At most 100 records and 16 KiB of text: more is dropped, and nobody's list needs it.
std::string encode_records(std::uint32_t number, const DnsAnswer& answer);
Result<LookedUp> decode_records(std::string_view body);

constexpr std::size_t largest_lookup = 300;
constexpr std::size_t largest_records = 32U << 10;

}  // namespace postern
