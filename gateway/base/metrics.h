// metrics.h — numbers that an operator watches, in Prometheus' text format.
//
// Declared at the top of the .cc that counts, with their help text:
//
//     Counter& accepted = counter("postern_messages_accepted_total", "Messages answered with
//     250.");
//
// Counting is one relaxed atomic addition. The objects live as long as the process; asking again
// for the same name and labels gives the same object.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace postern {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Sum and count of a duration in seconds (a summary without quantiles): rate(sum)/rate(count).
class Seconds {
 public:
  void observe(double seconds) {
    count_.fetch_add(1, std::memory_order_relaxed);
    nanoseconds_.fetch_add(static_cast<std::uint64_t>(seconds * 1e9), std::memory_order_relaxed);
  }
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  double sum() const {
    return static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
  }

 private:
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
Seconds& duration_metric(const std::string& name, const std::string& help,
                         const Labels& labels = {});

/// All metrics in the text exposition format.
std::string render_metrics();

}  // namespace postern
