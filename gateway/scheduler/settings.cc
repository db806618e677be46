#include "gateway/scheduler/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "gateway/base/glob.h"

namespace postern {
namespace {

constexpr milliseconds longest_delay = std::chrono::hours(1);

void describe_feedback(Keys& keys, std::string_view name, Feedback& feedback,
                       std::string_view help) {
  std::string text = "1";
  keys.text(name, text, help);
  if (const auto parsed = Feedback::parse(text)) {
    feedback = *parsed;
  } else {
    keys.problem(name,
                 "is no feedback: write a number above 0 and at most 1, alone or followed by "
                 "/concurrency or /sqrt_concurrency");
  }
}

void describe_default(DestinationLimits& d, Keys& keys) {
  keys.integer(
      "initial_destination_concurrency", d.initial_concurrency, 1, 1000,
      "Deliveries at once that a destination begins with, before it has shown what it bears, and "
      "up to which it is brought back step by step after it was dead.");
  keys.integer(
      "default_destination_concurrency_limit", d.concurrency_limit, 1, 10000,
      "Most deliveries at once to one destination. Lower it when a store or provider complains "
      "of too many connections.");
  keys.integer(
      "default_destination_concurrency_failed_cohort_limit", d.failed_cohort_limit, 1, 100,
      "How many whole windows of failed connections it takes until a destination counts as dead: "
      "then its mail waits without being touched, and one probe goes out now and then, first after "
      "minimal_backoff_time. Raise it for a destination that drops connections at random.");
  describe_feedback(
      keys, "default_destination_concurrency_positive_feedback", d.positive,
      "By how much a destination's window grows with each success. 1/concurrency grows slowly: "
      "for stores that fall over when they are met at full width.");
  describe_feedback(keys, "default_destination_concurrency_negative_feedback", d.negative,
                    "By how much it shrinks with each failure to connect or to be greeted.");
  keys.integer("default_destination_recipient_limit", d.recipient_limit, 1, 10000,
               "Most recipients in one delivery; a message with more is sent in pieces.");
  keys.duration(
      "default_destination_rate_delay", d.rate_delay, milliseconds(0), longest_delay,
      "Least time between the starts of two deliveries to one destination, \"50ms\" for twenty a "
      "second. For providers that count: several may still run at once. 0: none.");
}

void describe_transport(LimitOverrides& limits, Keys& keys, const std::string& transport) {
  keys.integer(transport + "_initial_destination_concurrency", limits.initial_concurrency, 0, 1000,
               "initial_destination_concurrency for " + transport + " alone; 0: as there.");
  keys.integer(transport + "_destination_concurrency_limit", limits.concurrency_limit, 0, 10000,
               "default_destination_concurrency_limit for " + transport + " alone; 0: as there.");
  keys.integer(transport + "_destination_recipient_limit", limits.recipient_limit, 0, 10000,
               "default_destination_recipient_limit for " + transport + " alone; 0: as there.");
  keys.duration(transport + "_destination_rate_delay", limits.rate_delay, milliseconds(0),
                longest_delay,
                "default_destination_rate_delay for " + transport + " alone; 0: as there.");
}

void describe_rule(DestinationRule& rule, Keys& keys) {
  keys.list(
      "match", rule.match,
      "Which destinations: their domain, the name of one of their MX hosts, or their next hop "
      "as `postern queue destinations` shows it. * stands for anything, and \"*.example.com\" "
      "is how a provider's many MX hosts are named.");
  keys.integer("initial_concurrency", rule.limits.initial_concurrency, 0, 1000,
               "As initial_destination_concurrency; 0: as elsewhere.");
  keys.integer("concurrency_limit", rule.limits.concurrency_limit, 0, 10000,
               "As default_destination_concurrency_limit; 0: as elsewhere.");
  keys.integer("recipient_limit", rule.limits.recipient_limit, 0, 10000,
               "As default_destination_recipient_limit; 0: as elsewhere.");
  keys.duration("rate_delay", rule.limits.rate_delay, milliseconds(0), longest_delay,
                "As default_destination_rate_delay; 0: as elsewhere.");
}

}  // namespace

double Feedback::at(double window) const {
  const double width = std::max(1.0, window);
  switch (per) {
    case Per::delivery:
      return amount;
    case Per::concurrency:
      return amount / width;
    case Per::sqrt_concurrency:
      return amount / std::sqrt(width);
  }
  return amount;
}

std::optional<Feedback> Feedback::parse(std::string_view text) {
  Feedback feedback;
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view number = text.substr(0, slash);
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), feedback.amount);
  if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  if (!(feedback.amount > 0 && feedback.amount <= 1)) return std::nullopt;
  if (slash == text.size()) return feedback;
  const std::string_view per = text.substr(slash + 1);
  if (per == "concurrency") {
    feedback.per = Per::concurrency;
  } else if (per == "sqrt_concurrency") {
    feedback.per = Per::sqrt_concurrency;
  } else {
    return std::nullopt;
  }
  return feedback;
}

