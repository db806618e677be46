// serve.h — a worker's life: read a question, run the filter, write the answer.
//
// Blocking and single-threaded: a worker has one question at a time. The filter's code is the same
// as in the gateway; its Context has a resolver that asks the gateway, since there is no network in
// here. DNS is all that a filter may wait for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/unique_fd.h"
#include "gateway/pipeline/filter.h"
#include "gateway/worker/lookup_resolver.h"

namespace postern {

struct ServedFilter {
  std::string name;
  std::shared_ptr<const FilterFactory> factory;
};

struct ServeLimits {
  /// A worker that has used this much of its processor time or grown this much ends by its own
  /// will, after an answer: limits that kill are for attacks, not for age.
  seconds processor_time{30};
  std::uint64_t growth = 256ULL << 20;
};

/// What a worker is made of before the lock-down, since a loop opens descriptors.
class Server {
 public:
  Server(int channel, std::vector<ServedFilter> filters, ServeLimits limits);
  /// Says ready and serves until the channel closes. The worker's exit status.
  int run(std::uint64_t token, const std::string& sandbox);

 private:
  enum class Next : std::uint8_t { more, end, broken };
  Next serve_one();
  Answer answer(const std::string& body, const UniqueFd& content, const FrameHeader& header);
  Answer run(Task<Answer> question, LookupResolver& resolver);
  bool read_records(LookupResolver& resolver);
  bool old() const;

  int channel_;
  std::vector<ServedFilter> filters_;
  ServeLimits limits_;
  Loop* loop_;  // for Context only: never run, never destroyed
  std::int64_t first_size_;
};

}  // namespace postern
