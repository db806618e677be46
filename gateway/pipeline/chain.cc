#include "gateway/pipeline/chain.h"

#include "gateway/base/log.h"

namespace postern {
namespace {

constexpr Event filter_failed{
    "filter-failed", Level::warning,
    "A filter could not answer; its on_failure was applied. error= says why; look there first."};
constexpr Event filter_observed{
    "filter-observed", Level::info,
    "A filter in observe mode would have acted. Nothing was done; set observe = false to let it."};

Counter& failure_counter(const std::string& filter, const char* kind) {
  return counter("postern_filter_failures_total", "Questions that a filter could not answer.",
                 {{"filter", filter}, {"kind", kind}});
}

const char* failure_kind(const Error& error) {
  if (error.code == std::errc::timed_out) return "timeout";
  if (error.code == std::errc::broken_pipe) return "crash";
  return "error";
}

}  // namespace

void describe(GuardSettings& settings, Keys& keys) {
  keys.choice("on_failure", settings.on_failure, {"pass", "defer"},
              "What happens to mail when this filter cannot answer: pass it unchecked, or defer it "
              "with a 4yz reply. A broken filter never rejects.");
  keys.duration("deadline", settings.deadline, milliseconds(10), seconds(600),
                "How long one question may take before it counts as failed.");
  keys.flag("observe", settings.observe,
            "Ask the filter and log what it would have done, but act on none of it: for trying a "
            "filter on live mail.");
}

Chain::Chain(std::vector<Step> steps) : steps_(std::move(steps)) {
  for (const Step& step : steps_) {
    Meters& meters = meters_.emplace_back();
    for (std::size_t s = 0; s < meters.seconds.size(); ++s) {
      const auto stage = static_cast<Stage>(s);
      if (!step.factory->answers(stage)) continue;
      const std::string stage_text(stage_name(stage));
      meters.seconds[s] =
          &duration_metric("postern_filter_seconds", "Time that filters took to answer.",
                           {{"filter", step.name}, {"stage", stage_text}});
      for (std::size_t v = 0; v < meters.verdicts[s].size(); ++v) {
        meters.verdicts[s][v] =
            &counter("postern_filter_verdicts_total", "Answers of filters by stage and verdict.",
                     {{"filter", step.name},
                      {"stage", stage_text},
                      {"verdict", std::string(verdict_name(static_cast<Verdict>(v)))}});
      }
    }
  }
}

ChainRun::ChainRun(std::shared_ptr<const Chain> chain, Loop& loop, Resolver& dns,
                   const Clock& clock)
    : chain_(std::move(chain)),
      loop_(loop),
      dns_(dns),
      clock_(clock),
      filters_(chain_->steps().size()) {}

Task<Opinion> ChainRun::ask(Stage stage, Evidence& evidence, const RecipientFacts* recipient,
                            const Message* message) {
  Opinion total;
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    if (!chain_->steps()[i].factory->answers(stage)) continue;
    Opinion opinion = co_await guarded(i, stage, evidence, recipient, message);
    for (const auto& finding : opinion.findings) {
      evidence.findings.push_back({chain_->steps()[i].name, finding});
    }
    const Verdict verdict = opinion.verdict;
    merge(total, std::move(opinion));
    if (verdict == Verdict::accept || verdict >= Verdict::defer) break;
  }
  co_return total;
}

Task<Opinion> ChainRun::guarded(std::size_t index, Stage stage, Evidence& evidence,
                                const RecipientFacts* recipient, const Message* message) {
  const Step& step = chain_->steps()[index];
  if (!filters_[index]) filters_[index] = step.factory->make();
  const SteadyTime start = loop_.now();
  const Context context{evidence, loop_, dns_, clock_, start + step.guard.deadline};

  Answer answer = Opinion{};
  try {
    answer = co_await question(*filters_[index], stage, context, recipient, message);
  } catch (const std::exception& exception) {
    answer = fail(std::errc::state_not_recoverable, std::string("exception: ") + exception.what());
  }
  const Chain::Meters& meters = chain_->meters(index);
  const auto at = static_cast<std::size_t>(stage);
  meters.seconds[at]->observe(std::chrono::duration<double>(loop_.now() - start).count());

  if (!answer) {
    const bool defer = step.guard.on_failure == "defer";
    failure_counter(step.name, failure_kind(answer.error())).add();
    log(filter_failed, {{"session", evidence.connection.session},
                        {"queue", evidence.id.text()},
                        {"filter", step.name},
                        {"stage", stage_name(stage)},
                        {"error", answer.error().what},
                        {"on_failure", step.guard.on_failure}});
    if (!defer || step.guard.observe) co_return Opinion{};
    co_return refuse(
        Verdict::defer,
        reply(451, {4, 3, 0}, "Temporary failure in mail inspection, please try again later"),
        step.name + " failed: " + answer.error().what);
  }
  meters.verdicts[at][static_cast<std::size_t>(answer->verdict)]->add();
  if (!answer->reason.empty()) answer->reason = step.name + ": " + answer->reason;
  if (step.guard.observe && (answer->verdict != Verdict::pass || !answer->changes.empty())) {
    log(filter_observed, {{"session", evidence.connection.session},
                          {"queue", evidence.id.text()},
                          {"filter", step.name},
                          {"stage", stage_name(stage)},
                          {"verdict", verdict_name(answer->verdict)},
                          {"reason", answer->reason}});
    Opinion seen;
    seen.findings = std::move(answer->findings);
    co_return seen;
  }
  if (answer->lesson && step.take_lesson && !step.guard.observe)
    step.take_lesson(std::move(answer->lesson));
  co_return std::move(*answer);
}

Task<Answer> ChainRun::question(Filter& filter, Stage stage, Context context,
                                const RecipientFacts* recipient, const Message* message) {
  switch (stage) {
    case Stage::connect:
      return filter.on_connect(context);
    case Stage::helo:
      return filter.on_helo(context);
    case Stage::mail:
      return filter.on_mail(context);
    case Stage::rcpt:
      return filter.on_rcpt(context, *recipient);
    case Stage::message:
      return filter.on_message(context, *message);
  }
  return filter.on_connect(context);
}

}  // namespace postern
