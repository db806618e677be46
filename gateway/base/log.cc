#include "gateway/base/log.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "gateway/base/clock.h"
#include "gateway/base/metrics.h"

namespace postern {
namespace {

constexpr Event log_dropped{"log_dropped", Level::warning,
                            "Standard error stood still and lines were lost; see what reads it."};

Counter& dropped = counter("postern_log_dropped_total", "Log lines lost as nobody read them.");

constexpr int destination = STDERR_FILENO;
constexpr auto pause_between_writes = milliseconds(50);
constexpr std::size_t enough_to_write = 64 * 1024;
constexpr std::size_t most_buffered = 4 * 1024 * 1024;
// Long enough for an explanation, short enough that a line fits PIPE_BUF even when escaped.
constexpr std::size_t longest_value = 800;
// flush_log() wants the lines out, but a dead reader must not keep the process from ending.
constexpr auto patience_of_flush = seconds(2);
// A worker writes by itself; what is not taken by then is lost rather than waited for.
constexpr auto patience_unbuffered = milliseconds(50);

std::atomic<Level> least_level{Level::info};
std::atomic<bool> unbuffered{false};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

// Many lines share a second: its text is made once.
void append_time(std::string& line) {
  const auto now = std::chrono::floor<milliseconds>(SystemClock().wall());
  const auto second = std::chrono::floor<seconds>(now);
  thread_local std::chrono::sys_seconds known{};
  thread_local std::string text;
  if (second != known || text.empty()) {
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(second - day);
    text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
    known = second;
  }
  const auto thousandths = static_cast<unsigned>((now - second).count());
  line += text;
  for (const unsigned place : {100U, 10U, 1U}) {
    line += static_cast<char>('0' + thousandths / place % 10);
  }
  line += 'Z';
}

void append_value(std::string& line, const std::string& value) {
  const auto plain = [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet > 0x20 && octet < 0x7f && c != '"' && c != '\\';
  };
  if (!value.empty() && value.size() <= longest_value && std::ranges::all_of(value, plain)) {
    line += value;
    return;
  }
  line += '"';
  line += printable(value, longest_value);
  line += '"';
}

std::string format_line(const Event& event, std::initializer_list<Field> fields) {
  std::string line;
  line.reserve(512);
  append_time(line);
  line += ' ';
  line += name_of(event.level);
  line += ' ';
  line += event.name;
  for (const auto& field : fields) {
    if (field.value.empty()) continue;
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  line += '\n';
  return line;
}

int milliseconds_until(SteadyTime deadline) {
  if (deadline == SteadyTime::max()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<milliseconds::rep>(left.count(), 0));
}

// As many whole lines as fit PIPE_BUF. Such a write is atomic on a pipe (POSIX), so that lines of
// several processes never mix; and after POLLOUT it does not block.
std::size_t next_piece(std::string_view text) {
  if (text.size() <= PIPE_BUF) return text.size();
  const auto end = text.rfind('\n', PIPE_BUF - 1);
  return end == std::string_view::npos ? PIPE_BUF : end + 1;
}

// Returns how much was dealt with. A destination that is closed or broken swallows everything:
// there is nobody left to tell.
std::size_t write_lines(std::string_view text, SteadyTime deadline) {
  std::size_t done = 0;
  while (done < text.size()) {
    pollfd ready{destination, POLLOUT, 0};
    const int polled = ::poll(&ready, 1, milliseconds_until(deadline));
    if (polled < 0 && errno == EINTR) continue;
    if (polled == 0) return done;
    const auto rest = text.substr(done);
    const auto n = ::write(destination, rest.data(), next_piece(rest));
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno != EINTR && errno != EAGAIN) {
      return text.size();
    }
  }
  return done;
}

/// The buffer with its thread. Never destroyed, as threads log until the process is gone.
class Journal {
 public:
  explicit Journal(Journal* inherited) : inherited_(inherited) {}

  void add(const std::string& line, Level level) {
    const std::lock_guard lock(mutex_);
    if (buffer_.size() + in_flight_ + line.size() > most_buffered) {
      ++lost_;
      dropped.add();
      return;
    }
    const bool was_empty = buffer_.empty();
    const bool was_urgent = is_urgent();
    buffer_ += line;
    has_warning_ |= level >= Level::warning;
    if (!started_) start();
    if (was_empty || (is_urgent() && !was_urgent)) wake_.notify_one();
  }

