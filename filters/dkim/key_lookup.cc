#include "filters/dkim/key_lookup.h"

#include <cassert>
#include <utility>

#include "filters/dkim/key.h"
#include "filters/dkim/public_key.h"

namespace postern::dkim {
namespace {

constexpr unsigned least_bits = 1024;  // RFC 8301 §3.2
// Clocks that are wrong are mostly wrong by a time zone; beyond a day it was no clock.
constexpr std::uint64_t tolerated_future = 86'400;
constexpr std::size_t most_records = 5;  // a name has one key; two during a mistake

Result<PublicKey> open_key(const KeyRecord& record) {
  return record.ed25519 ? PublicKey::ed25519(record.octets) : PublicKey::rsa(record.octets);
}

KeyVerdict judge_by_record(const Signature& signature, const KeyRecord& record,
                           std::string_view signed_octets) {
  KeyVerdict out;
  out.testing = record.testing;
  const auto key = open_key(record);
  if (!key) {
    out.judgement = {Outcome::permerror, key.error().what};
    return out;
  }
  out.bits = key->bits();
  if (!record.ed25519 && out.bits < least_bits) {
    out.judgement = {Outcome::policy, "the key has only " + std::to_string(out.bits) + " bits"};
    return out;
  }
  Digest digest;
  digest.add(signed_octets);
  const bool good = key->verifies(digest.finish(), signature.octets);
  out.judgement = good ? Judgement{Outcome::pass, ""}
                       : Judgement{Outcome::fail, "the signature does not verify"};
  return out;
}

}  // namespace

void KeyLookup::ask(const std::string& key_name) {
  if (answers_.try_emplace(key_name).second) group_.spawn(fetch(key_name));
}

Task<> KeyLookup::fetch(std::string name) {
  DnsAnswer answer = co_await dns_.query(name, RecordType::txt, deadline_);
  answers_[name] = std::move(answer);
}

const DnsAnswer& KeyLookup::answer(const std::string& key_name) const {
  const auto found = answers_.find(key_name);
  assert(found != answers_.end());
  return found->second;
}

KeyVerdict judge_by_key(const Signature& signature, const DnsAnswer& answer,
                        std::string_view signed_octets) {
  KeyVerdict out;
  switch (answer.status) {
    case DnsStatus::failed:
      out.judgement = {Outcome::temperror, "the key could not be asked for: " + answer.error};
      return out;
    case DnsStatus::no_such_name:
    case DnsStatus::no_records:
      out.judgement = {Outcome::permerror, "no key"};
      return out;
    case DnsStatus::found:
      break;
  }
  std::size_t looked_at = 0;
  for (const auto& record : answer.records) {
    if (looked_at++ == most_records) break;
    const ParsedKey parsed = parse_key(record.text, signature);
    if (parsed.judgement.open()) return judge_by_record(signature, parsed.key, signed_octets);
    if (out.judgement.open()) {
      out.judgement = parsed.judgement;
      out.testing = parsed.key.testing;
    }
  }
  return out;
}

Judgement judge_time(const Signature& signature, WallTime now) {
  const auto seconds_now = std::chrono::floor<seconds>(now).time_since_epoch().count();
  const auto today = static_cast<std::uint64_t>(std::max<std::int64_t>(seconds_now, 0));
  if (signature.expiry && *signature.expiry < today)
    return {Outcome::fail, "the signature has expired"};
  if (signature.time && *signature.time > today + tolerated_future)
    return {Outcome::fail, "the signature is of the future"};
  return {};
}

}  // namespace postern::dkim
