#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "filters/rate.h"
#include "tests/filters/filter_fixture.h"

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;

namespace {

struct RateFixture : FilterFixture {
  /// Another session of the same client.
  Answer connect_again() {
    filter = factory->make();
    return connect();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rate, RateFixture)

BOOST_AUTO_TEST_CASE(connections_over_the_rate_are_hung_up_on_and_later_ones_served) {
  configure(rate_filter,
            "smtpd_client_connection_rate_limit = 2\nsmtpd_client_connection_count_limit = 0");
  BOOST_TEST((connect_again()->verdict == Verdict::pass));
  BOOST_TEST((connect_again()->verdict == Verdict::pass));

  const auto third = connect_again();
  BOOST_TEST((third->verdict == Verdict::hang_up));
  BOOST_TEST(third->reply.line() ==
             "421 4.7.0 Error: too many connections from mail.example.org[192.0.2.1]");
  BOOST_TEST(third->reason == "smtpd_client_connection_rate_limit: more than 2 from 192.0.2.1");

  clock.now += 60s;
  BOOST_TEST((connect_again()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(connections_at_once_are_counted_until_their_sessions_end) {
  configure(rate_filter, "smtpd_client_connection_count_limit = 1");
  BOOST_TEST((connect()->verdict == Verdict::pass));
  auto first = std::move(filter);
  BOOST_TEST((connect_again()->verdict == Verdict::hang_up));

  first.reset();
  BOOST_TEST((connect_again()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_session_whose_client_is_told_anew_holds_one_place) {
  configure(rate_filter, "smtpd_client_connection_count_limit = 1");
  BOOST_TEST((connect()->verdict == Verdict::pass));
  BOOST_TEST((connect()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(another_client_is_not_touched) {
  configure(rate_filter, "smtpd_client_connection_rate_limit = 1");
  BOOST_TEST(connect_again().has_value());
  BOOST_TEST((connect_again()->verdict == Verdict::hang_up));
  evidence.connection.client.host = "192.0.2.2";
  BOOST_TEST((connect_again()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(clients_of_one_ipv6_network_count_as_one) {
  configure(rate_filter,
            "smtpd_client_connection_rate_limit = 1\nsmtpd_client_ipv6_prefix_length = 64");
  evidence.connection.client.host = "2001:db8::1";
  BOOST_TEST(connect_again().has_value());
  evidence.connection.client.host = "2001:db8::2";
  BOOST_TEST((connect_again()->verdict == Verdict::hang_up));
  evidence.connection.client.host = "2001:db8:1::1";
  BOOST_TEST((connect_again()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(messages_over_the_rate_are_deferred) {
  configure(rate_filter, "smtpd_client_message_rate_limit = 1");
  BOOST_TEST((mail()->verdict == Verdict::pass));
  const auto second = mail();
  BOOST_TEST((second->verdict == Verdict::defer));
  BOOST_TEST(second->reply.line() == "450 4.7.1 Error: too much mail from 192.0.2.1");
}

BOOST_AUTO_TEST_CASE(recipients_over_the_rate_are_deferred) {
  configure(rate_filter, "smtpd_client_recipient_rate_limit = 2");
  BOOST_TEST(rcpt("a@example.org").has_value());
  BOOST_TEST(rcpt("b@example.org").has_value());
  const auto third = rcpt("c@example.org");
  BOOST_TEST((third->verdict == Verdict::defer));
  BOOST_TEST(third->reply.code == 450);
}

BOOST_AUTO_TEST_CASE(trusted_clients_have_no_limits) {
  configure(rate_filter,
            "smtpd_client_connection_rate_limit = 1\nsmtpd_client_message_rate_limit = 1");
  evidence.connection.trusted = true;
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST((connect_again()->verdict == Verdict::pass));
    BOOST_TEST((mail()->verdict == Verdict::pass));
  }
}

BOOST_AUTO_TEST_CASE(exceptions_that_are_named_take_the_place_of_trust) {
  configure(rate_filter,
            "smtpd_client_connection_rate_limit = 1\n"
            "smtpd_client_event_limit_exceptions = ['198.51.100.0/24']");
  evidence.connection.trusted = true;
  BOOST_TEST(connect_again().has_value());
  BOOST_TEST((connect_again()->verdict == Verdict::hang_up));
  evidence.connection.client.host = "198.51.100.7";
  for (int i = 0; i < 5; ++i) BOOST_TEST((connect_again()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(only_stages_with_limits_are_worth_asking) {
  configure(rate_filter,
            "smtpd_client_connection_count_limit = 0\nsmtpd_client_message_rate_limit = 3");
  BOOST_TEST(!factory->answers(Stage::connect));
  BOOST_TEST(factory->answers(Stage::mail));
  BOOST_TEST(!factory->answers(Stage::rcpt));
}

BOOST_AUTO_TEST_CASE(a_network_with_bits_behind_its_length_is_a_problem) {
  configure(rate_filter, "smtpd_client_event_limit_exceptions = ['198.51.100.7/24']");
  BOOST_TEST(!factory);
  BOOST_TEST(problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(in_a_storm_strangers_have_the_stricter_of_both_limits) {
  configure(rate_filter, "smtpd_client_message_rate_limit = 5");
  const StormRates storm{&measures_of(StormPreset::brute), nullptr, nullptr};
  factory = rates_in_storm(factory.get(), storm);
  filter = factory->make();

  for (int i = 0; i < 5; ++i) BOOST_TEST((mail()->verdict == Verdict::pass));
  BOOST_TEST((mail()->verdict == Verdict::defer));
  for (int i = 0; i < 60; ++i) BOOST_TEST((connect_again()->verdict == Verdict::pass));
  BOOST_TEST((connect_again()->verdict == Verdict::hang_up));
}

BOOST_AUTO_TEST_CASE(in_a_storm_the_configured_exceptions_hold) {
  configure(rate_filter, "smtpd_client_event_limit_exceptions = ['192.0.2.0/24']");
  const StormRates storm{&measures_of(StormPreset::brute), nullptr, nullptr};
  factory = rates_in_storm(factory.get(), storm);

  for (int i = 0; i < 100; ++i) BOOST_TEST((connect_again()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(in_a_storm_a_trusted_client_above_its_usual_rate_is_deferred) {
  UsualRates usual;
  const StormRates storm{nullptr, &measures_of(StormPreset::brute), &usual};
  factory = rates_in_storm(nullptr, storm);
  filter = factory->make();
  BOOST_TEST(factory->answers(Stage::mail));
  for (int i = 0; i < 80; ++i) usual.arrived("192.0.2.1", clock.steady());
  BOOST_TEST((mail()->verdict == Verdict::pass));  // a stranger: not this step's

  evidence.connection.trusted = true;

  const auto over = mail();
  BOOST_TEST((over->verdict == Verdict::defer));
  BOOST_TEST(over->reply.line() == "450 4.7.1 Error: far more mail than usual from 192.0.2.1");
  clock.now += 60s;
  BOOST_TEST((mail()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(without_a_rate_filter_a_storm_brings_its_own_limits_and_no_others) {
  UsualRates usual;
  const StormRates inside_only{nullptr, &measures_of(StormPreset::gentle), &usual};
  factory = rates_in_storm(nullptr, inside_only);
  BOOST_TEST(!factory->answers(Stage::connect));

  const StormRates both{&measures_of(StormPreset::brute), &measures_of(StormPreset::brute), &usual};
  factory = rates_in_storm(nullptr, both);
  BOOST_TEST(factory->answers(Stage::connect));
}

BOOST_AUTO_TEST_SUITE_END()
