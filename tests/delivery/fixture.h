// fixture.h — a gateway's delivery side in a test: loop, fake DNS, transports, one message.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gateway/delivery/transports.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_server.h"

namespace postern::test {

struct Fixture {
  Loop loop;
  FakeResolver resolver;
  BlockingPool threads{1};
  std::shared_ptr<DeliverySettings> settings = std::make_shared<DeliverySettings>();
  OwnListeners own_listeners;
  std::shared_ptr<const TlsContext> tls;
  Envelope envelope;
  std::string content = "Subject: test\r\n\r\nHello.\r\n";
  std::unique_ptr<Transports> transports;

  Fixture() {
    envelope.sender = "sender@example.org";
    recipient("one@example.com");
  }
  ~Fixture() { close(); }

  QueuedRecipient& recipient(std::string address) {
    QueuedRecipient added;
    added.address = std::move(address);
    return envelope.recipients.emplace_back(std::move(added));
  }

  static Route smtp_to(std::uint16_t port) {
    Route route;
    route.transport = Route::Transport::smtp;
    route.host = "127.0.0.1";
    route.port = port;
    return route;
  }
  static Route lmtp_to(std::uint16_t port) {
    Route route = smtp_to(port);
    route.transport = Route::Transport::lmtp;
    return route;
  }

  DeliveryContext context() {
    return {loop, resolver, settings, "gate.example", own_listeners, tls};
  }
  DeliveryJob job(Route route) {
    DeliveryJob out;
    out.envelope = std::make_shared<const Envelope>(envelope);
    out.content = std::make_shared<const std::string>(content);
    out.route = std::move(route);
    for (std::uint32_t i = 0; i < envelope.recipients.size(); ++i) out.recipients.push_back(i);
    return out;
  }
  /// Connections are kept for the next call.
  DeliveryOutcome deliver(Route route) {
    if (!transports) transports = std::make_unique<Transports>(context(), threads);
    return run_task(loop, transports->deliver(job(std::move(route))));
  }
  /// Says goodbye on kept connections.
  void close() {
    if (!transports) return;
    run_task(loop, transports->close());
    transports.reset();
  }
  DeliveryOutcome deliver_once(Route route) {
    DeliveryOutcome out = deliver(std::move(route));
    close();
    return out;
  }
};

/// "250 450 550": the codes of all recipients.
inline std::string codes(const DeliveryOutcome& outcome) {
  std::string out;
  for (const auto& one : outcome.recipients) {
    out += (out.empty() ? "" : " ") + std::to_string(one.reply.code);
  }
  return out;
}

inline std::string statuses(const DeliveryOutcome& outcome) {
  std::string out;
  for (const auto& one : outcome.recipients) {
    out += (out.empty() ? "" : " ") + one.reply.enhanced.text();
  }
  return out;
}

}  // namespace postern::test
