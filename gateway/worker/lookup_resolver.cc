#include "gateway/worker/lookup_resolver.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "gateway/worker/digest_lookup.h"
#include "gateway/worker/lookup.h"

namespace postern {

Task<DnsAnswer> LookupResolver::query(std::string name, RecordType type, SteadyTime deadline) {
  const Lookup lookup{++last_number_, std::move(name), type};
  OneShot<DnsAnswer> answer;
  waiting_[lookup.number] = &answer;
  const auto body = encode_lookup(lookup);
  if (!send(FrameKind::lookup, deadline, body)) {
    waiting_.erase(lookup.number);
    co_return DnsAnswer{DnsStatus::failed, {}, 0, "the gateway has gone"};
  }
  co_return co_await answer.wait();
}

Task<std::optional<DigestCount>> LookupResolver::digest_count(std::string digest,
                                                              SteadyTime deadline) {
  const DigestLookup lookup{++last_number_, std::move(digest)};
  OneShot<std::optional<DigestCount>> answer;
  waiting_digests_[lookup.number] = &answer;
  const auto body = encode_digest_lookup(lookup);
  if (!send(FrameKind::digest_lookup, deadline, body)) {
    waiting_digests_.erase(lookup.number);
    co_return std::nullopt;
  }
  co_return co_await answer.wait();
}

bool LookupResolver::send(FrameKind kind, SteadyTime deadline, const std::string& body) {
  return write_all(channel_, encode_frame({kind, 0, question_, 0, deadline}, body));
}

bool LookupResolver::take_digest_count(const std::string& body) {
  const auto counted = decode_digest_count(body);
  if (!counted) return false;
  const auto found = waiting_digests_.find(counted->number);
  if (found == waiting_digests_.end()) return false;
  auto* const waiter = found->second;
  waiting_digests_.erase(found);
  waiter->set(counted->count);
  return true;
}

bool LookupResolver::take(const FrameHeader& header, const std::string& body) {
  if (header.id != question_) return false;
  if (header.kind == FrameKind::digest_count) return take_digest_count(body);
  if (header.kind != FrameKind::records) return false;
  auto looked_up = decode_records(body);
  if (!looked_up) return false;
  const auto found = waiting_.find(looked_up->number);
  if (found == waiting_.end()) return false;
  OneShot<DnsAnswer>* waiter = found->second;
  waiting_.erase(found);
  waiter->set(std::move(looked_up->answer));
  return true;
}

bool write_all(int channel, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(channel, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace postern
