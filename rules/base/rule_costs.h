// rule_costs.h — what each rule costs in CPU time, measured only where somebody asks.
#pragma once

#include <cstdint>
#include <ctime>
#include <vector>

namespace postern {

/// Nanoseconds by rule number; a scan adds to them.
using RuleCosts = std::vector<std::uint64_t>;

/// Charges its own lifetime to a rule; without costs it does nothing. What a rule's eval function
/// finds out for others too is charged to the rule that asked first. The clock itself adds a few
/// tenths of a microsecond to each measurement.
class CostWatch {
 public:
  CostWatch(RuleCosts* costs, std::uint32_t rule) : costs_(costs), rule_(rule) {
    if (costs_ != nullptr) start_ = now();
  }
  CostWatch(const CostWatch&) = delete;
  CostWatch& operator=(const CostWatch&) = delete;
  ~CostWatch() {
    if (costs_ != nullptr) (*costs_)[rule_] += now() - start_;
  }

 private:
  /// Of this thread alone: on a busy machine other clocks measure the neighbours.
  static std::uint64_t now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
  }

  RuleCosts* costs_;
  std::uint32_t rule_;
  std::uint64_t start_ = 0;
};

}  // namespace postern
