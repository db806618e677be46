#include "gateway/control/selection.h"

#include <algorithm>
#include <span>

namespace postern {

Task<void> Selection::find() {
  if (!filter_.id.empty()) {
    if (const auto id = MessageId::parse(filter_.id)) ids_.push_back(*id);
    co_return;
  }
  const WallTime now = parts_.clock.wall();
  ids_ = co_await parts_.files.run(parts_.loop, [this, now] {
    std::vector<MessageId> found;
    parts_.spool.look_at_all([&](const MessageSummary& message) {
      if (filter_.may_match(message, now)) found.push_back(message.id);
    });
    std::ranges::sort(found);
    return found;
  });
}

Task<bool> Selection::next(const See& see) {
  const auto rest = std::span(ids_).subspan(at_);
  if (rest.empty()) co_return false;
  const auto now_seen = rest.first(std::min(rest.size(), slice));
  at_ += now_seen.size();
  std::vector<Whereabouts> where;
  where.reserve(now_seen.size());
  for (const MessageId id : now_seen) where.push_back(parts_.dispatcher.where(id));
  const Placing::Moment now = parts_.now();
  co_await parts_.files.run(parts_.loop, [&] {
    for (std::size_t i = 0; i < now_seen.size(); ++i) {
      parts_.spool.look(now_seen[i], [&](const MessageSummary& message) {
        const Standing standing = standing_of(message, where[i], now);
        if (filter_.matches(message, standing, now.wall)) see(message, standing);
      });
    }
    return true;
  });
  co_return true;
}

}  // namespace postern
