#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/scheduler/scheduler.h"

using namespace postern;

namespace {

const SteadyTime now = SteadyTime{} + std::chrono::hours(1000);

Place place(const std::string& domain) {
  Place out;
  out.key = domain;
  out.names = {domain};
  return out;
}

/// The domain is the next hop; "broken" cannot be routed.
Result<Scheduler::Destined> by_domain(const Envelope&, const QueuedRecipient& recipient) {
  const std::string domain(recipient.address.substr(recipient.address.find('@') + 1));
  if (domain == "broken") return fail(std::errc::io_error, "map fails");
  Route route;
  route.host = domain;
  return Scheduler::Destined{route, place(domain)};
}

struct Fixture {
  SchedulerSettings settings;
  RetrySettings retry;
  milliseconds delay_warning_time{0};
  std::uint64_t last_id = 0;
  std::optional<Scheduler> made;

  Scheduler& scheduler() {
    if (!made) {
      made.emplace(now);
      made->configure(settings, retry, delay_warning_time);
    }
    return *made;
  }
  std::shared_ptr<Envelope> message(std::vector<std::string> recipients) {
    auto envelope = std::make_shared<Envelope>();
    envelope->id = {++last_id};
    envelope->sender = "sender@example.org";
    envelope->client_address = "192.0.2.1";
    for (auto& address : recipients) {
      QueuedRecipient recipient;
      recipient.address = std::move(address);
      envelope->recipients.push_back(std::move(recipient));
    }
    return envelope;
  }
  static Queued queued(const Envelope& envelope, bool fresh = true) {
    return {envelope.id, now, fresh, false, false};
  }
  std::shared_ptr<ActiveMessage> activate(std::vector<std::string> recipients,
                                          SteadyTime at = now) {
    const auto envelope = message(std::move(recipients));
    return scheduler().activate(envelope, std::make_shared<const std::string>("x\r\n"),
                                queued(*envelope), by_domain, false, at);
  }
  /// On disk, behind its destination.
  MessageId waits(const std::string& domain, bool fresh, SteadyTime at = now) {
    const MessageId id{++last_id};
    scheduler().place({id, at, fresh, false, false}, place(domain), at);
    return id;
  }
  std::optional<Work> work(SteadyTime at = now) {
    auto next = scheduler().next(at);
    return next ? std::move(next->work) : std::nullopt;
  }
  std::optional<Scheduler::Fetch> fetch(SteadyTime at = now) {
    auto next = scheduler().next(at);
    return next ? next->fetch : std::nullopt;
  }
  std::vector<std::shared_ptr<ActiveMessage>> finish(Work work, const Reply& answer, bool reached,
                                                     SteadyTime at = now) {
    std::vector<RecipientResult> results;
    for (const auto i : work.recipients) results.push_back({i, answer, "host"});
    return scheduler().finished(std::move(work), std::move(results), reached, at, 0.5);
  }
  /// Fails connections until it is dead.
  void kill(const std::string& domain) {
    for (int i = 0; i < 20; ++i) activate({"kill@" + domain});
    while (auto next = scheduler().next(now)) {
      if (next->work) finish(std::move(*next->work), refused, false);
      if (next->fetch) scheduler().fetched(*next->fetch);
    }
  }

