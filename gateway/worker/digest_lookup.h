// digest_lookup.h — a worker's question to Pyzor on its way to the gateway, and the answer on its
// way back: like lookup.h, for the second thing that a worker may want to know of the world.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/net/dns.h"

namespace postern {

struct DigestLookup {
  std::uint32_t number = 0;  // the worker's own, unique within a message, lookups included
  std::string digest;        // 40 digits, else it is refused
};
std::string encode_digest_lookup(const DigestLookup& lookup);
Result<DigestLookup> decode_digest_lookup(std::string_view body);

struct CountedDigest {
  std::uint32_t number = 0;
  std::optional<DigestCount> count;  // nothing: no server answered
};
std::string encode_digest_count(const CountedDigest& counted);
Result<CountedDigest> decode_digest_count(std::string_view body);

}  // namespace postern
