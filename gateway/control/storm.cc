#include "gateway/control/storm.h"

#include <algorithm>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"

namespace postern {
namespace {

constexpr Event storm_on{
    "storm-on", Level::warning,
    "`postern storm on` is in force: deferred mail is parked and limits are stricter. `postern "
    "storm status` shows what; `postern storm off` undoes it."};
constexpr Event storm_off{"storm-off", Level::warning,
                          "The storm's measures are undone, and parked mail is tried again."};
constexpr Event look_failed{
    "storm-queue-failed", Level::error,
    "A storm's look at the queue failed; it is repeated after queue_run_delay. error= says why."};

Gauge& on_gauge =
    gauge("postern_storm_on", "0: no storm is on; 1: preset gentle; 2: preset brute.");
Counter& parked_total = counter("postern_storm_parked_total", "Messages that a storm has parked.");
Counter& released_total =
    counter("postern_storm_released_total", "Parked messages that `postern storm off` let go.");
Counter& dropped_total =
    counter("postern_storm_bounces_dropped_total", "Bounces that a storm has removed.");
Counter& expired_total = counter("postern_storm_expired_total",
                                 "Parked messages that were ended, since their lifetime was over.");

/// Clients whose usual rate is kept over a restart.
constexpr std::size_t most_clients = 256;
constexpr std::size_t longest_why = 200;
constexpr milliseconds patience = seconds(10);
/// A queue_run_delay below this is meant for other things.
constexpr milliseconds shortest_pause = seconds(1);

}  // namespace

/// One command at a time; who comes meanwhile is told so.
class Storm::Busy {
 public:
  explicit Busy(bool& flag) : flag_(flag), mine_(!std::exchange(flag, true)) {}
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() {
    if (mine_) flag_ = false;
  }
  bool granted() const { return mine_; }
  static std::unexpected<Error> refusal() {
    return fail(std::errc::device_or_resource_busy,
                "the storm is being changed at this moment: `postern storm status`, then again");
  }

