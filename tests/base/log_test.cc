#define BOOST_TEST_DYN_LINK
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <thread>
#include <vector>

#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/base/unique_fd.h"

using namespace postern;
using namespace std::chrono_literals;

namespace {

constexpr Event noted{"noted", Level::info, "A test says something."};
constexpr Event detail{"detail", Level::debug, "A test says more."};
constexpr Event alarming{"alarming", Level::warning, "A test complains."};

/// Standard error as a pipe, for as long as this lives.
class Captured {
 public:
  Captured() {
    flush_log();
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    reader_.reset(ends[0]);
    saved_.reset(::dup(STDERR_FILENO));
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
  }
  ~Captured() {
    while (read_some(0)) continue;
    flush_log();
    ::dup2(saved_.get(), STDERR_FILENO);
  }

  /// What has been written up to now, without waiting.
  std::string now() {
    while (read_some(0)) continue;
    return std::exchange(text_, {});
  }

  /// Everything up to `end`, or what came within ten seconds.
  std::string until(std::string_view end) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (text_.find(end) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      read_some(100);
    }
    return std::exchange(text_, {});
  }

 private:
  bool read_some(int patience) {
    pollfd ready{reader_.get(), POLLIN, 0};
    char piece[65536];
    if (::poll(&ready, 1, patience) <= 0) return false;
    const auto n = ::read(reader_.get(), piece, sizeof piece);
    if (n <= 0) return false;
    text_.append(piece, static_cast<std::size_t>(n));
    return true;
  }

  UniqueFd reader_;
  UniqueFd saved_;
  std::string text_;
};

/// Runs `act` in a forked child that must end within ten seconds; returns its status.
template <class Act>
int in_child(const Act& act) {
  std::fflush(nullptr);  // or a child that exits would print it once more
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(10);
    act();
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

std::size_t occurrences(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

Counter& dropped() {
  return counter("postern_log_dropped_total", "Log lines lost as nobody read them.");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(logging)

BOOST_AUTO_TEST_CASE(a_line_has_time_level_event_and_fields) {
  Captured out;

  log(noted, {{"queue", "0d8k3v"}, {"from", "<a@b>"}, {"size", 4000}});
  flush_log();

  const std::regex form(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info noted queue=0d8k3v from=<a@b> size=4000\n)");
  const auto line = out.now();
  BOOST_TEST(std::regex_match(line, form), line);
}

BOOST_AUTO_TEST_CASE(a_value_from_outside_cannot_forge_a_field_or_a_line) {
  Captured out;

  log(noted, {{"helo", "x\r\n2026-11-21T00:00:00.000Z error forged"},
              {"from", "a b"},
              {"reason", "say \"hi\""}});
  flush_log();

  const auto line = out.now();
  BOOST_TEST(occurrences(line, "\n") == 1U);
  BOOST_TEST(
      line.ends_with(" helo=\"x\\x0d\\x0a2026-11-21T00:00:00.000Z error forged\" from=\"a b\" "
                     "reason=\"say \\x22hi\\x22\"\n"),
      line);
}

BOOST_AUTO_TEST_CASE(a_key_with_nothing_to_say_is_left_out) {
  Captured out;

  log(noted, {{"hold", ""}, {"tls", std::string()}, {"delay", 0.0}, {"size", 0}});
  flush_log();

  const auto line = out.now();
  BOOST_TEST(line.ends_with(" info noted delay=0.00 size=0\n"), line);
}

BOOST_AUTO_TEST_CASE(an_endless_value_is_cut) {
  Captured out;

  log(noted, {{"error", std::string(1'000'000, 'x')}});
  flush_log();

  BOOST_TEST(out.now().size() < 1000U);
}

BOOST_AUTO_TEST_CASE(events_below_the_level_are_not_written) {
  Captured out;

  log(detail, {{"n", 1}});
  set_log_level(Level::debug);
  log(detail, {{"n", 2}});
  set_log_level(Level::warning);
  log(noted, {{"n", 3}});
  log(alarming, {{"n", 4}});
  set_log_level(Level::info);
  flush_log();

  const auto text = out.now();
  BOOST_TEST(occurrences(text, "\n") == 2U);
  BOOST_TEST(occurrences(text, "debug detail n=2\n") == 1U);
  BOOST_TEST(occurrences(text, "warning alarming n=4\n") == 1U);
}

BOOST_AUTO_TEST_CASE(the_thread_writes_without_a_flush) {
  Captured out;

  log(noted, {{"n", 1}});

  BOOST_TEST(out.until("n=1\n").ends_with("info noted n=1\n"));
}

BOOST_AUTO_TEST_CASE(lines_of_many_threads_stay_whole_and_in_each_threads_order) {
  Captured out;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int n = 0; n < 200; ++n) log(noted, {{"thread", t}, {"n", n}});
    });
  }
  for (auto& thread : threads) thread.join();
  log(noted, {{"last", "one"}});

  const auto text = out.until("last=one\n");
  std::vector<int> next(4, 0);
  for (const auto line : split(text, '\n')) {
    const auto at = line.find("thread=");
    if (at == std::string_view::npos) continue;
    const auto thread = static_cast<std::size_t>(line[at + 7] - '0');
    BOOST_TEST(line.substr(at + 9) == "n=" + std::to_string(next[thread]++));
  }
  for (const int n : next) BOOST_TEST(n == 200);
}

