#include "policies/usual_rates.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace postern {
namespace {

constexpr double weight_of_a_minute = 1.0 / (12 * 60);

std::int64_t minute_of(SteadyTime now) {
  return std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
}

}  // namespace

UsualRates::UsualRates(std::size_t clients) : sets_(std::max<std::size_t>(1, clients / ways)) {}

/// Takes over the minutes that have ended since: the counted one, and the silent ones after it.
void UsualRates::catch_up(Entry& entry, std::int64_t minute) {
  if (entry.minute >= minute) return;
  const double believed = doubt * std::max<double>(entry.average, least);
  const double counted = std::min<double>(entry.count, believed);
  entry.average += (counted - entry.average) * weight_of_a_minute;
  entry.average *= std::pow(1 - weight_of_a_minute, static_cast<double>(minute - entry.minute - 1));
  entry.minute = minute;
  entry.count = 0;
  entry.told = false;
}

UsualRates::Entry* UsualRates::find(std::string_view client) {
  const std::uint64_t tag = std::max<std::uint64_t>(1, hash_(client));
  auto& set = sets_[tag % sets_.size()];
  const auto found = std::ranges::find(set, tag, &Entry::tag);
  return found == set.end() ? nullptr : &*found;
}

UsualRates::Entry& UsualRates::place(std::string_view client, std::int64_t minute) {
  if (Entry* known = find(client)) return *known;
  const std::uint64_t tag = std::max<std::uint64_t>(1, hash_(client));
  auto& set = sets_[tag % sets_.size()];
  for (Entry& entry : set) catch_up(entry, minute);
  Entry& entry = *std::ranges::min_element(
      set, {}, [](const Entry& e) { return std::tuple(e.tag != 0, e.average, e.count); });
  entry = {};
  entry.tag = tag;
  entry.minute = minute;
  std::ranges::copy(client.substr(0, entry.client.size() - 1), entry.client.begin());
  return entry;
}

void UsualRates::arrived(std::string_view client, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  Entry& entry = place(client, minute_of(now));
  catch_up(entry, minute_of(now));
  ++entry.count;
}

UsualRates::Judgement UsualRates::judge(std::string_view client, double factor, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  Judgement judgement;
  Entry* entry = find(client);
  if (!entry) return judgement;
  catch_up(*entry, minute_of(now));
  judgement.count = entry->count;
  judgement.usual = std::max<double>(entry->average, least);
  judgement.over = entry->count >= factor * judgement.usual;
  judgement.news = judgement.over && !std::exchange(entry->told, judgement.over);
  return judgement;
}

std::vector<UsualRates::Known> UsualRates::busiest(std::size_t most, SteadyTime now) const {
  std::vector<Known> known;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& set : sets_) {
      for (Entry entry : set) {
        catch_up(entry, minute_of(now));
        if (entry.tag != 0 && entry.average > least)
          known.push_back({entry.client.data(), entry.average});
      }
    }
  }
  std::ranges::sort(known, std::greater(), &Known::usual);
  known.resize(std::min(known.size(), most));
  return known;
}

void UsualRates::learn(const Known& known, SteadyTime now) {
  if (!std::isfinite(known.usual) || known.usual < 0) return;
  const std::lock_guard lock(mutex_);
  Entry& entry = place(known.client, minute_of(now));
  catch_up(entry, minute_of(now));
  entry.average = std::max(entry.average, known.usual);
}

}  // namespace postern
