// rule_costs.h — what each rule costs in CPU time, measured only where somebody asks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

namespace postern {

/// Nanoseconds by rule number; a scan adds to them.
using RuleCosts = std::vector<std::uint64_t>;

/// Charges its own lifetime to a rule; without costs it does nothing. What a rule's eval function
/// finds out for others too is charged to the rule that asked first. What the clock itself takes is
/// taken off again.
class CostWatch {
 public:
  CostWatch(RuleCosts* costs, std::uint32_t rule) : costs_(costs), rule_(rule) {
    if (costs_ != nullptr) start_ = now();
  }
  CostWatch(const CostWatch&) = delete;
  CostWatch& operator=(const CostWatch&) = delete;
  ~CostWatch() {
    if (costs_ == nullptr) return;
    const auto spent = now() - start_;
    (*costs_)[rule_] += spent - std::min(spent, clock_cost());
  }

 private:
  /// Of this thread alone: on a busy machine other clocks measure the neighbours.
  static std::uint64_t now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
  }

  /// Of reading the clock, at the least.
  static std::uint64_t clock_cost() {
    static const auto cost = [] {
      auto least = UINT64_MAX;
      for (int i = 0; i < 100; ++i) {
        const auto before = now();
        least = std::min(least, now() - before);
      }
      return least;
    }();
    return cost;
  }

  RuleCosts* costs_;
  std::uint32_t rule_;
  std::uint64_t start_ = 0;
};

}  // namespace postern
