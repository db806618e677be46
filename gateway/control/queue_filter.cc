#include "gateway/control/queue_filter.h"

#include <algorithm>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern {

bool glob_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool QueueFilter::everything() const {
  return id.empty() && sender.empty() && recipient.empty() && destination.empty() &&
         state.empty() && reason.empty() && client.empty() && age.count() == 0;
}

bool QueueFilter::matches(const Envelope& envelope, std::string_view state_now,
                          WallTime now) const {
  if (!id.empty() && id != envelope.id.text()) return false;
  if (!state.empty() && state != state_now) return false;
  if (!sender.empty() && !glob_match(sender == "<>" ? "" : sender, envelope.sender)) return false;
  if (!client.empty() && !glob_match(client, envelope.client_address)) return false;
  if (age.count() > 0 && now - envelope.arrival < age) return false;
  if (!reason.empty() && envelope.last_reply.find(reason) == std::string::npos &&
      envelope.hold.find(reason) == std::string::npos) {
    return false;
  }
  const auto any_open = [&](const auto& wanted) {
    return std::ranges::any_of(envelope.recipients,
                               [&](const QueuedRecipient& r) { return r.open() && wanted(r); });
  };
  if (!recipient.empty() &&
      !any_open([&](const auto& r) { return glob_match(recipient, r.address); }))
    return false;
  return destination.empty() ||
         any_open([&](const auto& r) { return glob_match(destination, domain_of(r.address)); });
}

}  // namespace postern
