// Real zygotes and real workers: killed, stopped, crashed and starved (faults F20, F21, F22).
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

#include "gateway/worker/worker_main.h"
#include "tests/worker/worker_support.h"

using namespace postern;

namespace {

// Misbehaves as the message says; an honest one is echoed in the reason.
class ObedientFilter final : public Filter {
  Task<Answer> on_message(Context context, Message message) override {
    const std::string& octets = *message.content;
    if (octets == "crash") std::abort();
    if (octets == "exec") ::execl("/bin/true", "true", nullptr);
    if (octets == "spin") {
      for (volatile unsigned turns = 0;; turns = turns + 1) {
      }
    }
    if (octets == "gorge") co_return gorge();
    if (octets == "fail") co_return fail(std::errc::io_error, "as told");
    if (octets == "wait") co_await context.loop.sleep_until(context.deadline);
    if (octets == "dns") {
      const DnsAnswer answer =
          co_await context.dns.query("example.org", RecordType::a, context.deadline);
      co_return said(answer.records.empty() ? "nothing" : answer.records.front().text);
    }
    if (octets == "many") co_return co_await ask_many(context);
    if (octets == "evidence") co_return said(context.evidence.sender.address);
    co_return said(std::to_string(octets.size()) + " octets");
  }

  // Asks a hundred names at once, and adds up what came back.
  static Task<Answer> ask_many(Context context) {
    TaskGroup group;
    std::size_t found = 0;
    for (int i = 0; i < 100; ++i)
      group.spawn(ask_one(context, std::to_string(i) + ".list.example", found));
    co_await group.empty();
    co_return said(std::to_string(found) + " found");
  }
  static Task<> ask_one(Context context, std::string name, std::size_t& found) {
    const DnsAnswer answer =
        co_await context.dns.query(std::move(name), RecordType::a, context.deadline);
    if (answer.status == DnsStatus::found) ++found;
  }

  static Answer said(std::string reason) {
    return refuse(Verdict::quarantine, {}, std::move(reason));
  }