/// The sum of what lines about lost lines say: one, or more where the writer came late to its
/// first.
std::uint64_t told_lost(std::string_view text) {
  constexpr std::string_view words = "log_dropped lines=";
  std::uint64_t sum = 0;
  for (const auto line : split(text, '\n')) {
    const auto at = line.find(words);
    const bool whole = line.data() + line.size() < text.data() + text.size();
    if (at != std::string_view::npos && whole)
      sum += std::stoull(std::string(line.substr(at + words.size())));
  }
  return sum;
}

// Fault F16: whoever reads the log stands still. 8 MiB are logged; 4 MiB are kept.
BOOST_AUTO_TEST_CASE(a_reader_that_stands_still_costs_lines_and_no_time) {
  Captured out;
  const auto before = dropped().value();
  const std::string kilobyte(790, 'x');
  constexpr int lines = 10'000;

  const auto start = std::chrono::steady_clock::now();
  for (int n = 0; n < lines; ++n) log(noted, {{"reason", kilobyte}});
  const auto taken = std::chrono::steady_clock::now() - start;

  const auto lost = dropped().value() - before;
  BOOST_TEST(lost > lines / 4U);
  BOOST_TEST(lost < lines * 3U / 4U);
  BOOST_TEST((taken < 5s));
  std::string text;
  while (told_lost(text) < lost) {
    const auto more = out.until("\n");
    BOOST_REQUIRE(!more.empty());
    text += more;
  }
  BOOST_TEST(told_lost(text) == lost);
  BOOST_TEST(occurrences(text, " noted ") == lines - lost);
}

BOOST_AUTO_TEST_CASE(what_a_flush_could_not_write_is_written_later_without_a_further_line) {
  Captured out;
  const std::string page(4096, '.');
  pollfd writable{STDERR_FILENO, POLLOUT, 0};
  while (::poll(&writable, 1, 0) == 1) {
    BOOST_REQUIRE(::write(STDERR_FILENO, page.data(), page.size()) == 4096);
  }

  log(noted, {{"n", 1}});
  flush_log();

  BOOST_TEST(out.until("n=1\n").ends_with("info noted n=1\n"));
}

BOOST_AUTO_TEST_CASE(flushing_to_a_reader_that_stands_still_ends) {
  Captured out;
  for (int n = 0; n < 1000; ++n) log(noted, {{"reason", std::string(790, 'x')}});

  const auto start = std::chrono::steady_clock::now();
  flush_log();

  BOOST_TEST((std::chrono::steady_clock::now() - start < 5s));
  log(noted, {{"last", "one"}});
  BOOST_TEST(occurrences(out.until("last=one\n"), " noted ") == 1001U);
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_gone_does_not_end_the_process) {
  const auto status = in_child([] {
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(1);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    log(alarming, {{"n", 1}});
    flush_log();
    ::close(STDERR_FILENO);
    log(alarming, {{"n", 2}});
    flush_log();
  });

  BOOST_TEST(status == 0);
}

// The parent's thread is stuck in the middle of a write and holds what guards it.
BOOST_AUTO_TEST_CASE(an_unbuffered_child_needs_nothing_of_its_parents_log) {
  Captured stuck;
  for (int n = 0; n < 1000; ++n) log(noted, {{"reason", std::string(790, 'x')}});
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);

  const auto status = in_child([&] {
    log_unbuffered();
    ::dup2(writer.get(), STDERR_FILENO);
    log(noted, {{"from", "child"}});
    flush_log();
  });
  writer.reset();

  char line[4096];
  const auto n = ::read(reader.get(), line, sizeof line);
  BOOST_TEST(status == 0);
  BOOST_REQUIRE(n > 0);
  BOOST_TEST(std::string(line, static_cast<std::size_t>(n)).ends_with("info noted from=child\n"));
  log(noted, {{"last", "one"}});
  BOOST_TEST(occurrences(stuck.until("last=one\n"), " noted ") == 1001U);
}

BOOST_AUTO_TEST_CASE(forking_amid_logging_threads_never_locks_a_child_up) {
  Captured out;
  const UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ::dup2(nowhere.get(), STDERR_FILENO);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (!stop) log(noted, {{"from", "parent"}});
    });
  }

  int failed = 0;
  for (int n = 0; n < 100; ++n) {
    failed += in_child([n] {
                if (n % 2 == 0) log_unbuffered();
                log(noted, {{"from", "child"}});
                flush_log();
              }) != 0;
  }
  stop = true;
  for (auto& thread : threads) thread.join();

  flush_log();
  BOOST_TEST(failed == 0);
}

BOOST_AUTO_TEST_CASE(a_child_writes_its_own_lines_and_none_of_its_parents) {
  Captured out;
  log(noted, {{"from", "parent"}});

  const auto status = in_child([] {
    log(noted, {{"from", "child"}});
    flush_log();
  });
  flush_log();

  const auto text = out.now();
  BOOST_TEST(status == 0);
  BOOST_TEST(occurrences(text, "from=parent\n") == 1U);
  BOOST_TEST(occurrences(text, "from=child\n") == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_buffered_is_written_at_exit) {
  Captured out;

  const auto status = in_child([] {
    for (int n = 0; n < 100; ++n) log(noted, {{"n", n}});
    std::exit(0);
  });

  const auto text = out.now();
  BOOST_TEST(status == 0, text);
  BOOST_TEST(occurrences(text, " noted ") == 100U);
}

BOOST_AUTO_TEST_SUITE_END()
