#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <thread>

#include "gateway/base/metrics.h"

using namespace postern;

namespace {
bool rendered(const std::string& line) {
  return ("\n" + render_metrics()).find("\n" + line + "\n") != std::string::npos;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(a_counter_is_rendered_with_help_type_and_value) {
  counter("test_accepted_total", "Messages accepted.").add(41);
  counter("test_accepted_total", "Messages accepted.").add();

  BOOST_TEST(
      rendered("# HELP test_accepted_total Messages accepted.\n"
               "# TYPE test_accepted_total counter\n"
               "test_accepted_total 42"));
}

BOOST_AUTO_TEST_CASE(the_same_name_and_labels_in_any_order_give_the_same_object) {
  auto& one = counter("test_same_total", "h", {{"stage", "rcpt"}, {"filter", "spf"}});
  auto& two = counter("test_same_total", "h", {{"filter", "spf"}, {"stage", "rcpt"}});
  auto& other = counter("test_same_total", "h", {{"filter", "spf"}, {"stage", "mail"}});

  BOOST_TEST(&one == &two);
  BOOST_TEST(&one != &other);
}

BOOST_AUTO_TEST_CASE(objects_stay_where_they_are_when_others_are_declared) {
  auto& first = counter("test_still_total", "h", {{"n", "0"}});
  for (int i = 1; i < 1000; ++i) counter("test_still_total", "h", {{"n", std::to_string(i)}});
  first.add(7);

  BOOST_TEST(&counter("test_still_total", "h", {{"n", "0"}}) == &first);
  BOOST_TEST(rendered("test_still_total{n=\"0\"} 7"));
}

BOOST_AUTO_TEST_CASE(a_gauge_can_fall_below_zero) {
  auto& level = gauge("test_level", "Where it stands.");
  level.set(5);
  level.add(-8);

  BOOST_TEST(rendered("# TYPE test_level gauge\ntest_level -3"));
}

BOOST_AUTO_TEST_CASE(a_duration_is_rendered_as_count_and_sum_in_seconds) {
  auto& delay = duration_metric("test_delay_seconds", "Time to deliver.", {{"relay", "lmtp"}});
  delay.observe(0.25);
  delay.observe(1.5);

  BOOST_TEST(
      rendered("# TYPE test_delay_seconds summary\n"
               "test_delay_seconds_count{relay=\"lmtp\"} 2\n"
               "test_delay_seconds_sum{relay=\"lmtp\"} 1.75"));
}

BOOST_AUTO_TEST_CASE(a_label_value_cannot_forge_a_line) {
  counter("test_forged_total", "h", {{"name", "a\"\nb\\"}}).add();

  BOOST_TEST(rendered("test_forged_total{name=\"a\\\"\\nb\\\\\"} 1"));
}

BOOST_AUTO_TEST_CASE(one_name_cannot_be_two_kinds_of_metric) {
  counter("test_kind_total", "h");

  BOOST_CHECK_THROW(gauge("test_kind_total", "h", {{"a", "b"}}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(no_addition_is_lost_between_threads) {
  constexpr int additions = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      auto& shared = counter("test_threads_total", "h");
      for (int n = 0; n < additions; ++n) shared.add();
      render_metrics();
    });
  }
  for (auto& thread : threads) thread.join();

  BOOST_TEST(counter("test_threads_total", "h").value() == 4U * additions);
}

BOOST_AUTO_TEST_SUITE_END()
