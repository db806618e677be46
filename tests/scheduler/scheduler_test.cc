#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/scheduler/scheduler.h"

using namespace postern;

namespace {

const SteadyTime now = SteadyTime{} + std::chrono::hours(1);

struct Fixture {
  SchedulerSettings settings;
  std::uint64_t last_id = 0;

  std::shared_ptr<const Envelope> message(std::vector<std::string> recipients) {
    auto envelope = std::make_shared<Envelope>();
    envelope->id = {++last_id};
    for (auto& address : recipients) {
      QueuedRecipient recipient;
      recipient.address = std::move(address);
      envelope->recipients.push_back(std::move(recipient));
    }
    return envelope;
  }
  static Content content() { return std::make_shared<const std::string>("x\r\n"); }

  /// The domain is the next hop; "broken" cannot be routed.
  static Result<Route> by_domain(const QueuedRecipient& recipient) {
    const std::string domain(recipient.address.substr(recipient.address.find('@') + 1));
    if (domain == "broken") return fail(std::errc::io_error, "map fails");
    Route route;
    route.host = domain;
    return route;
  }
  static std::vector<RecipientResult> all(const Work& work, Reply answer) {
    std::vector<RecipientResult> results;
    for (const auto i : work.recipients) results.push_back({i, answer, "host"});
    return results;
  }
  const Reply ok = reply(250, {2, 0, 0}, "ok");
  const Reply refused = reply(451, {4, 4, 1}, "connection refused");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(scheduler, Fixture)

BOOST_AUTO_TEST_CASE(recipients_of_one_destination_travel_together) {
  Scheduler scheduler(settings);
  scheduler.activate(message({"a@x", "b@y", "c@x"}), content(), by_domain, now);

  std::size_t works = 0, recipients = 0;
  while (auto work = scheduler.next(now)) {
    ++works;
    recipients += work->recipients.size();
  }

  BOOST_TEST(works == 2U);
  BOOST_TEST(recipients == 3U);
}

BOOST_AUTO_TEST_CASE(each_maildir_gets_its_own_copy_though_they_are_one_destination) {
  Scheduler scheduler(settings);
  const auto maildir = [](const QueuedRecipient& recipient) -> Result<Route> {
    Route route;
    route.transport = Route::Transport::maildir;
    route.path = "/store/" + recipient.address;
    return route;
  };
  scheduler.activate(message({"a@x", "b@x"}), content(), maildir, now);
  const auto first = scheduler.next(now);
  const auto second = scheduler.next(now);

  BOOST_REQUIRE(first && second);
  BOOST_TEST(first->route.path != second->route.path);
  BOOST_TEST(first->destination == second->destination);
}

BOOST_AUTO_TEST_CASE(a_message_is_over_when_its_last_delivery_is_and_not_before) {
  Scheduler scheduler(settings);
  scheduler.activate(message({"a@x", "b@y"}), content(), by_domain, now);
  auto first = scheduler.next(now);
  auto second = scheduler.next(now);

  auto results = all(*first, ok);
  BOOST_TEST(scheduler.finished(std::move(*first), std::move(results), true, now, now).empty());
  BOOST_TEST(scheduler.active() == 1U);
  results = all(*second, ok);
  const auto over = scheduler.finished(std::move(*second), std::move(results), true, now, now);

  BOOST_TEST(over.size() == 1U);
  BOOST_TEST(over.front()->results.size() == 2U);
  BOOST_TEST(scheduler.active() == 0U);
}

BOOST_AUTO_TEST_CASE(a_recipient_that_cannot_be_routed_is_deferred_and_the_others_go) {
  Scheduler scheduler(settings);
  const auto none = scheduler.activate(message({"a@broken", "b@x"}), content(), by_domain, now);
  BOOST_TEST(!none);
  auto work = scheduler.next(now);
  auto results = all(*work, ok);
  const auto over = scheduler.finished(std::move(*work), std::move(results), true, now, now);

  BOOST_TEST(over.size() == 1U);
  BOOST_TEST(over.front()->results.size() == 2U);

  const auto alone = scheduler.activate(message({"a@broken"}), content(), by_domain, now);
  BOOST_REQUIRE(alone);
  BOOST_TEST(alone->results.front().reply.temporary());
}

BOOST_AUTO_TEST_CASE(destinations_take_turns) {
  settings.initial_destination_concurrency = 1;
  Scheduler scheduler(settings);
  for (int i = 0; i < 3; ++i) scheduler.activate(message({"a@big"}), content(), by_domain, now);
  scheduler.activate(message({"a@small"}), content(), by_domain, now);

  const auto first = scheduler.next(now);
  const auto second = scheduler.next(now);

  BOOST_TEST(first->route.host == "big");
  BOOST_TEST(second->route.host == "small");
  BOOST_TEST(!scheduler.next(now));  // one delivery at a time each
}

BOOST_AUTO_TEST_CASE(a_dead_destination_defers_all_that_waits_for_it_and_lets_others_be_f84) {
  settings.initial_destination_concurrency = 1;
  Scheduler scheduler(settings);
  for (int i = 0; i < 10; ++i) scheduler.activate(message({"a@dead"}), content(), by_domain, now);
  scheduler.activate(message({"a@live"}), content(), by_domain, now);

  auto work = scheduler.next(now);
  BOOST_REQUIRE(work->route.host == "dead");
  auto results = all(*work, refused);
  const auto over =
      scheduler.finished(std::move(*work), std::move(results), false, now, now + seconds(300));

  BOOST_TEST(over.size() == 10U);
  for (const auto& message : over) BOOST_TEST(message->results.front().reply.temporary());
  BOOST_TEST(scheduler.next(now)->route.host == "live");

  const auto suspended = scheduler.activate(message({"b@dead"}), content(), by_domain, now);
  BOOST_REQUIRE(suspended);
  BOOST_TEST(suspended->results.front().reply.text.find("suspended") != std::string::npos);
  BOOST_TEST(!scheduler.activate(message({"c@dead"}), content(), by_domain, now + seconds(301)));
}

BOOST_AUTO_TEST_CASE(retries_leave_room_for_fresh_mail) {
  settings.qmgr_message_active_limit = 10;
  Scheduler scheduler(settings);
  for (int i = 0; i < 8; ++i) scheduler.activate(message({"a@x"}), content(), by_domain, now);

  BOOST_TEST(!scheduler.has_room(false));
  BOOST_TEST(scheduler.has_room(true));
}

BOOST_AUTO_TEST_CASE(deferred_mail_comes_back_in_the_order_of_its_time_and_not_before) {
  Scheduler scheduler(settings);
  scheduler.defer({2}, now + seconds(20));
  scheduler.defer({1}, now + seconds(10));

  BOOST_TEST(!scheduler.take_due(now));
  BOOST_TEST((scheduler.take_due(now + seconds(15)) == MessageId{1}));
  BOOST_TEST(!scheduler.take_due(now + seconds(15)));
  const auto rest = scheduler.take_all_deferred();
  BOOST_REQUIRE(rest.size() == 1U);
  BOOST_TEST((rest.front() == MessageId{2}));
  BOOST_TEST(scheduler.deferred() == 0U);
}

BOOST_AUTO_TEST_CASE(many_recipients_are_sent_in_pieces) {
  settings.default_destination_recipient_limit = 2;
  Scheduler scheduler(settings);
  scheduler.activate(message({"a@x", "b@x", "c@x", "d@x", "e@x"}), content(), by_domain, now);

  std::vector<std::size_t> sizes;
  while (auto work = scheduler.next(now)) sizes.push_back(work->recipients.size());

  BOOST_TEST(sizes.size() == 3U);
  BOOST_TEST(sizes.back() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
