#define BOOST_TEST_DYN_LINK
#include "policies/storm.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace postern;
using std::chrono::hours;

BOOST_AUTO_TEST_SUITE(storm)

BOOST_AUTO_TEST_CASE(brute_does_all_that_gentle_does_and_more_of_it) {
  const StormMeasures& gentle = measures_of(StormPreset::gentle);
  const StormMeasures& brute = measures_of(StormPreset::brute);

  for (const StormStep step : steps_of(StormPreset::gentle))
    BOOST_TEST(has_step(StormPreset::brute, step));
  BOOST_TEST(steps_of(StormPreset::brute).size() == 5U);
  BOOST_TEST(brute.park_attempts < gentle.park_attempts);
  BOOST_TEST((brute.maximal_queue_lifetime < gentle.maximal_queue_lifetime));
  BOOST_TEST((brute.bounce_queue_lifetime < gentle.bounce_queue_lifetime));
  BOOST_TEST(brute.inside_factor < gentle.inside_factor);
}

BOOST_AUTO_TEST_CASE(gentle_does_nothing_that_cannot_be_undone_and_leaves_strangers_alone) {
  BOOST_TEST(!has_step(StormPreset::gentle, StormStep::bounces));
  BOOST_TEST(!has_step(StormPreset::gentle, StormStep::clients));
}

BOOST_AUTO_TEST_CASE(parking_comes_first_so_that_it_is_undone_last) {
  for (const StormPreset preset : {StormPreset::gentle, StormPreset::brute})
    BOOST_TEST((steps_of(preset).front() == StormStep::park));
}

BOOST_AUTO_TEST_CASE(lifetimes_get_shorter_and_never_longer) {
  RetrySettings configured;
  configured.maximal_queue_lifetime = hours(5 * 24);
  configured.bounce_queue_lifetime = hours(2);

  const RetrySettings storm = shortened(configured, measures_of(StormPreset::gentle));

  BOOST_TEST((storm.maximal_queue_lifetime == hours(48)));
  BOOST_TEST((storm.bounce_queue_lifetime == hours(2)));
  BOOST_TEST((storm.minimal_backoff_time == configured.minimal_backoff_time));
}

BOOST_AUTO_TEST_CASE(
    client_limits_get_stricter_where_there_was_none_and_where_there_was_a_wider_one) {
  RateSettings configured;
  configured.smtpd_client_connection_count_limit = 5;
  configured.smtpd_client_connection_rate_limit = 0;
  configured.smtpd_client_message_rate_limit = 1000;

  const RateSettings storm = tightened(configured, measures_of(StormPreset::brute));

  BOOST_TEST(storm.smtpd_client_connection_count_limit == 5);
  BOOST_TEST(storm.smtpd_client_connection_rate_limit == 60);
  BOOST_TEST(storm.smtpd_client_message_rate_limit == 60);
  BOOST_TEST(storm.smtpd_client_recipient_rate_limit == 0);
}

BOOST_AUTO_TEST_CASE(client_limits_are_converted_to_the_configured_time_unit) {
  RateSettings configured;
  configured.anvil_rate_time_unit = hours(1);

  const RateSettings storm = tightened(configured, measures_of(StormPreset::brute));

  BOOST_TEST(storm.smtpd_client_message_rate_limit == 3600);
}

BOOST_AUTO_TEST_CASE(names_lead_back_to_what_they_name_and_others_to_nothing) {
  for (const StormPreset preset : {StormPreset::gentle, StormPreset::brute}) {
    BOOST_TEST((preset_named(name_of(preset)) == preset));
    for (const StormStep step : steps_of(preset)) {
      BOOST_TEST((step_named(name_of(step)) == step));
      BOOST_TEST(!explain(step, measures_of(preset)).empty());
    }
  }
  BOOST_TEST(!preset_named("Gentle"));
  BOOST_TEST(!step_named(""));
}

BOOST_AUTO_TEST_SUITE_END()