  /// Writes what is buffered; what the deadline cuts off goes back for the thread.
  void drain(SteadyTime deadline) {
    std::unique_lock writing(writing_, std::defer_lock);
    if (deadline == SteadyTime::max()) {
      writing.lock();
    } else if (!writing.try_lock_until(deadline)) {
      return;
    }
    const std::string text = take();
    const std::size_t done = write_lines(text, deadline);

    const std::lock_guard lock(mutex_);
    in_flight_ = 0;
    if (done == text.size()) return;
    buffer_.insert(0, text, done);
    wake_.notify_one();
  }

 private:
  bool is_urgent() const { return has_warning_ || buffer_.size() >= enough_to_write; }

  std::string take() {
    const std::lock_guard lock(mutex_);
    if (lost_ > 0) buffer_ += format_line(log_dropped, {{"lines", std::exchange(lost_, 0)}});
    has_warning_ = false;
    in_flight_ = buffer_.size();
    return std::exchange(buffer_, {});
  }

  // Under the mutex. All signals are blocked in the thread: they belong to the loops, and SIGPIPE
  // of a vanished reader must end nobody.
  void start() {
    started_ = true;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    // Not std::thread, whose state lives on the heap: in a forked child nothing refers to it.
    pthread_t thread{};
    if (pthread_create(&thread, nullptr, run, this) == 0) {
      pthread_detach(thread);
    } else {  // no thread to be had: better slow than silent
      unbuffered.store(true);
      write_lines(std::exchange(buffer_, {}),
                  std::chrono::steady_clock::now() + patience_unbuffered);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  static void* run(void* self) {
    pthread_setname_np(pthread_self(), "log");
    for (;;) static_cast<Journal*>(self)->write_next();
  }

  void write_next() {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !buffer_.empty() || lost_ > 0; });
      wake_.wait_for(lock, pause_between_writes, [this] { return is_urgent(); });
    }
    drain(SteadyTime::max());
  }

  std::timed_mutex writing_;  // who writes; taken before mutex_, so that lines keep their order
  std::mutex mutex_;          // guards what follows, never held while writing
  std::condition_variable wake_;
  std::string buffer_;
  std::size_t in_flight_ = 0;  // octets taken from the buffer, but not yet written
  std::uint64_t lost_ = 0;     // lines since the last log_dropped
  bool has_warning_ = false;
  bool started_ = false;
  // The parent's, after a fork: kept reachable for leak checkers, never touched.
  [[maybe_unused]] Journal* inherited_;
};

std::atomic<Journal*> current{nullptr};
std::atomic<Journal*> of_parent{nullptr};

Journal& journal() {
  if (auto* existing = current.load()) return *existing;
  auto* fresh = new Journal(of_parent.load());
  Journal* expected = nullptr;
  if (current.compare_exchange_strong(expected, fresh)) return *fresh;
  delete fresh;
  return *expected;
}

// The parent's mutexes may be held by threads that do not exist here, and its lines are the
// parent's to write: the child leaves its journal alone and makes one of its own when it logs.
void forget_parent() {
  if (auto* parents = current.exchange(nullptr)) of_parent.store(parents);
}

// Registered before main(), so that flushing comes after the destructors of everything later.
[[maybe_unused]] const int at_fork = pthread_atfork(nullptr, nullptr, forget_parent);
[[maybe_unused]] const int at_exit = std::atexit(flush_log);

}  // namespace

Field::Field(std::string_view k, double v) : key(k), value(fmt::format("{:.2f}", v)) {}

void log(const Event& event, std::initializer_list<Field> fields) {
  if (event.level < least_level.load(std::memory_order_relaxed)) return;
  const std::string line = format_line(event, fields);
  if (!unbuffered.load(std::memory_order_relaxed)) return journal().add(line, event.level);
  const auto deadline = std::chrono::steady_clock::now() + patience_unbuffered;
  if (write_lines(line, deadline) < line.size()) dropped.add();
}

void set_log_level(Level least) { least_level.store(least, std::memory_order_relaxed); }

void flush_log() {
  if (auto* existing = current.load())
    existing->drain(std::chrono::steady_clock::now() + patience_of_flush);
}

void log_unbuffered() {
  forget_parent();
  unbuffered.store(true);
}

}  // namespace postern
