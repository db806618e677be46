#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/scheduler/settings.h"
#include "gateway/scheduler/site_names.h"
#include "gateway/scheduler/suspensions.h"

using namespace postern;

namespace {
const SteadyTime steady = SteadyTime{} + std::chrono::hours(1);
const WallTime wall = WallTime{} + std::chrono::days(20000);
}  // namespace

BOOST_AUTO_TEST_SUITE(site_names)

BOOST_AUTO_TEST_CASE(domains_with_the_same_mail_hosts_in_any_order_are_one_site) {
  SiteNames sites;
  sites.learn("one.example", {"b.mx.example", "a.mx.example"}, steady);
  sites.learn("two.example", {"a.mx.example", "b.mx.example", "a.mx.example"}, steady);
  sites.learn("other.example", {"a.mx.example"}, steady);

  BOOST_TEST(sites.find("one.example")->key == "mx:a.mx.example,b.mx.example");
  BOOST_TEST(sites.find("one.example")->key == sites.find("two.example")->key);
  BOOST_TEST(sites.find("one.example")->key != sites.find("other.example")->key);
}

BOOST_AUTO_TEST_CASE(a_domain_without_mail_hosts_stands_for_itself) {
  SiteNames sites;
  sites.learn("alone.example", {}, steady);

  BOOST_TEST(sites.find("alone.example")->key.empty());
  BOOST_TEST(!sites.find("unknown.example"));
}

BOOST_AUTO_TEST_CASE(what_strangers_name_does_not_fill_memory) {
  SiteNames sites;
  for (int i = 0; i < 200'000; ++i)
    sites.learn("d" + std::to_string(i) + ".example", {"mx"}, steady);

  BOOST_TEST(sites.size() <= 65536U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(suspensions)

BOOST_AUTO_TEST_CASE(a_suspension_holds_for_its_domain_or_next_hop_until_it_is_over) {
  Suspensions suspensions;
  suspensions.add({Suspension::Of::destination, "*.example.org", wall + seconds(60), "repair"});

  BOOST_REQUIRE(suspensions.of_destination("a.Example.org", "smtp:x", wall));
  BOOST_TEST(suspensions.of_destination("a.example.org", "smtp:x", wall)->reason == "repair");
  BOOST_TEST(suspensions.of_destination("x", "lmtp:store.example.org", wall));
  BOOST_TEST(!suspensions.of_destination("example.com", "smtp:x", wall));
  BOOST_TEST(!suspensions.of_destination("a.example.org", "smtp:x", wall + seconds(60)));
  BOOST_TEST(!suspensions.of_sender("a@a.example.org", wall));
}

BOOST_AUTO_TEST_CASE(the_null_sender_is_named_by_angle_brackets_and_by_nothing_narrower) {
  Suspensions suspensions;
  suspensions.add({Suspension::Of::sender, "<>", wall + seconds(60), "bounces"});

  BOOST_TEST(suspensions.of_sender("", wall));
  BOOST_TEST(!suspensions.of_sender("a@b", wall));
}

BOOST_AUTO_TEST_CASE(a_second_one_of_the_same_pattern_takes_the_place_of_the_first) {
  Suspensions suspensions;
  suspensions.add({Suspension::Of::sender, "a@b", wall + seconds(60), "first"});
  suspensions.add({Suspension::Of::sender, "a@b", wall + seconds(90), "second"});

  BOOST_TEST(suspensions.all().size() == 1U);
  BOOST_TEST(suspensions.of_sender("a@b", wall + seconds(70))->reason == "second");
  BOOST_TEST(suspensions.remove(Suspension::Of::sender, "a@b"));
  BOOST_TEST(!suspensions.remove(Suspension::Of::sender, "a@b"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(the_narrower_limit_holds) {
  SchedulerSettings settings;
  settings.lmtp.concurrency_limit = 7;
  settings.destinations.push_back({{"*.big.example"}, {}});
  settings.destinations.back().limits.concurrency_limit = 3;
  settings.destinations.back().limits.rate_delay = milliseconds(20);

  BOOST_TEST(settings.limits_for(Route::Transport::smtp, {"x"}).concurrency_limit == 20);
  BOOST_TEST(settings.limits_for(Route::Transport::lmtp, {"x"}).concurrency_limit == 7);
  const auto named = settings.limits_for(Route::Transport::smtp, {"x.example", "mx1.BIG.example"});
  BOOST_TEST(named.concurrency_limit == 3);
  BOOST_TEST(named.initial_concurrency == 3);
  BOOST_TEST((named.rate_delay == milliseconds(20)));
}

BOOST_AUTO_TEST_CASE(feedback_is_read_as_postfix_writes_it) {
  BOOST_TEST(Feedback::parse("1")->at(10) == 1.0);
  BOOST_TEST(Feedback::parse("1/concurrency")->at(10) == 0.1);
  BOOST_TEST(Feedback::parse("0.5/sqrt_concurrency")->at(4) == 0.25);
  for (const char* wrong : {"", "0", "2", "-1", "1/", "1/window", "one"})
    BOOST_TEST(!Feedback::parse(wrong), wrong);
}

BOOST_AUTO_TEST_SUITE_END()
