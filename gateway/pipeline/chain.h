// chain.h — asks the filters in order, and guards each of them.
//
// What cuts across all filters lives here and only here: the deadline, what a failure means,
// observe mode, metrics, the trace line. A filter that throws, hangs or dies costs its message one
// on_failure (pass or defer, never reject: a broken filter must not lose mail) and no other message
// anything.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/metrics.h"
#include "gateway/pipeline/filter.h"

namespace postern {

/// The knobs that every filter has, read from its table [filter.NAME] beside its own keys.
struct GuardSettings {
  std::string on_failure = "pass";
  milliseconds deadline = seconds(30);
  bool observe = false;
};
void describe(GuardSettings& settings, Keys& keys);

/// Keeps a lesson; called in any loop, and does not wait.
using TakeLesson = std::function<void(std::shared_ptr<const AutoLesson>)>;

/// One configured filter.
struct Step {
  std::string name;
  std::shared_ptr<const FilterFactory> factory;
  GuardSettings guard;
  TakeLesson take_lesson = {};  // for filters that learn
};

/// The configured pipeline: immutable, shared by all sessions of a configuration generation.
class Chain {
 public:
  /// A step's metrics, looked up once: a question must not cost a search by name.
  struct Meters {
    std::array<Seconds*, 5> seconds{};                  // by stage
    std::array<std::array<Counter*, 7>, 5> verdicts{};  // by stage and verdict
  };

  explicit Chain(std::vector<Step> steps);
  const std::vector<Step>& steps() const { return steps_; }
  const Meters& meters(std::size_t step) const { return meters_[step]; }

 private:
  std::vector<Step> steps_;
  std::vector<Meters> meters_;
};

/// One session's filters.
class ChainRun {
 public:
  ChainRun(std::shared_ptr<const Chain> chain, Loop& loop, Resolver& dns, const Clock& clock);

  /// Asks all filters that answer `stage`, in order, until one says accept (the rest of the stage
  /// is skipped) or refuses. `recipient` for Stage::rcpt, `message` for Stage::message.
  /// Findings are added to `evidence` under their filter's name.
  Task<Opinion> ask(Stage stage, Evidence& evidence, const RecipientFacts* recipient = nullptr,
                    const Message* message = nullptr);

 private:
  Task<Opinion> guarded(std::size_t step, Stage stage, Evidence& evidence,
                        const RecipientFacts* recipient, const Message* message);
  Task<Answer> question(Filter& filter, Stage stage, Context context,
                        const RecipientFacts* recipient, const Message* message);

  std::shared_ptr<const Chain> chain_;
  Loop& loop_;
  Resolver& dns_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Filter>> filters_;  // made at first use
};

}  // namespace postern
