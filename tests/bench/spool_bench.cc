// spool_bench.cc — what a durable accept costs: N writers, each waiting for its 250 before the
// next.
//
//     spool_bench DIRECTORY [writers=32] [messages=2000 each] [octets=4000] [keep]
//
// The directory must be on the disk that is to be measured. Without "keep" each message is
// delivered at once, as in a relay that keeps up.
#include <chrono>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "gateway/base/metrics.h"
#include "gateway/queue/spool.h"

using namespace postern;

namespace {

struct Plan {
  std::string directory;
  std::size_t writers = 32;
  std::size_t messages = 2000;
  std::size_t octets = 4000;
  bool keep = false;
};

std::shared_ptr<Envelope> envelope(MessageId id) {
  auto out = std::make_shared<Envelope>();
  out->id = id;
  out->sender = "sender@example.org";
  out->client_address = "127.0.0.1";
  out->helo = "bench.example.org";
  out->variants[0].prepend =
      "Received: from bench.example.org by gateway.example.org id " + id.text() + "\r\n";
  out->recipients.emplace_back().address = "recipient@example.com";
  return out;
}

void write(Spool& spool, MessageIdSource& ids, const Plan& plan) {
  const auto content = std::make_shared<const std::string>(plan.octets, 'x');
  for (std::size_t i = 0; i < plan.messages; ++i) {
    const auto id = ids.next();
    std::promise<bool> answer;
    spool.accept(envelope(id), content,
                 [&answer](Result<> result) { answer.set_value(result.has_value()); });
    if (!answer.get_future().get()) {
      fmt::print(stderr, "a message was refused\n");
      std::exit(1);
    }
    if (plan.keep) continue;
    Progress progress;
    progress.id = id;
    progress.changes = {{0, RecipientState::delivered}};
    spool.progress(std::move(progress));
  }
}

int run(const Plan& plan) {
  SystemClock clock;
  RecoveryReport report;
  auto disk = open_disk(plan.directory);
  if (!disk) {
    fmt::print(stderr, "{}\n", disk.error().what);
    return 1;
  }
  const auto opening = std::chrono::steady_clock::now();
  auto spool = Spool::open(*std::move(disk), clock, {}, nullptr, report);
  if (!spool) {
    fmt::print(stderr, "{}\n", spool.error().what);
    return 1;
  }
  const auto start = std::chrono::steady_clock::now();
  MessageIdSource ids(clock, 1);
  ids.not_before(report.last_id);
  {
    std::vector<std::jthread> writers;
    for (std::size_t i = 0; i < plan.writers; ++i) {
      writers.emplace_back([&] { write(**spool, ids, plan); });
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  (*spool)->close();

  const auto count = static_cast<double>(plan.writers * plan.messages);
  const auto value = [](const char* name) {
    return static_cast<double>(counter(name, "").value());
  };
  fmt::print("recovered {} messages in {:.0f} ms\n", report.messages,
             std::chrono::duration<double, std::milli>(start - opening).count());
  fmt::print(
      "{:.0f} messages/s, {:.3f} syncs/message, {:.2f} octets written/octet of mail, {} segments "
      "deleted\n",
      count / took.count(), value("postern_spool_syncs_total") / count,
      value("postern_spool_written_octets_total") / (count * static_cast<double>(plan.octets)),
      value("postern_spool_segments_removed_total"));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: spool_bench DIRECTORY [writers] [messages] [octets] [keep]\n");
    return 64;
  }
  Plan plan;
  plan.directory = arguments[1];
  const auto number = [&](int i, std::size_t& value) {
    if (count > i) value = std::strtoull(arguments[i], nullptr, 10);
  };
  number(2, plan.writers);
  number(3, plan.messages);
  number(4, plan.octets);
  plan.keep = count > 5 && std::string(arguments[5]) == "keep";
  return run(plan);
}