 private:
  bool& flag_;
  bool mine_;
};

/// The queue's regular inspection takes a moment; a command need not be given again for that.
Task<void> Storm::wait_for_turn() {
  Loop& loop = parts_.desk.loop;
  const SteadyTime until = loop.now() + patience;
  while (busy_ && loop.now() < until) co_await loop.sleep_until(loop.now() + milliseconds(20));
}

void Storm::take_up() {
  if (!order()) return;
  for (const auto& known : order()->usual) parts_.usual.learn(known, parts_.desk.clock.steady());
  show();
}

void Storm::show() const {
  on_gauge.set(!order() ? 0 : order()->preset == StormPreset::gentle ? 1 : 2);
}

StormOrder::Done* Storm::noted(StormStep step) {
  if (!order()) return nullptr;
  const auto found = std::ranges::find(order()->steps, step, &StormOrder::Done::step);
  return found == order()->steps.end() ? nullptr : &*found;
}

const StormMeasures* Storm::in_force(StormStep step) const {
  if (!order() ||
      std::ranges::find(order()->steps, step, &StormOrder::Done::step) == order()->steps.end()) {
    return nullptr;
  }
  return &measures_of(order()->preset);
}

RetrySettings Storm::retry(const RetrySettings& configured) const {
  const StormMeasures* measures = in_force(StormStep::lifetimes);
  return measures ? shortened(configured, *measures) : configured;
}

std::string Storm::park_reason() const {
  std::string reason(parked_prefix);
  reason += " " + std::string(name_of(order()->preset));
  if (!order()->why.empty()) reason += ": " + order()->why;
  return reason;
}

Task<Result<>> Storm::note(StormStep step) {
  if (noted(step)) co_return Result<>{};
  order()->steps.push_back({step, 0});
  auto saved = co_await parts_.desk.orders.save();
  if (!saved) std::erase_if(order()->steps, [step](const auto& each) { return each.step == step; });
  co_return saved;
}

Storm::Ended Storm::perform(StormStep step) {
  const StormMeasures& measures = measures_of(order()->preset);
  switch (step) {
    case StormStep::park: {
      std::string reason = park_reason();
      CO_TRY(const auto count, co_await queue_.park(measures.park_attempts, std::move(reason)));
      parked_total.add(count);
      co_return count;
    }
    case StormStep::bounces: {
      CO_TRY(const auto count, co_await queue_.drop_bounces(measures.drop_bounces_older));
      dropped_total.add(count);
      co_return count;
    }
    case StormStep::lifetimes:
    case StormStep::clients:
    case StormStep::inside:
      parts_.apply();
      break;
  }
  co_return 0U;
}

Storm::Ended Storm::undo(StormStep step) {
  std::uint64_t count = 0;
  if (step == StormStep::park) {
    CO_TRY(count, co_await queue_.release());
    released_total.add(count);
  }
  std::erase_if(order()->steps, [step](const auto& each) { return each.step == step; });
  parts_.apply();
  CO_TRY(co_await parts_.desk.orders.save());
  co_return count;
}

/// The steps that are wanted no more, the last one first.
Storm::Ended Storm::undo_all(const Say& say, const std::function<bool(StormStep)>& wanted) {
  std::vector<StormStep> steps;
  for (const auto& each : order()->steps) {
    if (wanted(each.step)) steps.insert(steps.begin(), each.step);
  }
  std::uint64_t total = 0;
  for (const StormStep step : steps) {
    CO_TRY(const auto count, co_await undo(step));
    total += count;
    std::string text = step == StormStep::park      ? "parked mail is tried again"
                       : step == StormStep::bounces ? "no more bounces are removed"
                                                    : "as configured again";
    Line line{std::string(name_of(step)), "undone", count, std::move(text)};
    co_await say(std::move(line));
  }
  co_return total;
}

Storm::Ended Storm::on(StormPreset preset, std::string why, Say say) {
  if (why.size() > longest_why)
    co_return fail(std::errc::invalid_argument, "--why is longer than 200 octets");
  co_await wait_for_turn();
  const Busy busy(busy_);
  if (!busy.granted()) co_return Busy::refusal();
  std::uint64_t total = 0;
  if (!order()) {
    const auto now = parts_.desk.clock.steady();
    order() = Order{preset, why, parts_.desk.clock.wall(),
                    false,  {},  parts_.usual.busiest(most_clients, now)};
  } else {
    order()->ending = false;
    order()->preset = preset;
    if (!why.empty()) order()->why = why;
    const auto superfluous = [preset](StormStep step) { return !has_step(preset, step); };
    CO_TRY(co_await undo_all(say, superfluous));
  }
  show();
  for (const StormStep step : steps_of(preset)) {
    const bool again = noted(step) != nullptr;
    if (auto written = co_await note(step); !written) {
      if (order()->steps.empty()) order().reset();
      show();
      co_return fail_at(
          std::string(name_of(step)) + " is not done, since it could not be noted for undoing",
          written.error());
    }
    if (step == steps_of(preset).front())
      log(storm_on, {{"preset", name_of(preset)}, {"reason", order()->why}});
    CO_TRY(const auto count, co_await perform(step));
    noted(step)->messages += count;
    total += count;
    Line line{std::string(name_of(step)), again ? "done again" : "done", count,
              explain(step, measures_of(preset))};
    co_await say(std::move(line));
  }
  CO_TRY(co_await parts_.desk.orders.save());
  co_return total;
}

Storm::Ended Storm::off(Say say) {
  co_await wait_for_turn();
  const Busy busy(busy_);
  if (!busy.granted()) co_return Busy::refusal();
  std::uint64_t total = 0;
  if (order()) {
    order()->ending = true;
    CO_TRY(co_await parts_.desk.orders.save());
    const auto all = [](StormStep) { return true; };
    CO_TRY(total, co_await undo_all(say, all));
    order().reset();
    CO_TRY(co_await parts_.desk.orders.save());
    log(storm_off, {{"messages", total}});
    show();
    co_return total;
  }
  // Parked by a storm of which nothing is known any more: orders.json was lost.
  CO_TRY(total, co_await queue_.release());
  released_total.add(total);
  Line line{"storm", "off", total, "no storm was on; this many were parked by an earlier one"};
  co_await say(std::move(line));
  co_return total;
}

Task<std::vector<Storm::Line>> Storm::status() {
  std::vector<Line> lines;
  if (const auto& now = order()) {
    std::string text =
        std::string(name_of(now->preset)) + (now->why.empty() ? "" : ": ") + now->why;
    lines.push_back({"storm", now->ending ? "ending" : "on", 0, std::move(text)});
    for (const auto& [step, messages] : now->steps)
      lines.push_back({std::string(name_of(step)), "in force", messages,
                       explain(step, measures_of(now->preset))});
  } else {
    lines.push_back({"storm", "off", 0, "nothing of it is in force"});
  }
  const std::uint64_t parked = co_await queue_.count_parked();
  lines.push_back({"parked", "now", parked,
                   "see them: postern queue list --reason '" + std::string(parked_prefix) + "'"});
  co_return lines;
}

/// After a restart: whether the last step was finished is not known, and doing it again is
/// harmless.
Task<Result<>> Storm::resume() {
  if (!order()) co_return Result<>{};
  const Say nobody = [](Line) -> Task<void> { co_return; };
  if (order()->ending) {
    CO_TRY(co_await off(nobody));
    co_return Result<>{};
  }
  const StormPreset preset = order()->preset;
  CO_TRY(co_await on(preset, "", nobody));
  co_return Result<>{};
}

Task<Result<>> Storm::look_after() {
  const Busy busy(busy_);
  if (!busy.granted()) co_return Result<>{};
  const RetrySettings configured = parts_.configured();
  CO_TRY(const auto expired, co_await queue_.expire(configured));
  expired_total.add(expired);
  if (!order() || order()->ending) co_return Result<>{};
  const StormMeasures& measures = measures_of(order()->preset);
  std::uint64_t changed = 0;
  if (in_force(StormStep::park) && measures.park_later_attempts > 0) {
    std::string reason = park_reason();
    CO_TRY(const auto count, co_await queue_.park(measures.park_later_attempts, std::move(reason)));
    parked_total.add(count);
    changed += count;
    noted(StormStep::park)->messages += count;
  }
  if (in_force(StormStep::bounces)) {
    CO_TRY(const auto count, co_await perform(StormStep::bounces));
    changed += count;
    noted(StormStep::bounces)->messages += count;
  }
  if (changed == 0) co_return Result<>{};
  co_return co_await parts_.desk.orders.save();  // for the counts
}

Task<void> Storm::run() {
  if (auto resumed = co_await resume(); !resumed)
    log(look_failed, {{"error", resumed.error().what}});
  Loop& loop = parts_.desk.loop;
  for (;;) {
    const milliseconds pause = std::max(parts_.configured().queue_run_delay, shortest_pause);
    co_await loop.sleep_until(loop.now() + pause);
    if (auto looked = co_await look_after(); !looked)
      log(look_failed, {{"error", looked.error().what}});
  }
}

}  // namespace postern
