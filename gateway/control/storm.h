// storm.h — a mail storm as a state: what is on, how each step is done and undone, and what the
// rest of the gateway heeds meanwhile.
//
// A step is noted on stable storage before its first change, and forgotten after its undoing; so
// whatever ends the gateway between, the next life knows what is left to do. Steps are undone in
// the reverse order of their doing. Doing them again is harmless: `on` twice parks what has become
// deferred since. Lives on one loop.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/control/storm_queue.h"
#include "policies/storm.h"

namespace postern {

class Storm {
 public:
  struct Parts {
    DeskParts desk;
    UsualRates& usual;
    /// The settings in force have changed: makes new ones of the configuration, with ours on top.
    std::function<void()> apply;
    std::function<RetrySettings()> configured;
  };
  explicit Storm(Parts parts) : parts_(std::move(parts)), queue_(parts_.desk) {}

  /// What orders.json says is in force. Before the first settings are made.
  void take_up();
  /// Finishes what a restart has interrupted, then looks after the parked mail every
  /// queue_run_delay, for ever.
  Task<void> run();

  /// For the administrator: a step, what became of it, how many messages it has changed, and why.
  struct Line {
    std::string name, state;
    std::uint64_t messages = 0;
    std::string text;
  };
  using Say = std::function<Task<void>(Line)>;
  using Ended = Task<Result<std::uint64_t>>;  // messages changed

  Ended on(StormPreset preset, std::string why, Say say);
  Ended off(Say say);
  Task<std::vector<Line>> status();

  /// The measures of a step that is in force; null where it is not.
  const StormMeasures* in_force(StormStep step) const;
  /// The configured settings with ours on top.
  RetrySettings retry(const RetrySettings& configured) const;

 private:
  class Busy;
  using Order = StormOrder;
  std::optional<StormOrder>& order() { return parts_.desk.orders.orders().storm; }
  const std::optional<StormOrder>& order() const { return parts_.desk.orders.orders().storm; }
  StormOrder::Done* noted(StormStep step);

  Task<void> wait_for_turn();
  Task<Result<>> note(StormStep step);
  Ended perform(StormStep step);
  Ended undo(StormStep step);
  Ended undo_all(const Say& say, const std::function<bool(StormStep)>& wanted);
  Task<Result<>> resume();
  Task<Result<>> look_after();
  std::string park_reason() const;
  void show() const;

  Parts parts_;
  StormQueue queue_;
  bool busy_ = false;
};

}  // namespace postern
