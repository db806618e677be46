#include "gateway/control/queue_filter.h"

#include "gateway/base/bytes.h"
#include "gateway/base/glob.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

constexpr milliseconds longest_age = std::chrono::days(36500);

bool contains(std::string_view text, const std::string& part) {
  return glob_match('*' + part + '*', text);
}

/// Whether one of the addresses, each followed by LF, is as asked.
template <class Asked>
bool any_of(std::string_view addresses, const Asked& asked) {
  while (!addresses.empty()) {
    const std::size_t end = addresses.find('\n');
    if (asked(addresses.substr(0, end))) return true;
    if (end == std::string_view::npos) break;
    addresses.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

bool QueueFilter::everything() const {
  return id.empty() && sender.empty() && recipient.empty() && destination.empty() &&
         state.empty() && reason.empty() && client.empty() && age.count() == 0 &&
         younger.count() == 0 && size == 0;
}

Result<> QueueFilter::check() const {
  if (!id.empty() && !MessageId::parse(id)) {
    return fail(std::errc::no_such_file_or_directory,
                "there is no message " + printable(id) +
                    " in the queue (`postern queue list` shows those there are)");
  }
  if (!state.empty() && state != "active" && state != "deferred" && state != "hold") {
    return fail(std::errc::invalid_argument,
                "--state is active, deferred or hold, not \"" + state + "\"");
  }
  for (const milliseconds limit : {age, younger}) {
    if (limit < milliseconds(0) || limit > longest_age)
      return fail(std::errc::invalid_argument, "an age is at most a hundred years");
  }
  return {};
}

bool QueueFilter::may_match(const MessageSummary& message, WallTime now) const {
  if (!state.empty() && (state == "hold") != !message.hold.empty()) return false;
  if (message.size < size) return false;
  if (age.count() > 0 && now - message.arrival < age) return false;
  if (younger.count() > 0 && now - message.arrival >= younger) return false;
  if (!client.empty() && !glob_match(client, message.client)) return false;
  if (sender == "<>") {
    if (!message.sender.empty()) return false;
  } else if (!sender.empty() && !glob_match(sender, message.sender)) {
    return false;
  }
  if (!recipient.empty() && !any_of(message.recipients, [this](std::string_view address) {
        return glob_match(recipient, address);
      })) {
    return false;
  }
  return destination.empty() || any_of(message.recipients, [this](std::string_view address) {
           return glob_match(destination, domain_of(address));
         });
}

bool QueueFilter::matches(const MessageSummary& message, const Standing& standing,
                          WallTime now) const {
  if (!state.empty() && state != name_of(standing.state)) return false;
  if (!reason.empty() && !contains(standing.reason, reason) &&
      !contains(message.last_reply, reason)) {
    return false;
  }
  return may_match(message, now);
}

}  // namespace postern
