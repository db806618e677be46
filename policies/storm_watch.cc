#include "policies/storm_watch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr milliseconds minute = seconds(60);
// Short: the failures before the storm are not to hide its root when it is suspected.
constexpr milliseconds failure_window = minute;
// What is usual must not be what the storm itself has brought.
constexpr milliseconds arrival_window = std::chrono::hours(1);
constexpr std::size_t failure_keys = 128;
constexpr std::size_t arrival_keys = 512;

constexpr double above_usual = 4;
constexpr double part_of_arrivals = 0.1;
constexpr double memory_of_usual = 3600;  // seconds
constexpr milliseconds calm_needed = std::chrono::minutes(5);
/// A root has at least this part of all failures.
constexpr double part_of_root = 0.4;

/// Names come from outside and the remedy is pasted into a shell.
bool harmless(std::string_view text) {
  return !text.empty() && text.front() != '-' && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || std::string_view("@.-_+=:").contains(c);
  });
}

std::string remedy_for(StormAlarm::Root root, const std::string& name) {
  switch (root) {
    case StormAlarm::Root::client:
      if (harmless(name))
        return "postern queue hold --client " + name + " --why storm; postern storm on";
      break;
    case StormAlarm::Root::sender:
      if (name.empty()) return "postern storm on --preset brute";
      if (harmless(name)) return "postern queue suspend --sender " + name + " --for 2h --why storm";
      break;
    case StormAlarm::Root::destination:
      if (harmless(name))
        return "postern queue suspend --destination " + name + " --for 2h --why storm";
      break;
    case StormAlarm::Root::none:
      break;
  }
  return "postern storm on --preset gentle";
}

}  // namespace

void describe(StormSettings& settings, Keys& keys) {
  keys.integer("storm_suspect_rate", settings.storm_suspect_rate, 0, 1'000'000,
               "A mail storm is suspected, and the log names its root, when this many messages a "
               "minute fail at their first attempt, which is also four times the usual and a tenth "
               "of what arrives. 0: never.");
}

void StormWatch::Count::turn(SteadyTime now) {
  if (now < begun + minute) return;
  previous = now < begun + 2 * minute ? present : 0;
  begun = now < begun + 2 * minute ? begun + minute : now;
  present = 0;
}

void StormWatch::Count::add(SteadyTime now) {
  turn(now);
  ++present;
}

double StormWatch::Count::recent(SteadyTime now) {
  turn(now);
  const double gone = std::chrono::duration<double>(now - begun) / minute;
  return static_cast<double>(present) +
         static_cast<double>(previous) * std::clamp(1 - gone, 0.0, 1.0);
}

StormWatch::Dimension::Dimension(SteadyTime start)
    : failures(failure_keys, failure_window, start),
      arrivals(arrival_keys, arrival_window, start) {}

StormWatch::StormWatch(StormSettings settings, SteadyTime start)
    : settings_(settings), clients_(start), senders_(start), destinations_(start), learnt_(start) {
  for (Count* each : {&arrived_, &deferred_, &bounced_}) each->begun = start;
}

void StormWatch::arrived(const Seen& message, SteadyTime now) {
  arrived_.add(now);
  if (!message.client.empty()) usual_rates_.arrived(message.client, now);  // else it is ours
  clients_.arrivals.add(message.client, now);
  senders_.arrivals.add(to_lower(message.sender), now);
  destinations_.arrivals.add(to_lower(message.destination), now);
}

void StormWatch::deferred(const Seen& message, SteadyTime now) {
  deferred_.add(now);
  failed(message, now);
}

void StormWatch::bounced(const Seen& message, SteadyTime now) {
  bounced_.add(now);
  failed(message, now);
}

void StormWatch::failed(const Seen& message, SteadyTime now) {
  clients_.failures.add(message.client, now);
  senders_.failures.add(to_lower(message.sender), now);
  destinations_.failures.add(to_lower(message.destination), now);
}

StormWatch::Rates StormWatch::rates(SteadyTime now) {
  return {arrived_.recent(now), deferred_.recent(now), bounced_.recent(now)};
}

/// A storm is no lesson in what is usual.
void StormWatch::learn(double failures, SteadyTime now) {
  const double passed = std::chrono::duration<double>(now - std::exchange(learnt_, now)).count();
  if (!suspected_) usual_ += (failures - usual_) * (1 - std::exp(-passed / memory_of_usual));
}

StormAlarm StormWatch::find_root(SteadyTime now) {
  StormAlarm alarm;
  const std::array<std::pair<Dimension*, StormAlarm::Root>, 3> all{
      {{&clients_, StormAlarm::Root::client},
       {&senders_, StormAlarm::Root::sender},
       {&destinations_, StormAlarm::Root::destination}}};
  double most = 0;
  for (const auto& [dimension, root] : all) {
    RecentHitters::Share share = dimension->failures.top(now);
    if (share.part < part_of_root) continue;
    if (root != StormAlarm::Root::sender && share.key.empty()) continue;  // our own bounces
    const double grown = share.part - dimension->arrivals.usual_part(share.key, now);
    if (grown <= most) continue;
    most = grown;
    alarm.root = root;
    alarm.name = std::move(share.key);
    alarm.part = share.part;
  }
  return alarm;
}

std::optional<StormAlarm> StormWatch::tick(SteadyTime now) {
  const Rates last = rates(now);
  const double failures = last.deferred + last.bounced;
  const double needed = std::max({static_cast<double>(settings_.storm_suspect_rate),
                                  above_usual * usual_, part_of_arrivals * last.arrived});
  if (!suspected_) {
    if (settings_.storm_suspect_rate > 0 && failures >= needed) {
      suspected_ = true;
      raised_at_ = needed;
      calm_since_ = SteadyTime::max();
      StormAlarm alarm = find_root(now);
      alarm.per_minute = failures;
      alarm.usual = usual_;
      alarm.remedy = remedy_for(alarm.root, alarm.name);
      return alarm;
    }
    learn(failures, now);
    return std::nullopt;
  }
  learnt_ = now;
  if (failures >= raised_at_ / 2) {
    calm_since_ = SteadyTime::max();
  } else if (calm_since_ == SteadyTime::max()) {
    calm_since_ = now;
  } else if (now - calm_since_ >= calm_needed) {
    suspected_ = false;
    StormAlarm over;
    over.what = StormAlarm::What::ends;
    over.per_minute = failures;
    over.usual = usual_;
    return over;
  }
  return std::nullopt;
}

}  // namespace postern
