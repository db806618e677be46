// restart_bench.cc — how long a start takes with many deferred messages, clean and after a kill -9.
//
//     restart_bench DIRECTORY [messages=1000000] [octets=4000] [behind=100000]
//
// Each message has a sender and a recipient of its own and was deferred once. Before the kill so
// many more are accepted behind the checkpoint, and as many of the old are deferred once more.
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>

#include <fmt/core.h>

#include "gateway/base/metrics.h"
#include "gateway/queue/spool.h"

using namespace postern;

namespace {

class Stopwatch {
 public:
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_)
        .count();
  }
  /// Of this process: what remains when others want the machine, too.
  double cpu_milliseconds() const { return cpu() - cpu_; }

 private:
  static double cpu() {
    return static_cast<double>(std::clock()) * 1000 / static_cast<double>(CLOCKS_PER_SEC);
  }

  double cpu_ = cpu();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::unique_ptr<Spool> open_spool(const std::string& directory, const Clock& clock,
                                  const char* when) {
  RecoveryReport report;
  auto disk = open_disk(directory);
  if (!disk) std::exit(1);
  const auto before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  std::uint64_t told = 0;
  const Stopwatch opening;
  auto spool =
      Spool::open(*std::move(disk), clock, {}, [&told](const MessageSummary&) { ++told; }, report);
  if (!spool) {
    fmt::print(stderr, "{}\n", spool.error().what);
    std::exit(1);
  }
  const auto after = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  fmt::print(
      "start {}: {:.0f} ms ({:.0f} of CPU), {} messages, {} of them from the checkpoint, {} "
      "records and {} "
      "MiB of the log read; {:.1f} octets of memory a message\n",
      when, opening.milliseconds(), opening.cpu_milliseconds(), told, report.from_checkpoint,
      report.records, report.replayed_octets >> 20,
      static_cast<double>(after - before) / static_cast<double>(std::max<std::uint64_t>(told, 1)));
  return *std::move(spool);
}

std::string address(std::uint64_t number) {
  return std::to_string(1'000'000'000'000'000 + number) + "@x.example.org";
}

/// Accepts messages, a few thousand in flight, and waits for all.
void fill(Spool& spool, MessageIdSource& ids, std::uint64_t messages, std::size_t octets) {
  const auto content = std::make_shared<const std::string>(octets, 'x');
  std::atomic<std::uint64_t> under_way = 0;
  for (std::uint64_t i = 0; i < messages; ++i) {
    auto envelope = std::make_shared<Envelope>();
    envelope->id = ids.next();
    envelope->arrival = WallTime(std::chrono::microseconds(envelope->id.value >> 12));
    envelope->sender = address(envelope->id.value);
    envelope->client_address = "127.0.0.1";
    envelope->variants[0].prepend = "Received: from bench.example.org by gateway.example.org\r\n";
    envelope->recipients.emplace_back().address = address(envelope->id.value + 1);
    while (under_way > 4000) std::this_thread::sleep_for(std::chrono::microseconds(100));
    ++under_way;
    spool.accept(std::move(envelope), content, [&under_way](const Result<>& result) {
      if (!result) std::abort();
      --under_way;
    });
  }
  while (under_way > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void defer(Spool& spool, std::uint64_t most) {
  Progress progress;
  progress.attempts = 1;
  progress.next_attempt = WallTime(std::chrono::seconds(2'000'000'000));
  progress.last_reply = "450 4.4.1 mx.example.org[192.0.2.7]:25 connection timed out";
  for (const auto id : spool.ids()) {
    if (most-- == 0) break;
    progress.id = id;
    spool.progress(progress);
  }
}

/// Works on the spool in a process that ends without closing it.
template <class Work>
void killed(Work work) {
  const auto child = ::fork();
  if (child == 0) {
    work();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: restart_bench DIRECTORY [messages] [octets] [behind]\n");
    return 64;
  }
  const auto number = [&](int i, std::uint64_t otherwise) {
    return count > i ? std::strtoull(arguments[i], nullptr, 10) : otherwise;
  };
  const std::string directory = arguments[1];
  const auto messages = number(2, 1'000'000);
  const auto octets = number(3, 4000);
  const auto behind = number(4, 100'000);
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  SystemClock clock;
  MessageIdSource ids(clock, 1);
  {
    const auto spool = open_spool(directory, clock, "empty");
    const Stopwatch filling;
    fill(*spool, ids, messages, octets);
    defer(*spool, messages);
    fmt::print("filled in {:.0f} ms, {} checkpoints meanwhile\n", filling.milliseconds(),
               counter("postern_spool_checkpoints_total", "").value());
    const Stopwatch closing;
    spool->close();
    fmt::print("closed in {:.0f} ms\n", closing.milliseconds());
  }
  killed([&] {
    Spool& spool = *open_spool(directory, clock, "after a clean stop").release();
    fill(spool, ids, behind, octets);
    defer(spool, behind);
    fill(spool, ids, 1, octets);
  });
  killed([&] { open_spool(directory, clock, "after a kill").release(); });
  ::unlinkat(AT_FDCWD, (directory + "/checkpoint").c_str(), 0);
  killed([&] { open_spool(directory, clock, "without a checkpoint").release(); });
  return 0;
}
