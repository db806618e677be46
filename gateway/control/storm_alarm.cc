#include "gateway/control/storm_alarm.h"

#include <cmath>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"

namespace postern {
namespace {

constexpr Event suspected{
    "storm-suspected", Level::warning,
    "Far more mail than usual fails at its first attempt. root= says of which client, sender or "
    "destination most of it is, part= how much; remedy= is a command that helps."};
constexpr Event over{"storm-over", Level::warning,
                     "Failures are back to what is usual. If `postern storm` is on, end it."};

Gauge& suspected_gauge = gauge("postern_storm_suspected", "1 while a mail storm is suspected.");
Gauge& arrived_gauge =
    gauge("postern_storm_arrived_per_minute", "Messages that arrived in the last minute.");
Gauge& deferred_gauge = gauge("postern_storm_deferred_per_minute",
                              "Messages deferred at their first attempt in the last minute.");
Gauge& bounced_gauge = gauge("postern_storm_bounced_per_minute",
                             "Messages bounced at their first attempt in the last minute.");

constexpr milliseconds pause = seconds(5);

std::int64_t whole(double number) { return std::llround(number); }

std::string_view kind_of(StormAlarm::Root root) {
  switch (root) {
    case StormAlarm::Root::client:
      return "client";
    case StormAlarm::Root::sender:
      return "sender";
    case StormAlarm::Root::destination:
      return "destination";
    case StormAlarm::Root::none:
      break;
  }
  return "nobody in particular";
}

void tell(const StormAlarm& alarm) {
  if (alarm.what == StormAlarm::What::ends) {
    log(over, {{"per_minute", whole(alarm.per_minute)}, {"usual", whole(alarm.usual)}});
    return;
  }
  const bool null_sender = alarm.root == StormAlarm::Root::sender && alarm.name.empty();
  log(suspected, {{"root", kind_of(alarm.root)},
                  {"name", null_sender ? "<>" : alarm.name},
                  {"part", std::to_string(whole(alarm.part * 100)) + "%"},
                  {"per_minute", whole(alarm.per_minute)},
                  {"usual", whole(alarm.usual)},
                  {"remedy", alarm.remedy}});
}

}  // namespace

Task<void> tell_of_storms(Loop& loop, StormWatch& watch) {
  for (;;) {
    co_await loop.sleep_until(loop.now() + pause);
    const SteadyTime now = loop.now();
    if (const auto alarm = watch.tick(now)) tell(*alarm);
    const StormWatch::Rates rates = watch.rates(now);
    suspected_gauge.set(watch.suspected() ? 1 : 0);
    arrived_gauge.set(whole(rates.arrived));
    deferred_gauge.set(whole(rates.deferred));
    bounced_gauge.set(whole(rates.bounced));
  }
}

}  // namespace postern
