// worker_support.h — what the worker tests share: evidence, questions, and a zygote that a test
// plays.
#pragma once

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/worker/channel.h"
#include "gateway/worker/frame.h"
#include "gateway/worker/pool.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/run_task.h"

namespace postern::test {

inline Content content(std::string octets) {
  return std::make_shared<const std::string>(std::move(octets));
}

inline Evidence some_evidence() {
  Evidence evidence;
  evidence.connection = {
      "s1", {"192.0.2.1", 4711}, "mail.example.org", {"192.0.2.2", 25}, true, true, "TLSv1.3",
      "AES"};
  evidence.helo = "mail.example.org";
  evidence.esmtp = true;
  evidence.id = {0x123456789abcdef0};
  evidence.sender = {"sender@example.org", 4000, true, false};
  evidence.recipients = {{"one@example.com"}, {"two@example.com"}};
  evidence.findings = {{"dnsbl", {"zen.example.org", 2.5, "listed"}}};
  return evidence;
}

/// What a question needs around it.
struct Asker {
  explicit Asker(Loop& l) : loop(l) {}
  Context context(milliseconds patience) {
    return {evidence, loop, resolver, clock, loop.now() + patience};
  }

  Answer ask(WorkerPool& pool, const std::string& filter, const std::string& octets,
             milliseconds patience = seconds(20)) {
    return run_task(loop, pool.ask(filter, context(patience), Message{content(octets), ""}));
  }

  Loop& loop;
  FakeResolver resolver;
  SystemClock clock;
  Evidence evidence = some_evidence();
};

/// The far end of a worker's channel, played by the test: blocking reads and writes.
class PlayedWorker {
 public:
  PlayedWorker(UniqueFd channel, std::uint64_t token)
      : channel_(std::move(channel)), token_(token) {}

  void say_ready() { say({FrameKind::ready, 0, token_, 0, {}}, encode_ready({1, "played"})); }
  void say(const FrameHeader& header, std::string_view body) { say(encode_frame(header, body)); }
  void say(std::string_view octets, int descriptor = -1) {
    [[maybe_unused]] const auto sent = send_with(channel_.get(), octets, descriptor);
  }
  /// The id of the next question; 0 when the gateway has hung up.
  std::uint64_t read_question() {
    const std::string head = read(frame_header_size);
    const auto header = decode_header(head, largest_ask);
    if (!header) return 0;
    read(header->size);
    return header->id;
  }
  /// Waits until the gateway hangs up.
  void read_to_the_end() {
    while (!read(1).empty()) {
    }
  }

 private:
  std::string read(std::size_t size) {
    std::string octets(size, '\0');
    const ssize_t got = ::recv(channel_.get(), octets.data(), size, MSG_WAITALL);
    octets.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return octets;
  }
  UniqueFd channel_;
  std::uint64_t token_;
};

/// A zygote that a test plays: a thread that runs `script` for each worker that is ordered, one
/// after another, and counts the orders to kill.
class PlayedZygote {
 public:
  using Script = void (*)(PlayedWorker& worker, int number);

  explicit PlayedZygote(Script script) {
    auto ends = socket_pair(SOCK_SEQPACKET);
    control_ = std::make_shared<const UniqueFd>(std::move(ends->first));
    thread_ =
        std::thread([script, this, end = std::move(ends->second)] { play(script, end.get()); });
  }
  ~PlayedZygote() {
    control_.reset();  // the pool must have given up its own copy
    thread_.join();
    for (auto& worker : workers_) worker.join();
  }
  Control control() const { return control_; }
  int started() const { return started_; }

 private:
  void play(Script script, int control) {
    std::array<char, frame_header_size> octets;
    for (;;) {
      auto received = receive_with(control, octets);
      if (!received || !*received || (*received)->octets == 0) return;
      const auto header = decode_header(std::string_view(octets.data(), (*received)->octets), 0);
      if (!header || header->kind != FrameKind::start) continue;
      PlayedWorker worker(std::move((*received)->descriptors.at(0)), header->id);
      workers_.emplace_back([script, number = started_.load(), w = std::move(worker)]() mutable {
        script(w, number);
      });
      ++started_;
    }
  }

  Control control_;
  std::thread thread_;
  std::vector<std::thread> workers_;
  std::atomic<int> started_ = 0;
};

}  // namespace postern::test
