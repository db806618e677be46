// Workers that lie, hang and die, played by threads: what the gateway makes of them (fault F61).
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <string>

#include "gateway/worker/answer.h"
#include "gateway/worker/remote_filter.h"
#include "tests/worker/worker_support.h"

using namespace postern;
using test::PlayedWorker;

namespace {

std::string opinion_named(const std::string& reason) {
  return encode_opinion(refuse(Verdict::quarantine, {}, reason));
}

std::string answer_to(std::uint64_t id, const std::string& reason) {
  return encode_frame({FrameKind::answer, 0, id, 0, {}}, opinion_named(reason));
}

void honest(PlayedWorker& worker, int number) {
  worker.say_ready();
  while (const std::uint64_t id = worker.read_question()) {
    worker.say(answer_to(id, "worker " + std::to_string(number)));
  }
}

// Tells one lie as the first worker, and is honest from the second on.
template <void (*Lie)(PlayedWorker& worker, std::uint64_t id)>
void liar_first(PlayedWorker& worker, int number) {
  if (number > 0) return honest(worker, number);
  worker.say_ready();
  Lie(worker, worker.read_question());
  worker.read_to_the_end();
}

/// A pool with a played zygote behind it. Members end in the right order.
struct Setup {
  explicit Setup(test::PlayedZygote::Script script, PoolSettings settings = {})
      : zygote(script),
        pool(std::make_unique<WorkerPool>(loop, zygote.control(), std::move(settings))),
        asker(loop) {}
  ~Setup() {
    test::run_task(loop, pool->close());
    pool.reset();
  }
  Loop loop;
  test::PlayedZygote zygote;
  std::unique_ptr<WorkerPool> pool;
  test::Asker asker;
};

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (int fd = 0; fd < 1024; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pool)

BOOST_AUTO_TEST_CASE(a_question_is_answered_by_a_worker) {
  Setup setup(honest);

  const Answer answer = setup.asker.ask(*setup.pool, "echo", "text");

  BOOST_REQUIRE(answer);
  BOOST_CHECK(answer->verdict == Verdict::quarantine);
  BOOST_CHECK_EQUAL(answer->reason, "worker 0");
}

BOOST_AUTO_TEST_CASE(one_worker_serves_many_messages_and_large_ones) {
  Setup setup(honest);

  for (const std::size_t size : {1UL, largest_inline, largest_inline + 1, 5UL << 20}) {
    const Answer answer = setup.asker.ask(*setup.pool, "echo", std::string(size, 'x'));
    BOOST_REQUIRE(answer);
    BOOST_CHECK_EQUAL(answer->reason, "worker 0");
  }
  BOOST_CHECK_EQUAL(setup.zygote.started(), 1);
}

BOOST_AUTO_TEST_CASE(messages_wait_in_line_for_the_only_worker) {
  Setup setup(honest);
  TaskGroup group;
  int answered = 0;
  const auto ask = [](Setup& s, int& count) -> Task<> {
    const Context context = s.asker.context(seconds(20));
    const Message message{test::content("text"), ""};
    const Answer answer = co_await s.pool->ask("echo", context, message);
    if (answer) ++count;
  };

  for (int i = 0; i < 20; ++i) group.spawn(ask(setup, answered));
  const auto all = [](TaskGroup& g) -> Task<> { co_await g.empty(); };
  test::run_task(setup.loop, all(group));

  BOOST_CHECK_EQUAL(answered, 20);
  BOOST_CHECK_EQUAL(setup.zygote.started(), 1);
}

struct Lie {
  const char* what;
  test::PlayedZygote::Script script;
};

const Lie lies[] = {
    {"garbage", liar_first<[](PlayedWorker& w, std::uint64_t) { w.say(std::string(500, 'g')); }>},
    {"an answer to another question",
     liar_first<[](PlayedWorker& w, std::uint64_t id) { w.say(answer_to(id + 1, "lie")); }>},
    {"two answers at once", liar_first<[](PlayedWorker& w, std::uint64_t id) {
       w.say(answer_to(id, "lie") + answer_to(id, "lie"));
     }>},
    {"an answer with a tail",
     liar_first<[](PlayedWorker& w, std::uint64_t id) { w.say(answer_to(id, "lie") + "x"); }>},
    {"an answer that says to be a gigabyte", liar_first<[](PlayedWorker& w, std::uint64_t id) {
       std::string octets = answer_to(id, "lie");
       octets[19] = 0x40;
       w.say(octets);
     }>},
    {"an opinion that is none", liar_first<[](PlayedWorker& w, std::uint64_t id) {
       w.say({FrameKind::answer, 0, id, 0, {}}, "nonsense");
     }>},
    {"a frame that only the gateway sends", liar_first<[](PlayedWorker& w, std::uint64_t id) {
       w.say({FrameKind::kill, 0, id, 0, {}}, {});
     }>},
    {"an answer with a descriptor",
     liar_first<[](PlayedWorker& w, std::uint64_t id) { w.say(answer_to(id, "lie"), 0); }>},
    {"half an answer, then the end",
     [](PlayedWorker& w, int number) {
       if (number > 0) return honest(w, number);
       w.say_ready();
       w.say(answer_to(w.read_question(), "lie").substr(0, 40));
     }},
    {"that it cannot go on", liar_first<[](PlayedWorker& w, std::uint64_t id) {
       w.say({FrameKind::failure, 0, id, 0, {}},
             encode_failure({std::make_error_code(std::errc::state_not_recoverable), "canary"}));
     }>},
};

BOOST_AUTO_TEST_CASE(a_lying_worker_is_replaced_and_the_message_tried_once_more) {
  for (const Lie& lie : lies) {
    BOOST_TEST_CONTEXT(lie.what) {
      Setup setup(lie.script);
      const Answer answer = setup.asker.ask(*setup.pool, "echo", "text");
      BOOST_REQUIRE(answer);
      BOOST_CHECK_EQUAL(answer->reason, "worker 1");
    }
  }
}

BOOST_AUTO_TEST_CASE(descriptors_that_a_worker_sends_do_not_stay) {
  const auto be_lied_to = [] {  // and see the worker's end: only then its own are closed
    Setup setup(lies[7].script);
    BOOST_REQUIRE(setup.asker.ask(*setup.pool, "echo", "text"));
  };
  be_lied_to();
  const std::size_t before = open_descriptors();
  be_lied_to();
  BOOST_CHECK_EQUAL(open_descriptors(), before);
}

BOOST_AUTO_TEST_CASE(a_second_answer_to_one_question_ends_the_worker) {
  Setup setup([](PlayedWorker& worker, int number) {
    if (number > 0) return honest(worker, number);
    worker.say_ready();
    const std::uint64_t id = worker.read_question();
    worker.say(answer_to(id, "first"));
    worker.say(answer_to(id, "second"));
    worker.read_to_the_end();
  });

  const Answer first = setup.asker.ask(*setup.pool, "echo", "text");
  const Answer next = setup.asker.ask(*setup.pool, "echo", "text");

  BOOST_REQUIRE(next);
  BOOST_CHECK_EQUAL(next->reason, "worker 1");
  // Both octet streams may have come at once: then the first answer counts for nothing either.
  BOOST_CHECK(first);
}

BOOST_AUTO_TEST_CASE(a_message_that_two_workers_die_of_is_an_error_and_not_a_loop) {
  Setup setup([](PlayedWorker& worker, int) {
    worker.say_ready();
    worker.read_question();
  });

  const Answer answer = setup.asker.ask(*setup.pool, "echo", "text");

  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == std::errc::broken_pipe);
  BOOST_CHECK_LE(setup.zygote.started(), 3);
}

