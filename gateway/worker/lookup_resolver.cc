#include "gateway/worker/lookup_resolver.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "gateway/worker/lookup.h"

namespace postern {

Task<DnsAnswer> LookupResolver::query(std::string name, RecordType type, SteadyTime deadline) {
  const Lookup lookup{++last_number_, std::move(name), type};
  const FrameHeader header{FrameKind::lookup, 0, question_, 0, deadline};
  OneShot<DnsAnswer> answer;
  waiting_[lookup.number] = &answer;
  if (!write_all(channel_, encode_frame(header, encode_lookup(lookup)))) {
    waiting_.erase(lookup.number);
    co_return DnsAnswer{DnsStatus::failed, {}, 0, "the gateway has gone"};
  }
  co_return co_await answer.wait();
}

bool LookupResolver::take(const FrameHeader& header, const std::string& body) {
  if (header.kind != FrameKind::records || header.id != question_) return false;
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
