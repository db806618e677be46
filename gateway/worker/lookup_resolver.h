// lookup_resolver.h — the resolver that a filter meets in a worker: it asks the gateway.
//
// A question is sent the moment it is asked, so that answers are on their way while the filter
// works on. Nothing is waited for before the filter itself waits; then the server reads frames
// from the channel and hands them to take().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "gateway/net/dns.h"
#include "gateway/worker/frame.h"

namespace postern {

class LookupResolver final : public Resolver {
 public:
  /// `question`: the id of the `ask` frame that is being answered.
  LookupResolver(int channel, std::uint64_t question) : channel_(channel), question_(question) {}

  Task<DnsAnswer> query(std::string name, RecordType type, SteadyTime deadline) override;
  Task<std::optional<DigestCount>> digest_count(std::string digest, SteadyTime deadline) override;

  /// Someone waits for an answer that has not come.
  bool waiting() const { return !waiting_.empty() || !waiting_digests_.empty(); }
  /// Wakes whoever waits for it. False: no answer to any of our questions.
  bool take(const FrameHeader& header, const std::string& body);

 private:
  bool send(FrameKind kind, SteadyTime deadline, const std::string& body);
  bool take_digest_count(const std::string& body);

  int channel_;
  std::uint64_t question_;
  std::uint32_t last_number_ = 0;
  // They live in the asking coroutines.
  std::map<std::uint32_t, OneShot<DnsAnswer>*> waiting_;
  std::map<std::uint32_t, OneShot<std::optional<DigestCount>>*> waiting_digests_;
};

/// Blocking; false where the other side has gone.
bool write_all(int channel, std::string_view octets);

}  // namespace postern
