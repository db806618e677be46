#include "gateway/bayes/expiry.h"

#include <algorithm>
#include <array>
#include <vector>

namespace postern {
namespace {

constexpr double kept_share = 0.75;
constexpr std::uint64_t least_kept = 100000;
constexpr std::uint64_t least_removed = 1000;
constexpr std::uint64_t shortest_age = 43200;
constexpr std::size_t number_of_ages = 10;  // up to 512 times 12 hours

/// How many tokens are at least so old: 12 hours, a day, two days, …
struct Ages {
  std::array<std::uint64_t, number_of_ages> at_least{};
  std::uint64_t newest = 0;
  std::uint64_t tokens = 0;
};

Result<Ages> count_ages(const TokenDatabase::Change& change, std::uint64_t now) {
  Ages ages;
  std::vector<std::uint32_t> used;
  TRY(change.each_token([&](Token, const TokenCounts& counts) -> Result<> {
    used.push_back(counts.last_used);
    return {};
  }));
  for (const auto when : used) ages.newest = std::max<std::uint64_t>(ages.newest, when);
  ages.newest = std::min(ages.newest, now);
  ages.tokens = used.size();
  for (const auto when : used) {
    const auto age = ages.newest - std::min<std::uint64_t>(when, ages.newest);
    for (std::size_t i = 0; i < number_of_ages && age >= shortest_age << i; ++i) ++ages.at_least[i];
  }
  return ages;
}

/// 0 where no age is right.
std::uint64_t age_for(const Ages& ages, std::uint64_t goal) {
  std::size_t chosen = number_of_ages;
  while (chosen > 0 && ages.at_least[chosen - 1] <= goal) --chosen;
  if (chosen == number_of_ages || ages.at_least[chosen] < least_removed) return 0;
  return shortest_age << chosen;
}

}  // namespace

Result<Expiry> expire_tokens(TokenDatabase::Change& change, double most, std::uint64_t now) {
  TRY(const Ages ages, count_ages(change, now));
  const auto keep =
      std::max(static_cast<std::uint64_t>(std::max(most, 0.0) * kept_share), least_kept);
  const auto goal = ages.tokens - std::min(ages.tokens, keep);
  TRY(auto state, change.state());
  state.last_expiry = now;
  const auto age = goal < least_removed ? 0 : age_for(ages, goal);
  std::vector<Token> old;
  if (age > 0) {
    TRY(change.each_token([&](Token token, const TokenCounts& counts) -> Result<> {
      if (counts.last_used + age < ages.newest) old.push_back(token);
      return {};
    }));
  }
  if (ages.tokens - old.size() < least_kept) old.clear();
  for (const Token token : old) TRY(change.remove(token));
  if (!old.empty()) {
    state.last_age = age;
    state.last_reduction = old.size();
  }
  TRY(change.set_state(state));
  return Expiry{ages.tokens - old.size(), old.size()};
}

}  // namespace postern
