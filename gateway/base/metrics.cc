#include "gateway/base/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <variant>

namespace postern {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

using Metric = std::variant<Counter, Gauge, Seconds>;  // in the order of `types`
constexpr MetricType types[] = {MetricType::Counter, MetricType::Gauge, MetricType::Summary};

struct Family {
  std::string help;
  std::size_t kind;
  std::map<Labels, Metric> metrics;  // nodes never move: references to them are handed out
};

struct Registry {
  std::mutex mutex;  // held to declare and to render, never to count
  std::map<std::string, Family> families;
};

// Never destroyed: threads may count until the very end of the process.
Registry& registry() {
  static auto* const all = new Registry;
  return *all;
}

template <class Kind>
Kind& declare(const std::string& name, const std::string& help, Labels labels) {
  const std::size_t kind = Metric(std::in_place_type<Kind>).index();
  std::ranges::sort(labels);
  auto& all = registry();
  const std::lock_guard lock(all.mutex);
  auto& family = all.families.try_emplace(name, Family{help, kind, {}}).first->second;
  if (family.kind != kind) throw std::logic_error(name + " is declared as two kinds of metric");
  auto& metric =
      family.metrics.try_emplace(std::move(labels), std::in_place_type<Kind>).first->second;
  return std::get<Kind>(metric);
}

void fill(ClientMetric& out, const Counter& counter) {
  out.counter.value = static_cast<double>(counter.value());
}
void fill(ClientMetric& out, const Gauge& gauge) {
  out.gauge.value = static_cast<double>(gauge.value());
}
void fill(ClientMetric& out, const Seconds& seconds) {
  out.summary.sample_count = seconds.count();
  out.summary.sample_sum = seconds.sum();
}

}  // namespace

Counter& counter(const std::string& name, const std::string& help, const Labels& labels) {
  return declare<Counter>(name, help, labels);
}

Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return declare<Gauge>(name, help, labels);
}

Seconds& duration_metric(const std::string& name, const std::string& help, const Labels& labels) {
  return declare<Seconds>(name, help, labels);
}

std::string render_metrics() {
  std::vector<prometheus::MetricFamily> out;
  {
    auto& all = registry();
    const std::lock_guard lock(all.mutex);
    for (const auto& [name, family] : all.families) {
      auto& rendered = out.emplace_back();
      rendered.name = name;
      rendered.help = family.help;
      rendered.type = types[family.kind];
      for (const auto& [labels, metric] : family.metrics) {
        auto& line = rendered.metric.emplace_back();
        for (const auto& [key, value] : labels) line.label.push_back({key, value});
        std::visit([&line](const auto& one) { fill(line, one); }, metric);
      }
    }
  }
  return prometheus::TextSerializer().Serialize(out);
}

}  // namespace postern
