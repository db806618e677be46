#include "gateway/worker/digest_lookup.h"

#include "gateway/net/pyzor_message.h"
#include "gateway/worker/wire.h"

namespace postern {

std::string encode_digest_lookup(const DigestLookup& lookup) {
  WireWriter out;
  out.u32(lookup.number);
  out.text(lookup.digest);
  return out.take();
}

Result<DigestLookup> decode_digest_lookup(std::string_view body) {
  constexpr std::size_t digits = 40;
  WireReader in(body);
  DigestLookup lookup;
  lookup.number = in.u32();
  lookup.digest = in.text(digits);
  if (!in.complete() || !is_pyzor_digest(lookup.digest))
    return fail(std::errc::bad_message, "not a lookup of a digest");
  return lookup;
}

std::string encode_digest_count(const CountedDigest& counted) {
  WireWriter out;
  out.u32(counted.number);
  out.flag(counted.count.has_value());
  const auto count = counted.count.value_or(DigestCount{});
  out.u64(count.reported);
  out.u64(count.welcome);
  return out.take();
}

Result<CountedDigest> decode_digest_count(std::string_view body) {
  WireReader in(body);
  CountedDigest out;
  out.number = in.u32();
  const bool known = in.flag();
  const DigestCount count{in.u64(), in.u64()};
  if (known) out.count = count;
  if (!in.complete()) return fail(std::errc::bad_message, "not the count of a digest");
  return out;
}

}  // namespace postern
