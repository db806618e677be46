#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <stdexcept>

#include "gateway/pipeline/chain.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/run_task.h"

using namespace postern;

namespace {

using Behaviour = std::function<Answer()>;

class Scripted final : public Filter {
 public:
  Scripted(Behaviour behaviour, int& asked) : behaviour_(std::move(behaviour)), asked_(asked) {}
  Task<Answer> on_mail(Context) override {
    ++asked_;
    co_return behaviour_();
  }

 private:
  Behaviour behaviour_;
  int& asked_;
};

class ScriptedFactory final : public FilterFactory {
 public:
  explicit ScriptedFactory(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}
  std::unique_ptr<Filter> make() const override {
    return std::make_unique<Scripted>(behaviour_, asked);
  }
  bool answers(Stage stage) const override { return stage == Stage::mail; }
  mutable int asked = 0;

 private:
  Behaviour behaviour_;
};

struct Fixture {
  Loop loop;
  test::FakeResolver dns;
  SystemClock clock;
  Evidence evidence;
  std::vector<Step> steps;

  std::shared_ptr<ScriptedFactory> add(std::string name, Behaviour behaviour,
                                       GuardSettings guard = {}) {
    auto factory = std::make_shared<ScriptedFactory>(std::move(behaviour));
    steps.push_back({std::move(name), factory, guard});
    return factory;
  }
  Opinion ask(Stage stage = Stage::mail) {
    ChainRun run(std::make_shared<const Chain>(steps), loop, dns, clock);
    return test::run_task(loop, run.ask(stage, evidence));
  }
};

Answer pass_on() { return Opinion{}; }
Answer teach() {
  Opinion out;
  out.lesson = std::make_shared<const AutoLesson>(AutoLesson{true, {}});
  return out;
}
Answer reject() { return refuse(Verdict::reject, reply(554, {5, 7, 1}, "no"), "listed"); }
Answer accept_rest() {
  Opinion out;
  out.verdict = Verdict::accept;
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(chain, Fixture)

BOOST_AUTO_TEST_CASE(a_refusal_names_its_filter_and_ends_the_stage) {
  add("first", reject);
  const auto later = add("second", pass_on);

  const Opinion opinion = ask();

  BOOST_TEST((opinion.verdict == Verdict::reject));
  BOOST_TEST(opinion.reason == "first: listed");
  BOOST_TEST(later->asked == 0);
}

BOOST_AUTO_TEST_CASE(accept_skips_the_rest_of_the_stage) {
  add("first", accept_rest);
  const auto later = add("second", reject);

  const Opinion opinion = ask();

  BOOST_TEST((opinion.verdict == Verdict::accept));
  BOOST_TEST(later->asked == 0);
}

BOOST_AUTO_TEST_CASE(a_filter_is_not_asked_at_a_stage_that_it_does_not_answer) {
  const auto only = add("only", reject);
  BOOST_TEST((ask(Stage::helo).verdict == Verdict::pass));
  BOOST_TEST(only->asked == 0);
}

BOOST_AUTO_TEST_CASE(a_failing_filter_passes_or_defers_as_configured_and_never_rejects) {
  const Behaviour fails = [] { return Answer(fail(std::errc::timed_out, "silent")); };
  GuardSettings defer;
  defer.on_failure = "defer";

  add("broken", fails);
  BOOST_TEST((ask().verdict == Verdict::pass));

  steps.clear();
  add("broken", fails, defer);
  const Opinion opinion = ask();
  BOOST_TEST((opinion.verdict == Verdict::defer));
  BOOST_TEST(opinion.reply.temporary());
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_filter_counts_as_its_failure_and_the_next_is_asked) {
  add("throws", []() -> Answer { throw std::runtime_error("bug"); });
  const auto next = add("next", pass_on);

  BOOST_TEST((ask().verdict == Verdict::pass));
  BOOST_TEST(next->asked == 1);
}

BOOST_AUTO_TEST_CASE(in_observe_mode_nothing_is_done_but_findings_are_kept) {
  GuardSettings observe;
  observe.observe = true;
  add(
      "trial",
      [] {
        Opinion opinion = *reject();
        opinion.findings.push_back({"RULE", 2, ""});
        opinion.changes.push_back({Change::Kind::add_field, "X-Trial", "1"});
        return Answer(opinion);
      },
      observe);

  const Opinion opinion = ask();

  BOOST_TEST((opinion.verdict == Verdict::pass));
  BOOST_TEST(opinion.changes.empty());
  BOOST_TEST(evidence.findings.size() == 1U);
  BOOST_TEST(evidence.findings.front().filter == "trial");
}

BOOST_AUTO_TEST_CASE(a_lesson_goes_to_who_keeps_it_and_not_from_a_filter_that_is_only_observed) {
  int taken = 0;
  add("learns", teach);
  add("observed", teach, {.observe = true});
  for (Step& step : steps) step.take_lesson = [&taken](auto lesson) { taken += lesson->spam; };

  const Opinion opinion = ask();

  BOOST_CHECK_EQUAL(taken, 1);
  BOOST_CHECK(!opinion.lesson);
}

BOOST_AUTO_TEST_SUITE_END()
