#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <thread>

#include "gateway/delivery/dispatcher.h"
#include "gateway/mail/address.h"
#include "gateway/mail/command.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/memory_spool.h"
#include "tests/support/run_task.h"

using namespace postern;
using namespace postern::test;

namespace {

/// A next hop for each domain, as the test wants it.
class FakeTransport final : public Transport {
 public:
  Task<DeliveryOutcome> deliver(DeliveryJob job) override {
    const std::string& address = job.envelope->recipients[job.recipients.front()].address;
    const std::string domain(domain_of(address));
    jobs.push_back(job);
    DeliveryOutcome outcome;
    outcome.remote = domain;
    outcome.reached = !dead.contains(domain);
    const Reply answer = dead.contains(domain)        ? reply(451, {4, 4, 1}, "connection refused")
                         : deferring.contains(domain) ? reply(451, {4, 7, 1}, "try later")
                         : refusing.contains(domain)  ? reply(550, {5, 1, 1}, "no such user")
                                                      : reply(250, {2, 0, 0}, "taken");
    for (const auto i : job.recipients) outcome.recipients.push_back({i, answer});
    co_return outcome;
  }
  std::size_t attempts_to(std::string_view domain) const {
    return static_cast<std::size_t>(std::ranges::count_if(jobs, [&](const DeliveryJob& job) {
      return domain_of(job.envelope->recipients[job.recipients.front()].address) == domain;
    }));
  }

  std::set<std::string, std::less<>> dead, deferring, refusing;
  std::vector<DeliveryJob> jobs;
};

struct TestClock final : Clock {
  WallTime wall() const override {
    return std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now()) +
           jump;
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  WallTime::duration jump{0};
};

struct Fixture {
  Loop loop;
  MemorySpool spool;
  FakeTransport transport;
  FakeResolver resolver;
  BlockingPool threads{1};
  TestClock clock;
  MessageIdSource ids{clock, 1};
  std::shared_ptr<DispatchConfig> config = make_config();
  std::unique_ptr<Dispatcher> dispatcher;