BOOST_AUTO_TEST_CASE(a_silent_worker_is_given_up_at_the_deadline) {
  PoolSettings settings;
  settings.scan_deadline = milliseconds(30);
  Setup setup(liar_first<[](PlayedWorker&, std::uint64_t) {}>, settings);

  const Answer answer = setup.asker.ask(*setup.pool, "echo", "text");
  BOOST_REQUIRE(answer);
  BOOST_CHECK_EQUAL(answer->reason, "worker 1");
}

BOOST_AUTO_TEST_CASE(the_question_ends_with_its_own_deadline) {
  Setup setup([](PlayedWorker& worker, int) {
    worker.say_ready();
    worker.read_to_the_end();
  });

  const Answer answer = setup.asker.ask(*setup.pool, "echo", "text", milliseconds(30));

  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == std::errc::timed_out);
}

BOOST_AUTO_TEST_CASE(a_full_channel_does_not_outlast_the_deadline) {
  Setup setup([](PlayedWorker& worker, int number) {
    if (number > 1) return honest(worker, number);
    worker.say_ready();
    worker.say("");
    worker.read_question();  // a first one, and then no more
    worker.read_to_the_end();
  });
  setup.asker.evidence.recipients.assign(5000,
                                         {std::string(300, 'r')});  // more than a socket holds

  const Answer answer = setup.asker.ask(*setup.pool, "echo", "text", milliseconds(100));

  BOOST_CHECK(!answer);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_is_refused_at_once) {
  PoolSettings settings;
  settings.waiting_limit = 1;
  Setup setup([](PlayedWorker& worker, int) { worker.read_to_the_end(); }, settings);
  TaskGroup group;
  std::vector<std::errc> codes;
  const auto ask = [](Setup& s, std::vector<std::errc>& out) -> Task<> {
    const Context context = s.asker.context(milliseconds(50));
    const Message message{test::content("text"), ""};
    const Answer answer = co_await s.pool->ask("echo", context, message);
    if (!answer) out.push_back(static_cast<std::errc>(answer.error().code.value()));
  };

  group.spawn(ask(setup, codes));
  group.spawn(ask(setup, codes));
  BOOST_REQUIRE_EQUAL(codes.size(), 1U);
  BOOST_CHECK(codes[0] == std::errc::resource_unavailable_try_again);

  const auto all = [](TaskGroup& g) -> Task<> { co_await g.empty(); };
  test::run_task(setup.loop, all(group));
  BOOST_REQUIRE_EQUAL(codes.size(), 2U);
  BOOST_CHECK(codes[1] == std::errc::timed_out);
}

