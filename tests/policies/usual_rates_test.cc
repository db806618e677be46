#define BOOST_TEST_DYN_LINK
#include "policies/usual_rates.h"

#include <boost/test/unit_test.hpp>

using namespace postern;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const SteadyTime start = SteadyTime() + hours(1000);

/// `rate` messages in each of the minutes from `from` to `to`.
void send(UsualRates& rates, std::string_view client, int rate, SteadyTime from, SteadyTime to) {
  for (SteadyTime now = from; now < to; now += minutes(1)) {
    for (int i = 0; i < rate; ++i) rates.arrived(client, now);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(usual_rates)

BOOST_AUTO_TEST_CASE(a_quiet_client_that_suddenly_floods_is_over) {
  UsualRates rates;
  send(rates, "192.0.2.7", 3, start, start + hours(24));
  const SteadyTime now = start + hours(24);
  BOOST_TEST(!rates.judge("192.0.2.7", 4, now).over);

  for (int i = 0; i < 80; ++i) {
    BOOST_TEST(!rates.judge("192.0.2.7", 4, now).over);
    rates.arrived("192.0.2.7", now);
  }

  const auto judgement = rates.judge("192.0.2.7", 4, now);
  BOOST_TEST(judgement.over);
  BOOST_TEST(judgement.news);
  BOOST_TEST(judgement.count == 80U);
  BOOST_TEST(!rates.judge("192.0.2.7", 4, now).news);
  BOOST_TEST(!rates.judge("192.0.2.7", 4, now + minutes(1)).over);
}

BOOST_AUTO_TEST_CASE(a_host_that_always_sends_much_may_go_on) {
  UsualRates rates;
  send(rates, "192.0.2.8", 600, start, start + hours(48));

  send(rates, "192.0.2.8", 900, start + hours(48), start + hours(48) + minutes(1));

  const auto judgement = rates.judge("192.0.2.8", 4, start + hours(48));
  BOOST_TEST(!judgement.over);
  BOOST_TEST(judgement.usual > 500);
}

BOOST_AUTO_TEST_CASE(a_flood_of_hours_does_not_become_usual) {
  UsualRates rates;
  send(rates, "192.0.2.7", 10, start, start + hours(24));

  send(rates, "192.0.2.7", 2000, start + hours(24), start + hours(27));

  BOOST_TEST(rates.judge("192.0.2.7", 10, start + hours(27) - minutes(1)).over);
}

BOOST_AUTO_TEST_CASE(silence_is_forgotten_minute_by_minute_also_unseen) {
  UsualRates rates;
  send(rates, "192.0.2.8", 600, start, start + hours(48));
  const double before = rates.judge("192.0.2.8", 4, start + hours(48)).usual;

  const double after = rates.judge("192.0.2.8", 4, start + hours(60)).usual;

  BOOST_TEST(after == before / 2.718, boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(an_unknown_client_is_measured_by_the_least) {
  UsualRates rates;
  BOOST_TEST(!rates.judge("203.0.113.1", 4, start).over);
  for (int i = 0; i < 79; ++i) rates.arrived("203.0.113.1", start);
  BOOST_TEST(!rates.judge("203.0.113.1", 4, start).over);
  rates.arrived("203.0.113.1", start);
  BOOST_TEST(rates.judge("203.0.113.1", 4, start).over);
}

BOOST_AUTO_TEST_CASE(a_flood_of_new_clients_does_not_push_out_one_that_sends_regularly) {
  UsualRates rates(64);
  send(rates, "192.0.2.8", 100, start, start + hours(24));
  const double before = rates.judge("192.0.2.8", 4, start + hours(24)).usual;

  for (int i = 0; i < 100000; ++i) rates.arrived("stranger" + std::to_string(i), start + hours(24));

  BOOST_TEST(rates.judge("192.0.2.8", 4, start + hours(24)).usual == before);
}

BOOST_AUTO_TEST_CASE(what_was_usual_can_be_carried_over_a_restart) {
  UsualRates before;
  send(before, "192.0.2.8", 600, start, start + hours(48));
  send(before, "192.0.2.9", 1, start, start + hours(48));
  UsualRates after;

  const auto busiest = before.busiest(10, start + hours(48));
  for (const auto& known : busiest) after.learn(known, start);

  BOOST_REQUIRE(busiest.size() == 1U);
  BOOST_TEST(busiest[0].client == "192.0.2.8");
  BOOST_TEST(after.judge("192.0.2.8", 4, start).usual ==
             before.judge("192.0.2.8", 4, start + hours(48)).usual);
}

BOOST_AUTO_TEST_SUITE_END()