  static Answer gorge() {
    std::vector<std::string> pieces;
    for (;;) pieces.emplace_back(64U << 20, 'x');
  }
};

class ObedientFactory final : public FilterFactory {
 public:
  std::unique_ptr<Filter> make() const override { return std::make_unique<ObedientFilter>(); }
  bool answers(Stage stage) const override { return stage == Stage::message; }
};

/// A zygote in a process of its own, ended with the object.
class RunningZygote {
 public:
  explicit RunningZygote(const std::function<void(ZygoteSettings&)>& adjust = [](ZygoteSettings&) {
  }) {
    auto ends = socket_pair(SOCK_SEQPACKET);
    pid_ = ::fork();
    if (pid_ == 0) {
      ends->first.reset();
      ZygoteSettings settings;
      settings.kind = "test";
      settings.filters = {{"obedient", std::make_shared<ObedientFactory>()}};
      adjust(settings);
      ::_exit(run_zygote(std::move(ends->second), std::move(settings)));
    }
    ends->second.reset();
    ready_ = wait_for_zygote(ends->first.get(), seconds(20)).has_value();
    control_ = std::make_shared<const UniqueFd>(std::move(ends->first));
  }
  ~RunningZygote() {
    control_.reset();
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }
  bool ready() const { return ready_; }
  pid_t pid() const { return pid_; }
  Control control() const { return control_; }
  int wait() {
    int status = 0;
    control_.reset();
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  bool ready_ = false;
  Control control_;
};

struct Setup {
  explicit Setup(
      PoolSettings settings = {},
      const std::function<void(ZygoteSettings&)>& adjust = [](ZygoteSettings&) {})
      : zygote(adjust),
        pool(std::make_unique<WorkerPool>(loop, zygote.control(), std::move(settings))),
        asker(loop) {}
  ~Setup() {
    test::run_task(loop, pool->close());
    pool.reset();
  }
  Answer ask(const std::string& octets, milliseconds patience = seconds(30)) {
    return asker.ask(*pool, "obedient", octets, patience);
  }
  RunningZygote zygote;  // forked before anything else stands in this process
  Loop loop;
  std::unique_ptr<WorkerPool> pool;
  test::Asker asker;
};

std::string reason(const Answer& answer) {
  return answer ? answer->reason : "error: " + answer.error().what;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(zygote)

BOOST_AUTO_TEST_CASE(a_confined_worker_answers) {
  Setup setup;
  BOOST_REQUIRE(setup.zygote.ready());

  BOOST_CHECK_EQUAL(reason(setup.ask("text")), "4 octets");
  BOOST_CHECK_EQUAL(reason(setup.ask(std::string(3U << 20, 'm'))), "3145728 octets");
  BOOST_CHECK_EQUAL(reason(setup.ask("evidence")), "sender@example.org");
  BOOST_REQUIRE_EQUAL(setup.pool->status().size(), 1U);
  const std::string sandbox = setup.pool->status()[0].sandbox;
  BOOST_CHECK_NE(sandbox.find("seccomp"), std::string::npos);
  BOOST_CHECK_NE(sandbox.find("landlock"), std::string::npos);
  BOOST_CHECK_EQUAL(sandbox.find("uid=0"), std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_filter_in_a_worker_may_wait_for_nothing_but_the_dns) {
  Setup setup;

  BOOST_CHECK(!setup.ask("wait"));
}

BOOST_AUTO_TEST_CASE(the_gateway_asks_the_dns_for_a_worker) {
  PoolSettings settings;
  settings.lookups = 100;
  Setup setup(settings);
  setup.asker.resolver.add("example.org", RecordType::a, "192.0.2.80");
  for (int i = 0; i < 100; i += 2)
    setup.asker.resolver.add(std::to_string(i) + ".list.example", RecordType::a, "127.0.0.2");

  BOOST_CHECK_EQUAL(reason(setup.ask("dns")), "192.0.2.80");
  BOOST_CHECK_EQUAL(reason(setup.ask("many")), "50 found");
  BOOST_CHECK_EQUAL(reason(setup.ask("text")), "4 octets");
  BOOST_CHECK_EQUAL(setup.pool->status().at(0).busy, false);
  BOOST_CHECK(!setup.pool->degraded());
}

BOOST_AUTO_TEST_CASE(a_worker_with_more_lookups_than_allowed_is_ended) {
  PoolSettings settings;
  settings.lookups = 99;
  Setup setup(settings);

  BOOST_CHECK(!setup.ask("many"));
  BOOST_CHECK_EQUAL(reason(setup.ask("dns")), "nothing");
}

BOOST_AUTO_TEST_CASE(a_filters_error_arrives_and_costs_no_worker) {
  Setup setup;
  const Answer answer = setup.ask("fail");

  BOOST_REQUIRE(!answer);
  BOOST_CHECK_EQUAL(answer.error().what, "worker: as told");
  const Answer unknown = setup.asker.ask(*setup.pool, "nobody", "text");
  BOOST_CHECK(!unknown);
  BOOST_REQUIRE(setup.ask("text"));
  BOOST_CHECK(!setup.pool->degraded());
}

BOOST_AUTO_TEST_CASE(a_poison_message_costs_itself_and_nothing_else) {
  Setup setup;

  const Answer poison = setup.ask("crash");
  const Answer next = setup.ask("text");

  BOOST_REQUIRE(!poison);
  BOOST_CHECK(poison.error().code == std::errc::broken_pipe);
  BOOST_CHECK_EQUAL(reason(next), "4 octets");
}

BOOST_AUTO_TEST_CASE(a_worker_that_tries_to_execute_something_dies) {
  Setup setup;

  BOOST_CHECK(!setup.ask("exec"));
  BOOST_CHECK(setup.ask("text"));
}

// F21
BOOST_AUTO_TEST_CASE(a_message_that_eats_all_memory_is_an_error_and_its_worker_is_replaced) {
  Setup setup;
  BOOST_REQUIRE(setup.ask("text"));
  const std::uint32_t first = setup.pool->status().at(0).pid;

  const Answer answer = setup.ask("gorge");
  const Answer next = setup.ask("text");

  BOOST_CHECK(!answer);
  BOOST_CHECK_EQUAL(reason(next), "4 octets");
  BOOST_CHECK_NE(setup.pool->status().at(0).pid, first);
}

// F22
BOOST_AUTO_TEST_CASE(
    a_stopped_worker_is_killed_at_the_deadline_and_the_message_answered_by_another) {
  PoolSettings settings;
  settings.scan_deadline = milliseconds(300);
  Setup setup(settings);
  BOOST_REQUIRE(setup.ask("text"));
  const auto stopped = static_cast<pid_t>(setup.pool->status().at(0).pid);
  BOOST_REQUIRE_EQUAL(::kill(stopped, SIGSTOP), 0);

  const Answer answer = setup.ask("text");

  BOOST_CHECK_EQUAL(reason(answer), "4 octets");
  BOOST_CHECK_NE(setup.pool->status().at(0).pid, static_cast<std::uint32_t>(stopped));
}

BOOST_AUTO_TEST_CASE(a_message_that_never_ends_is_given_up_after_two_deadlines) {
  PoolSettings settings;
  settings.scan_deadline = milliseconds(200);
  Setup setup(settings);
  const SteadyTime start = setup.loop.now();

  const Answer answer = setup.ask("spin");

  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == std::errc::timed_out);
  BOOST_CHECK(setup.loop.now() - start >= milliseconds(400));
  BOOST_CHECK_EQUAL(reason(setup.ask("text")), "4 octets");
}

// F20
BOOST_AUTO_TEST_CASE(messages_are_answered_while_workers_are_killed) {
  PoolSettings settings;
  settings.workers = 2;
  Setup setup(settings);
  int answered = 0;

  for (int i = 0; i < 40; ++i) {
    if (i % 10 == 5) ::kill(static_cast<pid_t>(setup.pool->status().at(0).pid), SIGKILL);
    answered += setup.ask("text") ? 1 : 0;
  }

  BOOST_CHECK_EQUAL(answered, 40);
}

BOOST_AUTO_TEST_CASE(a_worker_that_has_used_its_time_retires_in_order) {
  ::malloc_trim(0);  // what earlier tests have freed would serve the worker without growth
  Setup setup({}, [](ZygoteSettings& settings) { settings.limits.growth = 4U << 20; });
  BOOST_REQUIRE(setup.ask("text"));
  const std::uint32_t first = setup.pool->status().at(0).pid;

  BOOST_CHECK_EQUAL(reason(setup.ask(std::string(16U << 20, 'x'))), "16777216 octets");
  BOOST_CHECK_EQUAL(reason(setup.ask("text")), "4 octets");

  BOOST_CHECK_NE(setup.pool->status().at(0).pid, first);
  BOOST_CHECK(!setup.pool->degraded());
}

BOOST_AUTO_TEST_CASE(workers_end_with_a_killed_zygote_and_a_new_one_takes_over) {
  Setup setup;
  RunningZygote second;
  BOOST_REQUIRE(setup.ask("text"));

  ::kill(setup.zygote.pid(), SIGKILL);
  setup.pool->set_control(second.control());

  BOOST_CHECK_EQUAL(reason(setup.ask("text")), "4 octets");
  test::run_task(setup.loop, setup.pool->close());
  setup.pool = std::make_unique<WorkerPool>(setup.loop, nullptr, PoolSettings{});
}

BOOST_AUTO_TEST_CASE(a_zygote_ends_when_nobody_holds_its_control_socket) {
  RunningZygote lonely;
  BOOST_REQUIRE(lonely.ready());

  BOOST_CHECK_EQUAL(lonely.wait(), 0);
}

BOOST_AUTO_TEST_CASE(a_zygote_that_cannot_serve_never_says_ready) {
  RunningZygote broken([](ZygoteSettings& settings) { settings.identity = {0, 0}; });

  if (::geteuid() == 0) BOOST_CHECK(!broken.ready());
  if (::geteuid() == 0) BOOST_CHECK_EQUAL(broken.wait(), 1);
}

BOOST_AUTO_TEST_CASE(a_worker_whose_proof_fails_does_not_serve_and_says_why) {
  Setup setup({}, [](ZygoteSettings& settings) {
    settings.prove = []() -> Result<> {
      return fail(std::errc::io_error, "the canary was missed");
    };
  });

  const Answer answer = setup.ask("text");

  BOOST_REQUIRE(!answer);
  BOOST_CHECK(setup.pool->degraded());
}

BOOST_AUTO_TEST_CASE(each_worker_has_a_scratch_directory_that_goes_with_it) {
  char base[] = "/tmp/postern-scratch-XXXXXX";
  BOOST_REQUIRE(::mkdtemp(base) != nullptr);
  const std::string directory = std::string(base) + "/scratch";
  std::string own;
  {
    auto scratch = Scratch::open(directory, {});
    BOOST_REQUIRE(scratch);
    own = scratch->path();
    const auto made = scratch->make("worker-1");
    BOOST_REQUIRE(made);
    BOOST_CHECK_EQUAL(::access(made->c_str(), F_OK), 0);
    auto neighbour = Scratch::open(directory, {});  // must not take ours for abandoned
    BOOST_REQUIRE(neighbour);
    BOOST_CHECK_EQUAL(::access(made->c_str(), F_OK), 0);
  }
  BOOST_CHECK_NE(::access(own.c_str(), F_OK), 0);

  BOOST_REQUIRE_EQUAL(::mkdir((directory + "/zygote-killed").c_str(), 0700), 0);
  const auto later = Scratch::open(directory, {});
  BOOST_CHECK_NE(::access((directory + "/zygote-killed").c_str(), F_OK), 0);
  Scratch::remove(base);
}

BOOST_AUTO_TEST_CASE(a_scratch_directory_that_others_may_write_is_refused) {
  char base[] = "/tmp/postern-scratch-XXXXXX";
  BOOST_REQUIRE(::mkdtemp(base) != nullptr);
  BOOST_REQUIRE_EQUAL(::chmod(base, 0777), 0);

  BOOST_CHECK(!Scratch::open(base, {}));
  Scratch::remove(base);
}

BOOST_AUTO_TEST_SUITE_END()
