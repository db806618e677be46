// index_bench.cc — what a deferred message costs in memory, and how quickly it is found.
//
//     index_bench [messages=1000000] [shared]
//
// With "shared" all have one sender and one recipient; otherwise each has its own, of 30 octets.
#include <malloc.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "gateway/queue/index.h"

using namespace postern;

namespace {

std::size_t allocated() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

class Stopwatch {
 public:
  double nanoseconds() const {
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string address(std::uint64_t number, bool shared) {
  return std::to_string(1'000'000'000'000'000 + (shared ? 0 : number)) + "@x.example.org";
}

void fill(Index& index, std::uint64_t count, bool shared) {
  Envelope envelope;
  envelope.client_address = "192.0.2.1";
  envelope.recipients.resize(1);
  for (std::uint64_t i = 0; i < count; ++i) {
    envelope.id = {(1'700'000'000'000'000 + i * 200) << 12};
    envelope.arrival = WallTime(std::chrono::microseconds(1'700'000'000'000'000 + i * 200));
    envelope.sender = address(i, shared);
    envelope.recipients[0].address = address(i + count, shared);
    index.put(envelope, 4000, false, {static_cast<std::uint32_t>(i / 15000), 8192, 300, 4000});
  }
}

}  // namespace

int main(int count, char** arguments) {
  const auto messages = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000;
  const bool shared = count > 2 && std::string(arguments[2]) == "shared";
  const auto each = static_cast<double>(messages);
  const auto before = allocated();
  Index index;

  const Stopwatch putting;
  fill(index, messages, shared);
  fmt::print("put: {:.0f} ns\n", putting.nanoseconds() / each);

  const auto ids = index.ids();
  Progress change;
  change.attempts = 3;
  change.next_attempt = WallTime(std::chrono::seconds(1'700'003'600));
  change.last_reply = "450 4.4.1 mx.example.org[192.0.2.7]:25 connection timed out";
  const Stopwatch deferring;
  for (const auto id : ids) {
    change.id = id;
    index.apply(change);
  }
  fmt::print("defer, in order: {:.0f} ns\n", deferring.nanoseconds() / each);
  fmt::print("memory: {:.1f} octets a message\n",
             static_cast<double>(allocated() - before - ids.capacity() * 8) / each);

  std::mt19937_64 random(1);
  std::uint64_t sum = 0;
  const Stopwatch looking;
  for (std::uint64_t i = 0; i < messages; ++i) {
    index.look(ids[random() % ids.size()], [&sum](const MessageSummary& m) { sum += m.attempts; });
  }
  fmt::print("look, anywhere: {:.0f} ns\n", looking.nanoseconds() / each);
  const Stopwatch walking;
  index.look_at_all([&sum](const MessageSummary& m) { sum += m.recipients_key; });
  fmt::print("look at all: {:.0f} ms\n", walking.nanoseconds() / 1e6);
  const Stopwatch ordering;
  sum += index.ids().size();
  fmt::print("ids in order: {:.0f} ms\n", ordering.nanoseconds() / 1e6);
  const Stopwatch erasing;
  for (const auto id : ids) index.erase(id);
  fmt::print("erase: {:.0f} ns ({})\n", erasing.nanoseconds() / each, sum % 2);
  return 0;
}
