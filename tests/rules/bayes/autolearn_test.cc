// autolearn_test.cc — what is learnt without being asked for.
#include "rules/bayes/autolearn.h"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace postern {
namespace {

using Place = AutolearnHit::Place;

AutolearnHit hit(double score, Place place) {
  AutolearnHit made;
  made.score = score;
  made.place = place;
  return made;
}

Autolearn decide(const std::vector<AutolearnHit>& hits, bool is_spam,
                 const BayesSettings& settings = {}) {
  return autolearn({.hits = hits, .is_spam = is_spam}, settings).what;
}

using enum Autolearn;

BOOST_AUTO_TEST_SUITE(bayes_autolearn)

BOOST_AUTO_TEST_CASE(a_message_without_points_is_learnt_as_ham) {
  BOOST_TEST((decide({}, false) == ham));
}

BOOST_AUTO_TEST_CASE(spam_needs_three_points_of_the_header_and_of_the_body) {
  BOOST_TEST((decide({hit(9, Place::header), hit(3, Place::body)}, true) == spam));
  BOOST_TEST((decide({hit(9.1, Place::header), hit(2.9, Place::body)}, true) == no));
  BOOST_TEST((decide({hit(2.9, Place::header), hit(9.1, Place::body)}, true) == no));
}

BOOST_AUTO_TEST_CASE(a_rule_that_forces_makes_the_parts_unimportant) {
  auto forcing = hit(12, Place::other);
  forcing.name = "SURE_SIGN";
  BOOST_TEST((decide({forcing}, true) == no));
  forcing.force = true;
  const std::vector<AutolearnHit> hits{forcing};
  const auto decision = autolearn({.hits = hits, .is_spam = true}, {});
  BOOST_TEST((decision.what == spam));
  BOOST_TEST(decision.forced_by == "SURE_SIGN");
}

BOOST_AUTO_TEST_CASE(a_metas_points_are_parted_by_what_it_depends_on) {
  auto meta = hit(12, Place::meta);
  meta.header_dependencies = 3;
  meta.body_dependencies = 1;
  BOOST_TEST((decide({meta}, true) == spam));
  meta.header_dependencies = 9;
  BOOST_TEST((decide({meta}, true) == no));
}

BOOST_AUTO_TEST_CASE(tflags_move_points_to_the_header_or_the_body) {
  auto moved = hit(6, Place::meta);
  moved.counted_as = Place::body;
  BOOST_TEST((decide({hit(6, Place::header), moved}, true) == spam));
}

BOOST_AUTO_TEST_CASE(a_rule_that_scored_twice_counts_twice) {
  auto twice = hit(2, Place::body);
  twice.count = 2;
  BOOST_TEST((decide({hit(8, Place::header), twice}, true) == spam));
  twice.count = 1;
  BOOST_TEST((decide({hit(10, Place::header), twice}, true) == no));
}

BOOST_AUTO_TEST_CASE(bayes_does_not_count_but_may_object) {
  auto says_ham = hit(0, Place::body);
  says_ham.learner = true;
  says_ham.learner_score = -1.9;
  BOOST_TEST((decide({hit(6, Place::header), hit(6, Place::body), says_ham}, true) == no));
  auto says_spam = says_ham;
  says_spam.learner_score = 3.5;
  BOOST_TEST((decide({says_spam}, false) == no));
}

BOOST_AUTO_TEST_CASE(rules_that_are_not_counted_change_nothing) {
  auto welcome = hit(-100, Place::header);
  welcome.not_counted = true;
  BOOST_TEST((decide({hit(6, Place::header), hit(6, Place::body), welcome}, true) == spam));
}

BOOST_AUTO_TEST_CASE(what_the_whole_score_contradicts_is_not_learnt) {
  BOOST_TEST((decide({}, true) == no));
  BOOST_TEST((decide({hit(6, Place::header), hit(6, Place::body)}, false) == no));
}

BOOST_AUTO_TEST_CASE(between_the_thresholds_nothing_is_learnt) {
  BOOST_TEST((decide({hit(0.1, Place::body)}, false) == no));
  BOOST_TEST((decide({hit(0.099, Place::body)}, false) == ham));
}

BOOST_AUTO_TEST_CASE(on_error_only_what_bayes_did_not_know_is_learnt) {
  BayesSettings settings;
  settings.learn_on_error = true;
  const std::vector<AutolearnHit> none;
  BOOST_TEST((autolearn({.hits = none, .bayes_00 = true}, settings).what == no));
  BOOST_TEST((autolearn({.hits = none, .bayes_99 = true}, settings).what == ham));
}

BOOST_AUTO_TEST_CASE(switched_off_nothing_is_learnt) {
  BayesSettings settings;
  settings.auto_learn = false;
  BOOST_TEST((decide({}, false, settings) == disabled));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
