// summary.h — a message as the spool's memory tells of it, with its texts, for tests.
#pragma once

#include <string>

#include "gateway/queue/spool.h"

namespace postern::test {

inline const WallTime noon{std::chrono::seconds(1'800'000'000)};

struct Summary {
  std::string sender = "sender@away.example", client = "192.0.2.7", last_reply, hold;
  std::string recipients = "one@home.example\n";
  std::uint64_t id = 77, size = 4000;
  std::uint32_t attempts = 0, key = 0;
  milliseconds age{0};
  WallTime next{};

  MessageSummary view() const {
    MessageSummary out;
    out.id = {id};
    out.arrival = noon - age;
    out.size = size;
    out.attempts = attempts;
    out.next_attempt = next;
    out.sender = sender;
    out.client = client;
    out.last_reply = last_reply;
    out.hold = hold;
    out.recipients = recipients;
    out.recipients_key = key;
    return out;
  }
};

}  // namespace postern::test
