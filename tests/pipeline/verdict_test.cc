#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/pipeline/verdict.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(verdict)

BOOST_AUTO_TEST_CASE(the_stricter_opinion_wins_whatever_the_order) {
  const Opinion soft = refuse(Verdict::defer, reply(451, {4, 7, 1}, "later"), "soft");
  const Opinion hard = refuse(Verdict::reject, reply(554, {5, 7, 1}, "never"), "hard");

  Opinion one = soft;
  merge(one, Opinion(hard));
  Opinion other = hard;
  merge(other, Opinion(soft));

  BOOST_TEST(one.reply.code == 554);
  BOOST_TEST(other.reply.code == 554);
  BOOST_TEST(one.reason == "hard");
  BOOST_TEST(other.reason == "hard");
}

BOOST_AUTO_TEST_CASE(findings_changes_and_scores_add_up) {
  Opinion total;
  Opinion first;
  first.findings.push_back({"A", 1, ""});
  first.score = 1.5;
  first.required = 5;
  Opinion second;
  second.changes.push_back({Change::Kind::add_field, "X", "y"});
  second.score = 2;

  merge(total, std::move(first));
  merge(total, std::move(second));

  BOOST_TEST(total.findings.size() == 1U);
  BOOST_TEST(total.changes.size() == 1U);
  BOOST_TEST(*total.score == 3.5);
  BOOST_TEST(*total.required == 5);
}

BOOST_AUTO_TEST_SUITE_END()
