// storm_fixture.h — a queue in memory and a storm over it, through one life of the gateway after
// another; no mail is delivered.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gateway/control/storm.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/memory_spool.h"
#include "tests/support/run_task.h"
#include "tests/support/simulated_disk.h"

namespace postern::test {

/// Stands still until it is moved. The steady time begins with the true one, by which loops wait.
struct HandClock final : Clock {
  WallTime wall_now{std::chrono::seconds(1'790'000'000)};
  SteadyTime steady_now = std::chrono::steady_clock::now();
  WallTime wall() const override { return wall_now; }
  SteadyTime steady() const override { return steady_now; }
  void pass(milliseconds time) {
    wall_now += time;
    steady_now += time;
  }
};

struct NoTransport final : Transport {
  Task<DeliveryOutcome> deliver(DeliveryJob) override { co_return DeliveryOutcome{}; }
};

struct StormyGateway {
  Loop loop;
  BlockingPool files{2};
  HandClock clock;
  MemorySpool spool;
  NoTransport transport;
  FakeResolver resolver;
  MessageIdSource ids{clock, 1};
  std::shared_ptr<DiskHistory> history = std::make_shared<DiskHistory>(DiskImage{{}, {"."}});
  RetrySettings configured;

  // Of one life.
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<StandingOrders> orders;
  std::unique_ptr<UsualRates> usual;
  std::unique_ptr<Storm> storm;
  int applied = 0;

  std::vector<std::string> told;  // "park done 3"

  StormyGateway() { restart(); }

  void restart() {
    storm.reset();
    auto config = std::make_shared<DispatchConfig>();
    std::vector<Problem> problems;
    config->policies = open_policies(PolicySettings{}, "gate.example", problems);
    config->delivery = std::make_shared<const DeliverySettings>();
    config->retry = configured;
    config->myhostname = "gate.example";
    dispatcher = std::make_unique<Dispatcher>(
        Dispatcher::Parts{loop, spool, transport, resolver, files, clock, ids}, config);
    spool.look_at_all([this](const MessageSummary& message) { dispatcher->recovered(message); });
    orders = std::make_unique<StandingOrders>(loop, files, simulated_disk(history));
    orders->load();
    usual = std::make_unique<UsualRates>();
    const DeskParts desk{loop, spool, *dispatcher, files, clock, *orders};
    storm = std::make_unique<Storm>(
        Storm::Parts{desk, *usual, [this] { ++applied; }, [this] { return configured; }});
    storm->take_up();
  }

  MessageId add(const std::string& sender, std::uint32_t attempts, milliseconds age = seconds(60),
                const std::string& hold = "") {
    auto envelope = std::make_shared<Envelope>();
    envelope->id = ids.next();
    envelope->arrival = clock.wall() - age;
    envelope->sender = sender;
    envelope->attempts = attempts;
    envelope->last_reply = attempts > 0 ? "451 4.3.0 not now" : "";
    envelope->hold = hold;
    envelope->recipients.emplace_back().address = "user@remote.example";
    const MessageId id = envelope->id;
    spool.accept(envelope, std::make_shared<const std::string>("Subject: x\r\n\r\nx\r\n"),
                 [](Result<>) {});
    spool.look(id, [this](const MessageSummary& message) { dispatcher->recovered(message); });
    return id;
  }
  Envelope& envelope(MessageId id) { return spool.messages.at(id).envelope; }
  bool exists(MessageId id) const { return spool.messages.contains(id); }
  bool parked(MessageId id) { return envelope(id).hold.starts_with(parked_prefix); }
  std::size_t count_parked() const {
    return static_cast<std::size_t>(std::ranges::count_if(spool.messages, [](const auto& each) {
      return each.second.envelope.hold.starts_with(parked_prefix);
    }));
  }

  Storm::Say say() {
    return [this](Storm::Line line) { return tell(std::move(line)); };
  }
  Task<void> tell(Storm::Line line) {
    told.push_back(line.name + " " + line.state + " " + std::to_string(line.messages));
    co_return;
  }
  Result<std::uint64_t> on(StormPreset preset, const std::string& why = "") {
    told.clear();
    return run_task(loop, storm->on(preset, why, say()));
  }
  Result<std::uint64_t> off() {
    told.clear();
    return run_task(loop, storm->off(say()));
  }
  std::vector<std::string> status() {
    std::vector<std::string> out;
    for (const auto& line : run_task(loop, storm->status()))
      out.push_back(line.name + " " + line.state + " " + std::to_string(line.messages));
    return out;
  }
};

}  // namespace postern::test