  const Reply ok = reply(250, {2, 0, 0}, "ok");
  const Reply refused = reply(451, {4, 4, 1}, "connection refused");
  const Reply later = reply(451, {4, 7, 1}, "try later");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(scheduler_, Fixture)

BOOST_AUTO_TEST_CASE(recipients_of_one_destination_travel_together) {
  activate({"a@x", "b@y", "c@x"});

  std::size_t works = 0, recipients = 0;
  while (auto next = work()) {
    ++works;
    recipients += next->recipients.size();
  }

  BOOST_TEST(works == 2U);
  BOOST_TEST(recipients == 3U);
}

BOOST_AUTO_TEST_CASE(each_maildir_gets_its_own_copy_though_they_are_one_destination) {
  const auto maildir = [](const Envelope&, const QueuedRecipient& recipient) {
    Route route;
    route.transport = Route::Transport::maildir;
    route.path = "/store/" + recipient.address;
    return Result<Scheduler::Destined>({route, place("maildir")});
  };
  const auto envelope = message({"a@x", "b@x"});
  scheduler().activate(envelope, nullptr, queued(*envelope), maildir, false, now);
  const auto first = work();
  const auto second = work();

  BOOST_REQUIRE(first && second);
  BOOST_TEST(first->route.path != second->route.path);
  BOOST_TEST(first->destination == second->destination);
}

BOOST_AUTO_TEST_CASE(a_message_is_over_when_its_last_delivery_is_and_not_before) {
  activate({"a@x", "b@y"});
  auto first = work();
  auto second = work();

  BOOST_TEST(finish(std::move(*first), ok, true).empty());
  BOOST_TEST(scheduler().active() == 1U);
  const auto over = finish(std::move(*second), ok, true);

  BOOST_TEST(over.size() == 1U);
  BOOST_TEST(over.front()->results.size() == 2U);
  BOOST_TEST(scheduler().active() == 0U);
}

BOOST_AUTO_TEST_CASE(a_recipient_that_cannot_be_routed_is_deferred_and_the_others_go) {
  BOOST_TEST(!activate({"a@broken", "b@x"}));
  const auto over = finish(*work(), ok, true);
  BOOST_TEST(over.size() == 1U);
  BOOST_TEST(over.front()->results.size() == 2U);

  const auto alone = activate({"a@broken"});
  BOOST_REQUIRE(alone);
  BOOST_TEST(alone->results.front().reply.temporary());
}

BOOST_AUTO_TEST_CASE(destinations_take_turns) {
  settings.default_limits.initial_concurrency = 1;
  for (int i = 0; i < 3; ++i) activate({"a@big"});
  activate({"a@small"});

  BOOST_TEST(work()->route.host == "big");
  BOOST_TEST(work()->route.host == "small");
  BOOST_TEST(!work());  // one delivery at a time each
}

BOOST_AUTO_TEST_CASE(f84_what_waits_for_a_dead_destination_goes_back_untouched_and_others_go_on) {
  settings.default_limits.initial_concurrency = 1;
  for (int i = 0; i < 10; ++i) activate({"a@dead"});
  activate({"a@live"});

  auto probe = work();
  BOOST_REQUIRE(probe->route.host == "dead");
  const auto over = finish(std::move(*probe), refused, false);

  BOOST_TEST(over.size() == 1U);  // the attempt that failed, and no other
  BOOST_TEST(scheduler().active() == 1U);
  BOOST_TEST(scheduler().backlog() == 9U);
  BOOST_TEST(work()->route.host == "live");
  BOOST_TEST(!scheduler().next(now));
}

BOOST_AUTO_TEST_CASE(f84_a_dead_destination_gets_one_probe_when_its_time_comes_and_no_more) {
  kill("dead");
  for (int i = 0; i < 5; ++i) waits("dead", false);
  const SteadyTime probe_time = scheduler().wake_at();

  BOOST_TEST((probe_time > now + milliseconds(240'000)));
  BOOST_TEST((probe_time < now + milliseconds(360'001)));
  BOOST_TEST(!scheduler().next(probe_time - milliseconds(1)));
  BOOST_TEST(fetch(probe_time).has_value());
  BOOST_TEST(!scheduler().next(probe_time));
}

BOOST_AUTO_TEST_CASE(each_probe_that_fails_waits_longer_for_the_next) {
  kill("dead");
  const SteadyTime first = scheduler().wake_at();
  const auto probe = fetch(first);
  BOOST_REQUIRE(probe);
  const auto envelope = message({"x@dead"});
  envelope->id = probe->message.id;
  scheduler().activate(envelope, nullptr, probe->message, by_domain, false, first);
  scheduler().fetched(*probe);
  finish(*work(first), refused, false, first);

  BOOST_TEST(
      (scheduler().where(waits("dead", true, first), first).next - first > (first - now) * 1.5));
}

BOOST_AUTO_TEST_CASE(fresh_mail_for_a_dead_destination_waits_without_an_attempt) {
  kill("dead");
  const auto envelope = message({"a@dead"});

  BOOST_TEST(!scheduler().admits(*envelope, place("dead"), now));
  const MessageId id = waits("dead", true);
  const Whereabouts where = scheduler().where(id, now);
  BOOST_TEST((where.state == Whereabouts::State::turn));
  BOOST_TEST(where.reason == "dead: connection refused");
  BOOST_TEST((where.next > now));
}

BOOST_AUTO_TEST_CASE(a_message_fetched_for_a_destination_that_died_meanwhile_waits_again) {
  const MessageId id = waits("dead", false);
  const auto fetched = fetch();
  kill("dead");
  const auto envelope = message({"a@dead"});
  envelope->id = id;

  BOOST_TEST(!scheduler().activate(envelope, nullptr, fetched->message, by_domain, false, now));
  scheduler().fetched(*fetched);

  BOOST_TEST((scheduler().where(id, now).state == Whereabouts::State::turn));
}

BOOST_AUTO_TEST_CASE(a_message_for_a_live_and_a_dead_destination_fails_there_and_goes_here) {
  kill("dead");
  BOOST_TEST(!activate({"a@dead", "b@live"}));
  const auto over = finish(*work(), ok, true);

  BOOST_REQUIRE(over.size() == 1U);
  BOOST_TEST(over.front()->results.size() == 2U);
  BOOST_TEST(over.front()->results.front().reply.text.find("suspended") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_dead_destination_is_looked_at_when_its_life_ends) {
  kill("dead");
  retry.maximal_queue_lifetime = std::chrono::hours(5);
  scheduler().configure(settings, retry, milliseconds(0));
  while (scheduler().take_due(now)) {
  }
  const MessageId id = waits("dead", true);

  BOOST_TEST(!scheduler().take_due(now + std::chrono::hours(4)));
  const auto alarm = scheduler().take_due(now + std::chrono::hours(6));
  BOOST_REQUIRE(alarm);
  BOOST_TEST(alarm->alarm);
  BOOST_TEST((alarm->message.id == id));
  const auto envelope = message({"a@dead"});
  envelope->id = id;
  kill("dead");
  const auto over = scheduler().activate(envelope, nullptr, alarm->message, by_domain, true, now);
  BOOST_REQUIRE(over);
  BOOST_TEST(over->results.front().reply.temporary());
}

BOOST_AUTO_TEST_CASE(what_waits_long_enough_for_a_notice_of_delay_is_looked_at_once) {
  delay_warning_time = std::chrono::hours(1);
  kill("dead");
  while (scheduler().forget({last_id})) --last_id;
  last_id = 1000;
  const MessageId id = waits("dead", true);

  std::optional<Scheduler::Due> due;
  while ((due = scheduler().take_due(now + milliseconds(3'601'000))) && due->message.id != id) {
  }
  BOOST_REQUIRE(due);
  BOOST_TEST(due->alarm);
  Queued warned = due->message;
  warned.warned = true;
  scheduler().place(warned, place("dead"), now);
  BOOST_TEST((scheduler().where(id, now).state == Whereabouts::State::turn));
  while ((due = scheduler().take_due(now + std::chrono::hours(24))))
    BOOST_TEST((due->message.id != id));
}

BOOST_AUTO_TEST_CASE(mail_from_disk_is_fetched_only_when_its_destination_has_a_place) {
  settings.default_limits.initial_concurrency = 2;
  for (int i = 0; i < 5; ++i) waits("x", false);

  const auto first = fetch();
  const auto second = fetch();
  BOOST_REQUIRE(first && second);
  BOOST_TEST(!scheduler().next(now));
  scheduler().fetched(*first);  // it was gone
  BOOST_TEST(fetch().has_value());
}

BOOST_AUTO_TEST_CASE(of_five_turns_one_is_the_retries_where_both_wait) {
  settings.default_limits.initial_concurrency = 30;
  settings.default_limits.concurrency_limit = 30;
  for (int i = 0; i < 40; ++i) {
    waits("x", true);
    waits("x", false);
  }

  int fresh = 0, retries = 0;
  while (const auto next = fetch()) ++(next->message.fresh ? fresh : retries);

  BOOST_TEST(fresh == 24);
  BOOST_TEST(retries == 6);
}

BOOST_AUTO_TEST_CASE(retries_leave_a_fifth_of_the_active_queue_to_fresh_mail) {
  settings.qmgr_message_active_limit = 10;
  settings.default_limits.initial_concurrency = 20;
  settings.qmgr_active_share_limit = 100;
  for (int i = 0; i < 8; ++i) activate({"a@x"});
  waits("y", false);

  while (work()) {
  }
  BOOST_TEST(!scheduler().next(now));
  waits("y", true);
  BOOST_TEST(fetch().has_value());
}

BOOST_AUTO_TEST_CASE(one_sender_one_client_or_one_destination_gets_no_more_than_its_share) {
  settings.qmgr_message_active_limit = 10;
  settings.qmgr_active_share_limit = 30;
  for (int i = 0; i < 3; ++i) activate({"a@x"});
  const auto same = message({"b@y"});
  const auto other_sender = message({"b@y"});
  other_sender->sender = "other@example.org";
  const auto stranger = message({"b@x"});
  stranger->sender = "other@example.org";
  stranger->client_address = "192.0.2.2";

  BOOST_TEST(!scheduler().admits(*same, place("y"), now));
  BOOST_TEST(!scheduler().admits(*other_sender, place("y"), now));
  BOOST_TEST(!scheduler().admits(*stranger, place("x"), now));
  BOOST_TEST(scheduler().admits(*stranger, place("y"), now));
}

BOOST_AUTO_TEST_CASE(messages_with_many_recipients_fill_the_active_queue_sooner) {
  settings.qmgr_message_recipient_limit = 10;
  activate({"a@x", "b@x", "c@x", "d@x", "e@x", "f@x", "g@x", "h@x", "i@x", "j@x"});

  const auto next = message({"a@y"});
  BOOST_TEST(!scheduler().admits(*next, place("y"), now));
}

BOOST_AUTO_TEST_CASE(fresh_mail_does_not_pass_what_waits_for_the_same_destination) {
  waits("x", true);
  BOOST_TEST(!scheduler().admits(*message({"a@x"}), place("x"), now));
  BOOST_TEST(fetch().has_value());
  BOOST_TEST(scheduler().admits(*message({"a@x"}), place("x"), now));
}

BOOST_AUTO_TEST_CASE(deferred_mail_is_due_in_the_order_of_its_time_and_not_before) {
  scheduler().wait_until({{2}, now, false, false, false}, now + seconds(20));
  scheduler().wait_until({{1}, now, false, false, false}, now + seconds(10));

  BOOST_TEST(!scheduler().take_due(now));
  BOOST_TEST(scheduler().take_due(now + seconds(15))->message.id.value == 1U);
  BOOST_TEST(!scheduler().take_due(now + seconds(15)));
  BOOST_TEST((scheduler().where({2}, now).state == Whereabouts::State::time));
  scheduler().flush(now + seconds(16));
  BOOST_TEST(scheduler().take_due(now + seconds(16) + milliseconds(40))->message.id.value == 2U);
  BOOST_TEST(scheduler().backlog() == 0U);
}

BOOST_AUTO_TEST_CASE(a_suspension_keeps_mail_until_it_ends_and_then_places_it_anew) {
  Place suspended = place("mail to x is suspended: repair");
  suspended.suspended_until = now + seconds(60);
  suspended.reason = "mail to x is suspended: repair";
  const MessageId id{++last_id};
  scheduler().place({id, now, true, false, false}, suspended, now);

  BOOST_TEST(!scheduler().next(now + seconds(59)));
  BOOST_TEST(!scheduler().take_due(now + seconds(59)));
  BOOST_TEST(scheduler().where(id, now).reason == "mail to x is suspended: repair");
  BOOST_TEST(!scheduler().next(now + seconds(61)));
  const auto again = scheduler().take_due(now + seconds(61));
  BOOST_REQUIRE(again);
  BOOST_TEST((again->message.id == id));
  BOOST_TEST(!again->alarm);
}

BOOST_AUTO_TEST_CASE(placing_all_anew_takes_back_what_waits_in_memory_but_not_what_runs) {
  settings.default_limits.initial_concurrency = 1;
  for (int i = 0; i < 3; ++i) activate({"a@x"});
  const auto running = work();
  BOOST_REQUIRE(running);

  scheduler().place_all_anew();

  BOOST_TEST(scheduler().active() == 1U);
  int again = 0;
  while (scheduler().take_due(now)) ++again;
  BOOST_TEST(again == 2);
}

BOOST_AUTO_TEST_CASE(a_forgotten_message_is_found_wherever_it_waits) {
  const MessageId fresh = waits("x", true), retry_ = waits("x", false);
  scheduler().wait_until({{100}, now, false, false, false}, now + seconds(20));
  scheduler().place_later({{101}, now, false, false, false});

  for (const MessageId id : {fresh, retry_, MessageId{100}, MessageId{101}}) {
    BOOST_TEST(scheduler().forget(id).has_value());
    BOOST_TEST(!scheduler().forget(id));
  }
  BOOST_TEST(!scheduler().next(now));
  BOOST_TEST(!scheduler().take_due(now + seconds(30)));
}

BOOST_AUTO_TEST_CASE(many_recipients_are_sent_in_pieces) {
  settings.default_limits.recipient_limit = 2;
  activate({"a@x", "b@x", "c@x", "d@x", "e@x"});

  std::vector<std::size_t> sizes;
  while (auto next = work()) sizes.push_back(next->recipients.size());

  BOOST_TEST(sizes.size() == 3U);
  BOOST_TEST(sizes.back() == 1U);
}

BOOST_AUTO_TEST_CASE(a_million_destinations_that_each_failed_once_are_not_remembered) {
  for (int i = 0; i < 20'000; ++i) {
    activate({"a@d" + std::to_string(i)});
    finish(*work(), refused, false);
  }
  std::size_t known = 0;
  for (std::uint32_t i = 0; i < scheduler().destination_bound(); ++i)
    known += scheduler().destination(i) != nullptr;
  BOOST_TEST(known < 9000U);
}

BOOST_AUTO_TEST_SUITE_END()
