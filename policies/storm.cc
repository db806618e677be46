#include "policies/storm.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/config.h"

namespace postern {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::pair<StormPreset, std::string_view>, 2> presets{
    {{StormPreset::gentle, "gentle"}, {StormPreset::brute, "brute"}}};
constexpr std::array<std::pair<StormStep, std::string_view>, 5> steps{
    {{StormStep::park, "park"},
     {StormStep::lifetimes, "lifetimes"},
     {StormStep::bounces, "bounces"},
     {StormStep::clients, "clients"},
     {StormStep::inside, "inside"}}};

// Gentle leaves alone what greylisting has put off once, strangers, and everything that could not
// be undone.
const StormMeasures gentle{
    .park_attempts = 2,
    .park_later_attempts = 0,
    .maximal_queue_lifetime = hours(48),
    .bounce_queue_lifetime = hours(12),
    .inside_factor = 10,
};
// Brute wants the queue empty of all but fresh mail. Mail that fails twice during the storm joins
// what is parked.
const StormMeasures brute{
    .park_attempts = 1,
    .park_later_attempts = 2,
    .maximal_queue_lifetime = hours(12),
    .bounce_queue_lifetime = hours(1),
    .drop_bounces_older = minutes(10),
    .connection_count = 10,
    .connection_rate = 60,
    .message_rate = 60,
    .inside_factor = 4,
};

template <class Key, std::size_t size>
std::string_view name_in(const std::array<std::pair<Key, std::string_view>, size>& table, Key key) {
  return std::ranges::find(table, key, &std::pair<Key, std::string_view>::first)->second;
}

template <class Key, std::size_t size>
std::optional<Key> key_in(const std::array<std::pair<Key, std::string_view>, size>& table,
                          std::string_view name) {
  const auto found = std::ranges::find(table, name, &std::pair<Key, std::string_view>::second);
  if (found == table.end()) return std::nullopt;
  return found->first;
}

std::int64_t stricter(std::int64_t configured, std::int64_t limit) {
  if (limit == 0) return configured;
  return configured == 0 ? limit : std::min(configured, limit);
}

}  // namespace

std::string_view name_of(StormPreset preset) { return name_in(presets, preset); }
std::string_view name_of(StormStep step) { return name_in(steps, step); }
std::optional<StormPreset> preset_named(std::string_view name) { return key_in(presets, name); }
std::optional<StormStep> step_named(std::string_view name) { return key_in(steps, name); }

const StormMeasures& measures_of(StormPreset preset) {
  return preset == StormPreset::gentle ? gentle : brute;
}

const std::vector<StormStep>& steps_of(StormPreset preset) {
  static const std::vector<StormStep> few{StormStep::park, StormStep::lifetimes, StormStep::inside};
  static const std::vector<StormStep> all{StormStep::park, StormStep::lifetimes, StormStep::bounces,
                                          StormStep::clients, StormStep::inside};
  return preset == StormPreset::gentle ? few : all;
}

bool has_step(StormPreset preset, StormStep step) {
  return std::ranges::find(steps_of(preset), step) != steps_of(preset).end();
}

std::string explain(StormStep step, const StormMeasures& m) {
  switch (step) {
    case StormStep::park: {
      std::string text = "deferred mail that has failed " + std::to_string(m.park_attempts) +
                         " times or more is held as \"" + std::string(parked_prefix) +
                         " ...\", so that retries take nothing from fresh mail";
      if (m.park_attempts == 1) text.replace(text.find("1 times"), 7, "once");
      if (m.park_later_attempts > 0) text += "; what fails twice from now on follows";
      return text;
    }
    case StormStep::lifetimes:
      return "maximal_queue_lifetime at most " + format_duration(m.maximal_queue_lifetime) +
             ", bounce_queue_lifetime at most " + format_duration(m.bounce_queue_lifetime) +
             ": what cannot be delivered leaves the queue sooner; parked mail keeps the configured "
             "lifetime";
    case StormStep::bounces:
      return "deferred mail with the null sender, older than " +
             format_duration(m.drop_bounces_older) +
             " or for a domain that cannot be found, is removed for good: bounces to forged "
             "senders "
             "are never wanted (this cannot be undone)";
    case StormStep::clients:
      return "strangers have at most " + std::to_string(m.connection_count) + " connections, " +
             std::to_string(m.connection_rate) + " connections and " +
             std::to_string(m.message_rate) + " messages a minute each: others keep their turn";
    case StormStep::inside:
      return "a client in mynetworks that brings more than " +
             std::to_string(static_cast<int>(m.inside_factor)) +
             " times its usual messages a minute is put off with 450: a host taken over by a "
             "spam-bot, not one that always sends much";
  }
  return {};
}

RetrySettings shortened(RetrySettings configured, const StormMeasures& measures) {
  configured.maximal_queue_lifetime =
      std::min(configured.maximal_queue_lifetime, measures.maximal_queue_lifetime);
  configured.bounce_queue_lifetime =
      std::min(configured.bounce_queue_lifetime, measures.bounce_queue_lifetime);
  return configured;
}

RateSettings tightened(RateSettings configured, const StormMeasures& measures) {
  const auto tighten = [&](std::int64_t& value, std::int64_t limit) {
    value = stricter(value, limit);
  };
  tighten(configured.smtpd_client_connection_count_limit, measures.connection_count);
  // The presets' rates are a minute's, whatever unit the configuration counts in.
  const double unit =
      std::chrono::duration<double, std::ratio<60>>(configured.anvil_rate_time_unit).count();
  const auto in_unit = [unit](std::int64_t a_minute) {
    if (a_minute == 0) return a_minute;
    return std::max<std::int64_t>(1,
                                  static_cast<std::int64_t>(static_cast<double>(a_minute) * unit));
  };
  tighten(configured.smtpd_client_connection_rate_limit, in_unit(measures.connection_rate));
  tighten(configured.smtpd_client_message_rate_limit, in_unit(measures.message_rate));
  return configured;
}

}  // namespace postern
