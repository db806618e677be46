// session_fixture.h — a session on one end of a socket pair, and a client in the test's hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/session/session.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/memory_spool.h"

namespace postern::test {

/// Answers what it was told, at one stage.
struct Script {
  Stage stage = Stage::rcpt;
  Opinion opinion;
};

class SessionFixture {
 public:
  SessionFixture();
  ~SessionFixture();

  /// Begins the session; afterwards `greeting` is its first line.
  void begin();
  /// Sends the octets and returns all that the session answers to them. `end` where it has closed.
  std::string say(std::string_view octets);
  /// As say(), for a whole mail to rcpt@example.org with this content; returns the last reply.
  std::string send_mail(std::string_view content);
  bool ended() const { return ended_; }

  SmtpdSettings smtpd;
  PolicySettings policy;
  std::vector<Script> filters;
  MemorySpool spool;
  std::vector<std::shared_ptr<const Envelope>> queued;
  std::string greeting;

 private:
  std::string read_replies();

  Loop loop_;
  FakeResolver dns_;
  SystemClock clock_;
  MessageIdSource ids_{clock_, 1};
  std::atomic<std::uint64_t> memory_{0};
  SessionHost host_;
  std::unique_ptr<Session> session_;
  TaskGroup group_;
  UniqueFd client_;
  bool ended_ = false;
};

}  // namespace postern::test
