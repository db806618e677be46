// memory_spool.h — a spool without a disk, for tests of what stands before and behind it.
// Completions come at once, or fail as told.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/queue/spool.h"

namespace postern::test {

class MemorySpool final : public Spool {
 public:
  struct Stored {
    Envelope envelope;
    Content content;
  };

  void accept(std::shared_ptr<const Envelope> envelope, Content content, Completion done) override {
    if (failure) return done(std::unexpected(*failure));
    messages[envelope->id] = {*envelope, std::move(content)};
    done({});
  }
  void progress(Progress change) override { apply(change); }
  void progress(Progress change, Completion done) override {
    if (refuse_progress_after == changes.size())
      return done(fail(std::errc::no_space_on_device, "no space for the record"));
    apply(change);
    done({});
  }
  void remove(MessageId id, Completion done) override {
    messages.erase(id);
    done({});
  }
  Result<Envelope> envelope(MessageId id) override {
    const auto found = messages.find(id);
    if (found == messages.end())
      return fail(std::errc::no_such_file_or_directory, "no such message");
    return found->second.envelope;
  }
  Result<Content> content(MessageId id) override {
    const auto found = messages.find(id);
    if (found == messages.end())
      return fail(std::errc::no_such_file_or_directory, "no such message");
    return found->second.content;
  }
  std::vector<MessageId> ids() const override {
    std::vector<MessageId> out;
    for (const auto& [id, message] : messages) out.push_back(id);
    return out;
  }
  bool look(MessageId id, const See& see) const override {
    const auto found = messages.find(id);
    if (found == messages.end()) return false;
    see_one(found->second, see);
    return true;
  }
  void look_at_all(const See& see) const override {
    for (const auto& [id, message] : messages) see_one(message, see);
  }
  Result<BackupReport> backup(Disk&) override {
    return fail(std::errc::not_supported, "a spool in memory has nothing to copy");
  }
  bool healthy() const override { return is_healthy; }
  bool has_room(std::uint64_t) const override { return room; }
  void close() override {}

  std::map<MessageId, Stored> messages;
  std::vector<Progress> changes;
  std::optional<Error> failure;
  std::optional<std::size_t> refuse_progress_after;  // so many changes that wait for the disk
  bool is_healthy = true;
  bool room = true;

 private:
  static void see_one(const Stored& message, const See& see) {
    const Envelope& e = message.envelope;
    std::string open;
    for (const auto& recipient : e.recipients) {
      if (recipient.open()) open += recipient.address + '\n';
    }
    see({e.id, e.arrival, message.content ? message.content->size() : 0, e.attempts, e.next_attempt,
         e.sender, e.client_address, e.last_reply, e.hold, e.route, e.delay_notice_sent, open, 0});
  }
  void apply(const Progress& change) {
    changes.push_back(change);
    const auto found = messages.find(change.id);
    if (found == messages.end()) return;
    Envelope& envelope = found->second.envelope;
    for (const auto& each : change.changes) envelope.recipients[each.recipient].state = each.state;
    if (change.attempted) {
      envelope.attempts = change.attempts;
      envelope.next_attempt = change.next_attempt;
      envelope.last_reply = change.last_reply;
    }
    if (change.route) envelope.route = *change.route;
    envelope.delay_notice_sent = envelope.delay_notice_sent || change.delay_notice_sent;
    if (change.hold == Progress::Hold::set) envelope.hold = change.hold_reason;
    if (change.hold == Progress::Hold::clear) envelope.hold.clear();
    if (envelope.open_recipients() == 0) messages.erase(found);
  }
};

}  // namespace postern::test