void LimitOverrides::apply(DestinationLimits& limits) const {
  if (initial_concurrency > 0) limits.initial_concurrency = initial_concurrency;
  if (concurrency_limit > 0) limits.concurrency_limit = concurrency_limit;
  if (recipient_limit > 0) limits.recipient_limit = recipient_limit;
  if (rate_delay > milliseconds(0)) limits.rate_delay = rate_delay;
}

DestinationLimits SchedulerSettings::limits_for(Route::Transport transport,
                                                const std::vector<std::string>& names) const {
  DestinationLimits limits = default_limits;
  switch (transport) {
    case Route::Transport::smtp:
      smtp.apply(limits);
      break;
    case Route::Transport::lmtp:
      lmtp.apply(limits);
      break;
    case Route::Transport::maildir:
      maildir.apply(limits);
      break;
    case Route::Transport::discard:
    case Route::Transport::error:
      break;
  }
  const auto named = [&names](const std::string& pattern) {
    return std::ranges::any_of(
        names, [&pattern](const std::string& name) { return glob_match(pattern, name); });
  };
  const auto rule = std::ranges::find_if(destinations, [&named](const DestinationRule& each) {
    return std::ranges::any_of(each.match, named);
  });
  if (rule != destinations.end()) rule->limits.apply(limits);
  limits.initial_concurrency = std::min(limits.initial_concurrency, limits.concurrency_limit);
  return limits;
}

void describe(SchedulerSettings& s, Keys& keys) {
  describe_default(s.default_limits, keys);
  describe_transport(s.smtp, keys, "smtp");
  describe_transport(s.lmtp, keys, "lmtp");
  describe_transport(s.maildir, keys, "maildir");
  keys.tables(
      "destination",
      [&s](Keys& table) {
        DestinationRule rule;
        describe_rule(rule, table);
        if (!rule.match.empty()) s.destinations.push_back(std::move(rule));
      },
      "Limits for destinations by name; the first table that matches holds.");
  keys.integer(
      "qmgr_message_active_limit", s.qmgr_message_active_limit, 10, 1000000,
      "Messages that are prepared for delivery at once. A fifth of it is kept for fresh mail, so "
      "that retries cannot crowd it out. What does not fit waits on disk and costs no memory but "
      "its entry.");
  keys.integer("qmgr_message_recipient_limit", s.qmgr_message_recipient_limit, 10, 10000000,
               "Their recipients. Keeps a few messages to thousands each from filling memory.");
  keys.integer(
      "qmgr_active_share_limit", s.qmgr_active_share_limit, 1, 100,
      "Percent of the active queue that one destination, one sender or one client may hold. When a "
      "list server or an infected host sends thousands at once, the others' mail still finds "
      "room.");
  keys.integer("default_process_limit", s.default_process_limit, 1, 100000,
               "Deliveries at once, over all destinations. A fifth is kept for fresh mail. Each "
               "takes a connection, so a descriptor.");
  keys.integer(
      "deferring_destination_retry_rate", s.deferring_destination_retry_rate, 0, 1000000,
      "Retries a second that a destination gets at the least while it answers every recipient with "
      "4yz (over quota, overloaded, \"try later\"): knocking faster costs it and us what fresh "
      "mail "
      "needs. The first success lifts it, and fresh mail is not slowed. 0: never slowed.");
  keys.size("active_content_limit", s.active_content_limit, 1 << 20, 1ULL << 40,
            "Octets of message content kept in memory for delivery; beyond it messages wait on "
            "disk and are read back when their turn comes.");
}

}  // namespace postern
