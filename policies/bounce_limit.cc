#include "policies/bounce_limit.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

// A domain that is forgotten has not been written to for long; 64 KiB for all.
constexpr std::size_t remembered_domains = 4096;

std::uint64_t count(std::int64_t limit) { return static_cast<std::uint64_t>(limit); }

}  // namespace

void describe(BounceLimitSettings& settings, Keys& keys) {
  constexpr std::int64_t most = 1'000'000;
  keys.integer(
      "bounce_rate_limit", settings.bounce_rate_limit, 0, most,
      "Most reports to senders in bounce_rate_time_unit, so that a flood of mail with forged "
      "senders does not become a flood of letters to strangers. More wait for their turn. "
      "Senders in our own domains do not count. 0: no limit.");
  keys.integer("bounce_domain_rate_limit", settings.bounce_domain_rate_limit, 0, most,
               "The same for reports to one domain. 0: no limit.");
  keys.duration("bounce_rate_time_unit", settings.bounce_rate_time_unit, seconds(1),
                std::chrono::days(1), "The time that these limits are counted in.");
  keys.duration(
      "bounce_delay_limit", settings.bounce_delay_limit, milliseconds(0), std::chrono::days(1),
      "How long a report may wait for its turn. One that would wait longer is not written: "
      "the log and postern_bounces_suppressed_total show it.");
}

BounceLimit::BounceLimit(const BounceLimitSettings& settings)
    : settings_(settings),
      all_(count(settings.bounce_rate_limit), settings.bounce_rate_time_unit, 1),
      domains_(count(settings.bounce_domain_rate_limit), settings.bounce_rate_time_unit,
               remembered_domains) {}

std::optional<milliseconds> BounceLimit::admit(const BounceCause& cause, Patience patience,
                                               SteadyTime now) {
  const std::string domain = to_lower(cause.to_domain);
  const milliseconds limit =
      patience == Patience::may_wait ? settings_.bounce_delay_limit : milliseconds(0);
  // Asked first, booked then: what one of the two refuses must not cost a turn at the other.
  const milliseconds wait = std::max(all_.wait("", now), domains_.wait(domain, now));
  if (wait <= limit) {
    all_.book("", now, limit);
    domains_.book(domain, now, limit);
    return wait;
  }
  ++suppressed_;
  to_domains_.add(domain);
  clients_.add(cause.client);
  destinations_.add(cause.destination);
  return std::nullopt;
}

std::optional<BounceLimit::Suppressed> BounceLimit::take_suppressed(SteadyTime now) {
  if (suppressed_ == 0) return std::nullopt;
  if (told_ && now - *told_ < settings_.bounce_rate_time_unit) return std::nullopt;
  told_ = now;
  Suppressed out{suppressed_, to_domains_.top(), clients_.top(), destinations_.top()};
  suppressed_ = 0;
  to_domains_.clear();
  clients_.clear();
  destinations_.clear();
  return out;
}

}  // namespace postern