BOOST_AUTO_TEST_CASE(workers_that_keep_dying_open_the_breaker_and_messages_do_not_wait_for_it) {
  Setup setup([](PlayedWorker& worker, int) {
    worker.say_ready();
    worker.read_question();
  });

  Answer answer = Opinion{};
  for (int i = 0; i < 4; ++i) answer = setup.asker.ask(*setup.pool, "echo", "text");

  BOOST_CHECK(setup.pool->degraded());
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == std::errc::broken_pipe);
  BOOST_CHECK_LE(setup.zygote.started(), 7);
}

BOOST_AUTO_TEST_CASE(a_worker_that_retires_is_replaced_without_being_counted_as_a_crash) {
  Setup setup([](PlayedWorker& worker, int number) {
    worker.say_ready();
    const std::uint64_t id = worker.read_question();
    worker.say({FrameKind::answer, frame_is_last, id, 0, {}},
               opinion_named("worker " + std::to_string(number)));
  });

  for (int i = 0; i < 12; ++i) {
    const Answer answer = setup.asker.ask(*setup.pool, "echo", "text");
    BOOST_REQUIRE(answer);
    BOOST_CHECK_EQUAL(answer->reason, "worker " + std::to_string(i));
  }
  BOOST_CHECK(!setup.pool->degraded());
}

BOOST_AUTO_TEST_CASE(a_new_zygote_serves_the_next_message_and_the_old_one_is_let_go) {
  Setup setup(honest);
  BOOST_REQUIRE(setup.asker.ask(*setup.pool, "echo", "text"));
  test::PlayedZygote next([](PlayedWorker& worker, int) { honest(worker, 100); });

  setup.pool->set_control(next.control());
  const Answer answer = setup.asker.ask(*setup.pool, "echo", "text");

  BOOST_REQUIRE(answer);
  BOOST_CHECK_EQUAL(answer->reason, "worker 100");
  test::run_task(setup.loop, setup.pool->close());
  setup.pool = std::make_unique<WorkerPool>(setup.loop, nullptr, PoolSettings{});
}

