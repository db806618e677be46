#include "gateway/control/standing.h"

#include <algorithm>

namespace postern {
namespace {

/// The scheduler's times are coarser than the spool's, and only where the clock was set do they
/// differ by more: then the scheduler's is the true one (F15).
constexpr seconds same_time{1};

bool waits_for_a_time(const Whereabouts& where) {
  return where.next != SteadyTime::max() && where.state != Whereabouts::State::unknown;
}

WallTime next_of(const MessageSummary& message, const Whereabouts& where,
                 const Placing::Moment& now) {
  const WallTime next = wall_time_of(std::max(where.next, now.steady), now);
  const bool agree =
      message.next_attempt - next <= same_time && next - message.next_attempt <= same_time;
  return agree ? message.next_attempt : next;
}

}  // namespace

std::string_view name_of(QueueState state) {
  switch (state) {
    case QueueState::active:
      return "active";
    case QueueState::deferred:
      return "deferred";
    case QueueState::hold:
      return "hold";
  }
  return "";
}

WallTime wall_time_of(SteadyTime time, const Placing::Moment& now) {
  const auto wait = std::chrono::duration_cast<WallTime::duration>(time - now.steady);
  return std::chrono::round<seconds>(now.wall + wait);
}

Standing standing_of(const MessageSummary& message, const Whereabouts& where,
                     const Placing::Moment& now) {
  if (!message.hold.empty()) return {QueueState::hold, {}, message.hold};
  if (where.state == Whereabouts::State::active)
    return {QueueState::active, {}, message.last_reply};
  const bool waits = waits_for_a_time(where);
  Standing out;
  out.state = message.attempts == 0 && !waits ? QueueState::active : QueueState::deferred;
  out.reason = where.reason.empty() ? message.last_reply : std::string_view(where.reason);
  if (waits) out.next = next_of(message, where, now);
  return out;
}

}  // namespace postern
