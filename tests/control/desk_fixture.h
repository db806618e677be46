// desk_fixture.h — a desk with a queue in memory behind it, a next hop that is scripted, and a disk
// for its orders.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/control/queue_desk.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/memory_spool.h"
#include "tests/support/run_task.h"
#include "tests/support/simulated_disk.h"

namespace postern::test {

/// Nobody answers there, until `reached` is set.
class ScriptedTransport final : public Transport {
 public:
  Task<DeliveryOutcome> deliver(DeliveryJob job) override {
    jobs.push_back(job);
    DeliveryOutcome out;
    out.reached = reached;
    for (const auto i : job.recipients) out.recipients.push_back({i, answer});
    co_return out;
  }

  std::vector<DeliveryJob> jobs;
  Reply answer = reply(451, {4, 4, 1}, "connection refused");
  bool reached = false;
};

/// What came back for a request.
struct Said {
  std::string octets;              // of all pieces
  std::vector<std::string> lines;  // but the last
  std::uint64_t count = 0;
  std::string error, kind;
  std::size_t longest_piece = 0;

  /// The octets as a table, without its heading.
  std::vector<std::vector<std::string>> rows() const {
    std::vector<std::vector<std::string>> out;
    std::istringstream text(octets);
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with('#')) continue;
      auto& row = out.emplace_back();
      std::istringstream cells(line);
      for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    }
    return out;
  }
};

struct DeskFixture {
  Loop loop;
  FakeResolver resolver;
  BlockingPool files{2};
  MemorySpool spool;
  SystemClock clock;
  MessageIdSource ids{clock, 1};
  ScriptedTransport transport;
  std::shared_ptr<DiskHistory> history = std::make_shared<DiskHistory>(DiskImage{{}, {"."}});
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<StandingOrders> orders;
  std::unique_ptr<QueueDesk> desk;

  DeskFixture() {
    auto config = std::make_shared<DispatchConfig>();
    PolicySettings policy;
    policy.relayhost.text = "[127.0.0.1]:9";
    std::vector<Problem> problems;
    config->policies = open_policies(policy, "gate.example", problems);
    config->delivery = std::make_shared<DeliverySettings>();
    config->myhostname = "gate.example";
    dispatcher = std::make_unique<Dispatcher>(
        Dispatcher::Parts{loop, spool, transport, resolver, files, clock, ids}, config);
    orders = std::make_unique<StandingOrders>(loop, files, simulated_disk(history));
    desk = std::make_unique<QueueDesk>(DeskParts{loop, spool, *dispatcher, files, clock, *orders});
  }

  /// A message that was tried once and waits for an hour.
  MessageId deferred(const std::string& sender, const std::string& recipient = "a@home.example") {
    auto envelope = make(sender, recipient);
    envelope->attempts = 1;
    envelope->next_attempt = clock.wall() + std::chrono::hours(1);
    envelope->last_reply = "451 4.3.0 we are asleep";
    spool.messages[envelope->id] = {*envelope, content()};
    spool.look(envelope->id, [this](const MessageSummary& m) { dispatcher->recovered(m); });
    return envelope->id;
  }
  /// A message that has just come.
  MessageId fresh(const std::string& sender, const std::string& recipient = "a@home.example") {
    auto envelope = make(sender, recipient);
    spool.messages[envelope->id] = {*envelope, content()};
    dispatcher->add(envelope, content());
    return envelope->id;
  }
  const Envelope& at(MessageId id) const { return spool.messages.at(id).envelope; }

  /// `members` of the request, beside version and command: R"("filter":{…})".
  Said ask(const std::string& command, const std::string& members = "", bool table = true) {
    std::string request = R"({"v":1,"command":"queue.)" + command + '"';
    if (table) request += R"(,"as":"table")";
    if (!members.empty()) request += ',' + members;
    return ask_line(request + '}');
  }
  Said ask_line(std::string request) {
    std::string text;
    Said said;
    DeskAnswer::Send send = [&](std::string octets) {
      said.longest_piece = std::max(said.longest_piece, octets.size());
      return append(text, std::move(octets));
    };
    run_task(loop, desk->answer(std::move(request), std::move(send)));
    read(text, said);
    return said;
  }
  /// Until the queue's table has as many rows with that in that column; false after ten seconds.
  bool wait(std::size_t column, const std::string& part, std::size_t rows) {
    const SteadyTime until = loop.now() + seconds(10);
    while (loop.now() < until) {
      std::size_t found = 0;
      for (const auto& row : ask("list").rows())
        found += row.at(column).find(part) != row[column].npos;
      if (found == rows) return true;
    }
    return false;
  }

 private:
  static Task<bool> append(std::string& text, std::string octets) {
    text += octets;
    co_return true;
  }
  static Content content() {
    return std::make_shared<const std::string>("Subject: test\r\n\r\nHello.\r\n");
  }
  std::shared_ptr<Envelope> make(const std::string& sender, const std::string& recipient) {
    auto out = std::make_shared<Envelope>();
    out->id = ids.next();
    out->arrival = clock.wall();
    out->sender = sender;
    out->client_address = "192.0.2.7";
    out->recipients.emplace_back().address = recipient;
    return out;
  }
  static void read(std::string_view text, Said& said) {
    constexpr std::string_view octets_follow = "{\"v\":1,\"octets\":";
    while (!text.empty()) {
      const std::string line(text.substr(0, text.find('\n')));
      text.remove_prefix(line.size() + 1);
      if (line.starts_with(octets_follow)) {
        const std::size_t size = std::stoul(line.substr(octets_follow.size()));
        said.octets += text.substr(0, size);
        text.remove_prefix(size);
      } else if (!text.empty()) {
        said.lines.push_back(line);
      } else {
        const auto last = boost::json::parse(line).as_object();
        if (last.contains("count")) said.count = last.at("count").to_number<std::uint64_t>();
        if (last.contains("error")) said.error = last.at("error").as_string();
        if (last.contains("kind")) said.kind = last.at("kind").as_string();
      }
    }
  }
};

}  // namespace postern::test