  static std::shared_ptr<DispatchConfig> make_config() {
    auto made = std::make_shared<DispatchConfig>();
    std::vector<Problem> problems;
    made->policies = open_policies(PolicySettings{}, "gate.example", problems);
    BOOST_REQUIRE(problems.empty());
    made->delivery = std::make_shared<const DeliverySettings>();
    made->myhostname = "gate.example";
    return made;
  }
  ~Fixture() {
    if (dispatcher) run_task(loop, dispatcher->drain(loop.now() + seconds(5)));
  }
  Dispatcher& started() {
    if (!dispatcher) {
      dispatcher = std::make_unique<Dispatcher>(
          Dispatcher::Parts{loop, spool, transport, resolver, threads, clock, ids}, config);
      dispatcher->start();
    }
    return *dispatcher;
  }
  DeliverySettings& settings() {
    auto changed = std::make_shared<DeliverySettings>(*config->delivery);
    config->delivery = changed;
    return *changed;
  }
  void restarts() {
    run_task(loop, dispatcher->drain(loop.now() + seconds(5)));
    dispatcher.reset();
    dispatcher = std::make_unique<Dispatcher>(
        Dispatcher::Parts{loop, spool, transport, resolver, threads, clock, ids}, config);
    spool.look_at_all([this](const MessageSummary& found) { dispatcher->recovered(found); });
    dispatcher->start();
  }
  std::shared_ptr<Envelope> letter(const std::string& to) {
    auto envelope = std::make_shared<Envelope>();
    envelope->id = ids.next();
    envelope->arrival = clock.wall();
    envelope->sender = "sender@origin.example";
    envelope->recipients.emplace_back().address = to;
    return envelope;
  }
  /// As a session does it.
  MessageId arrives(const std::string& to) {
    const auto envelope = letter(to);
    const auto content = std::make_shared<const std::string>("Subject: x\r\n\r\nx\r\n");
    spool.accept(envelope, content, [](const Result<>&) {});
    started().add(envelope, content);
    return envelope->id;
  }
  template <class Condition>
  bool runs_until(Condition condition) {
    for (int i = 0; i < 4000 && !condition(); ++i) {
      loop.poll();
      std::this_thread::sleep_for(milliseconds(1));
    }
    return condition();
  }
  /// A few turns of the loop, for what must not happen.
  void rests() {
    int turns = 0;
    runs_until([&turns] { return ++turns > 40; });
  }
  bool queued(MessageId id) const { return spool.messages.contains(id); }
  /// Until it has been tried and failed for now.
  bool deferred(MessageId id) {
    return runs_until([&] {
      return queued(id) && spool.messages.at(id).envelope.attempts == 1 &&
             started().where(id).state == Whereabouts::State::time;
    });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dispatcher_, Fixture)

BOOST_AUTO_TEST_CASE(domains_with_the_same_mail_hosts_become_one_destination) {
  for (const char* domain : {"one.example", "two.example"}) {
    resolver.add(domain, RecordType::mx, "mx.provider.example", 10);
    transport.deferring.insert(domain);
  }
  for (int round = 0; round < 2; ++round) {  // the first round learns the hosts
    const auto first = arrives("a@one.example"), second = arrives("a@two.example");
    BOOST_REQUIRE(deferred(first) && deferred(second));
  }

  std::set<std::string> keys;
  for (std::uint32_t i = 0; i < started().scheduler().destination_bound(); ++i) {
    if (const auto* known = started().scheduler().destination(i)) keys.insert(known->key());
  }
  BOOST_TEST(keys.contains("mx:mx.provider.example"));
}

BOOST_AUTO_TEST_CASE(
    f84_mail_for_a_dead_destination_waits_without_attempts_and_the_reason_is_told) {
  transport.dead.insert("dead.example");
  for (int i = 0; i < 30; ++i) arrives("a@dead.example");
  BOOST_REQUIRE(runs_until([&] { return transport.jobs.size() >= 3; }));
  rests();
  const auto tried = transport.attempts_to("dead.example");
  const MessageId id = arrives("b@dead.example");
  rests();

  BOOST_TEST(tried < 30U);
  BOOST_TEST(transport.attempts_to("dead.example") == tried);
  BOOST_TEST(spool.messages.size() == 31U);
  BOOST_TEST(started().where(id).reason.find("connection refused") != std::string::npos);
  arrives("b@live.example");
  BOOST_TEST(runs_until([&] { return transport.attempts_to("live.example") == 1; }));
}

BOOST_AUTO_TEST_CASE(a_flush_tries_a_message_though_its_destination_is_dead) {
  transport.dead.insert("dead.example");
  for (int i = 0; i < 30; ++i) arrives("a@dead.example");
  BOOST_REQUIRE(runs_until([&] { return transport.jobs.size() >= 3; }));
  rests();
  const MessageId id = arrives("b@dead.example");
  rests();
  transport.dead.clear();

  started().flush(id);

  BOOST_TEST(runs_until([&] { return !queued(id); }));
}

BOOST_AUTO_TEST_CASE(held_mail_is_not_tried_until_it_is_released) {
  transport.deferring.insert("x.example");
  const MessageId id = arrives("a@x.example");
  BOOST_REQUIRE(deferred(id));
  transport.deferring.clear();

  BOOST_TEST(run_task(loop, started().hold(id, "a look at it")).has_value());
  started().flush();
  started().flush(id);
  rests();
  BOOST_TEST(transport.jobs.size() == 1U);
  BOOST_TEST(spool.messages.at(id).envelope.hold == "a look at it");
  BOOST_TEST(spool.messages.at(id).envelope.attempts == 1U);

  BOOST_TEST(run_task(loop, started().release(id)).has_value());
  BOOST_TEST(runs_until([&] { return !queued(id); }));
}

BOOST_AUTO_TEST_CASE(rerouted_mail_goes_where_the_administrator_says) {
  transport.deferring.insert("x.example");
  const MessageId id = arrives("a@x.example");
  BOOST_REQUIRE(deferred(id));

  BOOST_TEST(run_task(loop, started().reroute(id, "smtp:[192.0.2.9]:2525")).has_value());

  BOOST_REQUIRE(runs_until([&] { return transport.jobs.size() == 2; }));
  BOOST_TEST(transport.jobs.back().route.name() == "smtp:[192.0.2.9]:2525");
}

BOOST_AUTO_TEST_CASE(mail_bounced_by_hand_ends_and_its_sender_is_told) {
  transport.deferring.insert("x.example");
  const MessageId id = arrives("a@x.example");
  BOOST_REQUIRE(deferred(id));

  BOOST_TEST(run_task(loop, started().bounce(id, "this address was closed")).has_value());

  BOOST_REQUIRE(runs_until([&] { return transport.attempts_to("origin.example") == 1; }));
  BOOST_TEST(!queued(id));
  BOOST_TEST(transport.jobs.back().content->find("this address was closed") != std::string::npos);
  BOOST_TEST(!run_task(loop, started().bounce(id, "again")).has_value());
}

BOOST_AUTO_TEST_CASE(a_suspended_destination_gets_nothing_until_it_is_resumed) {
  started().suspend(
      {Suspension::Of::destination, "*.example", clock.wall() + seconds(600), "repair"});
  const MessageId id = arrives("a@x.example");
  rests();
  BOOST_TEST(transport.jobs.empty());
  BOOST_TEST(started().where(id).reason.find("repair") != std::string::npos);

  BOOST_TEST(started().resume(Suspension::Of::destination, "*.example"));

  BOOST_TEST(runs_until([&] { return !queued(id); }));
}

BOOST_AUTO_TEST_CASE(a_suspended_senders_mail_waits_and_ends_its_wait_by_itself) {
  started().suspend(
      {Suspension::Of::sender, "sender@*", clock.wall() + milliseconds(150), "floods"});
  const MessageId id = arrives("a@x.example");
  rests();
  BOOST_TEST(transport.jobs.empty());

  BOOST_TEST(runs_until([&] { return !queued(id); }));
}

BOOST_AUTO_TEST_CASE(f15_a_wall_clock_that_jumps_years_ahead_expires_nothing) {
  transport.deferring.insert("x.example");
  config->retry.minimal_backoff_time = milliseconds(20);
  config->retry.maximal_backoff_time = milliseconds(40);
  const MessageId id = arrives("a@x.example");
  BOOST_REQUIRE(deferred(id));

  clock.jump = std::chrono::days(12 * 365);
  BOOST_REQUIRE(runs_until([&] { return transport.jobs.size() >= 4; }));
  clock.jump = -std::chrono::days(365);
  BOOST_REQUIRE(runs_until([&] { return transport.jobs.size() >= 8; }));

  BOOST_TEST(queued(id));
  BOOST_TEST(transport.attempts_to("origin.example") == 0U);
}

BOOST_AUTO_TEST_CASE(f15_mail_recovered_with_a_time_far_ahead_is_tried_within_the_longest_backoff) {
  config->retry.maximal_backoff_time = milliseconds(50);
  const auto envelope = letter("a@x.example");
  envelope->attempts = 3;
  envelope->next_attempt = clock.wall() + std::chrono::days(4000);
  spool.accept(envelope, std::make_shared<const std::string>("x\r\n"), [](const Result<>&) {});
  started();
  spool.look(envelope->id, [this](const MessageSummary& found) { dispatcher->recovered(found); });
  dispatcher->start();

  BOOST_TEST(runs_until([&] { return !queued(envelope->id); }));
}

BOOST_AUTO_TEST_CASE(mail_that_waits_for_a_dead_destination_bounces_when_its_lifetime_is_over) {
  transport.dead.insert("dead.example");
  config->retry.maximal_queue_lifetime = milliseconds(300);
  for (int i = 0; i < 20; ++i) arrives("a@dead.example");

  BOOST_TEST(runs_until([&] { return transport.attempts_to("origin.example") == 20; }));
  BOOST_TEST(spool.messages.empty());
  BOOST_TEST(transport.attempts_to("dead.example") < 20U);
}

BOOST_AUTO_TEST_CASE(
    f85_a_report_over_the_rate_waits_for_its_turn_and_a_restart_does_not_hasten_it) {
  settings().notices.limit = {1, 0, seconds(60), std::chrono::hours(1)};
  transport.refusing.insert("bad.example");
  arrives("a@bad.example");
  arrives("b@bad.example");
  const auto one_left = [&] { return spool.messages.size() == 1 && transport.jobs.size() == 3; };
  BOOST_REQUIRE(runs_until(one_left));
  const auto& [id, report] = *spool.messages.begin();

  BOOST_TEST(report.envelope.recipients[0].address == "sender@origin.example");
  BOOST_TEST((started().where(id).state == Whereabouts::State::time));
  restarts();
  rests();

  BOOST_TEST(one_left());
  BOOST_TEST((started().where(id).state == Whereabouts::State::time));
}

BOOST_AUTO_TEST_CASE(a_sender_is_told_once_that_mail_is_late_though_it_is_not_even_tried) {
  settings().notices.delay_warning_time = milliseconds(300);
  config->retry.minimal_backoff_time = milliseconds(50);
  config->retry.maximal_backoff_time = milliseconds(100);
  transport.dead.insert("dead.example");
  for (int i = 0; i < 15; ++i) arrives("a@dead.example");

  BOOST_REQUIRE(runs_until([&] { return transport.attempts_to("origin.example") == 15; }));
  const std::size_t letters = spool.changes.size();
  BOOST_REQUIRE(runs_until([&] { return spool.changes.size() > letters + 20; }));

  BOOST_TEST(transport.attempts_to("origin.example") == 15U);
  BOOST_TEST(spool.messages.size() == 15U);
  for (const auto& [id, message] : spool.messages) BOOST_TEST(message.envelope.delay_notice_sent);
}

BOOST_AUTO_TEST_CASE(what_nobody_may_be_told_of_is_not_looked_at_again_and_again) {
  settings().notices.delay_warning_time = milliseconds(100);
  config->retry.minimal_backoff_time = milliseconds(50);
  config->retry.maximal_backoff_time = milliseconds(50);
  transport.dead.insert("dead.example");
  for (int i = 0; i < 10; ++i) {
    const auto envelope = letter("a@dead.example");
    envelope->recipients[0].notify = notify_never;
    spool.accept(envelope, std::make_shared<const std::string>("x\r\n"), [](const Result<>&) {});
    started().add(envelope, nullptr);
  }
  BOOST_REQUIRE(runs_until([&] { return spool.changes.size() >= 20; }));
  const std::size_t settled = spool.changes.size();
  for (int i = 0; i < 12; ++i) rests();

  // One probe of the dead destination each 50 ms in half a second, and not ten messages each time.
  BOOST_TEST(spool.changes.size() - settled < 40U);
  BOOST_TEST(transport.attempts_to("origin.example") == 0U);
}

BOOST_AUTO_TEST_CASE(f11_while_the_spool_cannot_record_nothing_is_delivered_and_then_all_is) {
  spool.is_healthy = false;
  const MessageId id = arrives("a@x.example");
  rests();
  BOOST_TEST(transport.jobs.empty());

  spool.is_healthy = true;

  BOOST_TEST(runs_until([&] { return !queued(id); }));
}

BOOST_AUTO_TEST_SUITE_END()