BOOST_AUTO_TEST_CASE(a_message_under_way_is_finished_by_the_old_zygotes_worker) {
  Setup setup(honest);
  test::PlayedZygote next([](PlayedWorker& worker, int) { honest(worker, 100); });
  const auto ask_and_switch = [](Setup& s, Control control) -> Task<Answer> {
    BOOST_REQUIRE(co_await s.pool->ask("echo", s.asker.context(seconds(20)),
                                       Message{test::content("warm"), ""}));
    s.loop.post([&s, control] { s.pool->set_control(control); });
    co_return co_await s.pool->ask("echo", s.asker.context(seconds(20)),
                                   Message{test::content("text"), ""});
  };

  const Answer answer = test::run_task(setup.loop, ask_and_switch(setup, next.control()));

  BOOST_REQUIRE(answer);
  BOOST_CHECK_EQUAL(answer->reason, "worker 0");
  BOOST_CHECK_EQUAL(setup.asker.ask(*setup.pool, "echo", "text")->reason, "worker 100");
  test::run_task(setup.loop, setup.pool->close());
  setup.pool = std::make_unique<WorkerPool>(setup.loop, nullptr, PoolSettings{});
}

BOOST_AUTO_TEST_CASE(a_zygote_that_has_gone_is_waited_for) {
  Loop loop;
  auto ends = socket_pair(SOCK_SEQPACKET);
  ends->second.reset();
  test::PlayedZygote zygote(honest);
  WorkerPool pool(loop, std::make_shared<const UniqueFd>(std::move(ends->first)), {});
  test::Asker asker(loop);
  loop.post([&pool, &zygote] { pool.set_control(zygote.control()); });

  const Answer answer = asker.ask(pool, "echo", "text");

  BOOST_CHECK(answer);
  BOOST_CHECK(!pool.degraded());
  test::run_task(loop, pool.close());
  pool.set_control(nullptr);
}

BOOST_AUTO_TEST_CASE(shutting_down_fails_what_is_under_way) {
  Setup setup([](PlayedWorker& worker, int) {
    worker.say_ready();
    worker.read_to_the_end();
  });
  setup.loop.post([&setup] {
    setup.loop.post([&setup] {
      const auto close = [](Setup& s) -> Task<> { co_await s.pool->close(); };
      static TaskGroup group;
      group.spawn(close(setup));
    });
  });

  const Answer answer = setup.asker.ask(*setup.pool, "echo", "text");

  BOOST_CHECK(!answer);
}

BOOST_AUTO_TEST_CASE(a_remote_filter_asks_the_pool_of_its_loop) {
  static constexpr FilterType type{"far", "", Placement::scan_worker, nullptr};
  Loop loop;
  Loop other;
  test::PlayedZygote zygote(honest);
  auto pools = std::make_shared<WorkerPools>();
  pools->add(Placement::scan_worker, loop,
             std::make_unique<WorkerPool>(loop, zygote.control(), PoolSettings{}));
  test::Asker asker(loop);
  test::Asker stranger(other);
  const auto factory = remote_factory(type, pools);
  const auto filter = factory->make();

  const Message message{test::content("text"), ""};
  const Answer here = test::run_task(loop, filter->on_message(asker.context(seconds(20)), message));
  const Answer elsewhere =
      test::run_task(other, filter->on_message(stranger.context(seconds(20)), message));

  BOOST_REQUIRE(here);
  BOOST_CHECK_EQUAL(here->reason, "worker 0");
  BOOST_CHECK(!elsewhere);
  BOOST_CHECK(factory->answers(Stage::message) && !factory->answers(Stage::rcpt));
  test::run_task(loop, pools->close(loop));
  pools->find(Placement::scan_worker, loop)->set_control(nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
