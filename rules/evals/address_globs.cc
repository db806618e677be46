#include "rules/evals/address_globs.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::string_view wildcards = "*?";

/// SpamAssassin takes these three octets out of the expression that it makes of an entry.
std::string defused(std::string entry) {
  for (char& c : entry) {
    if (c == '\0' || c == '\\' || c == '(') c = '_';
  }
  return entry;
}

std::string_view tail_of(std::string_view pattern) {
  const auto last = pattern.find_last_of(wildcards);
  return last == std::string_view::npos ? pattern : pattern.substr(last + 1);
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() &&
               (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '\n'))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos && text[resume] != '\n') {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool AddressGlobs::Entry::matches(std::string_view address) const {
  return address == written || matches_glob(pattern, address);
}

void AddressGlobs::add(std::string_view entry) {
  remove(entry);
  auto written = to_lower(entry);
  auto pattern = defused(written);
  const auto tail = tail_of(pattern);
  ++tails_of_length_[tail.size()];
  by_tail_[std::string(tail)].push_back({std::move(written), std::move(pattern)});
}

void AddressGlobs::remove(std::string_view entry) {
  const auto written = to_lower(entry);
  const auto pattern = defused(written);
  const auto tail = tail_of(pattern);
  const auto found = by_tail_.find(tail);
  if (found == by_tail_.end()) return;
  if (std::erase_if(found->second, [&](const Entry& e) { return e.written == written; }) == 0)
    return;
  if (--tails_of_length_[tail.size()] == 0) tails_of_length_.erase(tail.size());
  if (found->second.empty()) by_tail_.erase(found);
}

/// Calls `visit` with entries until it answers true.
template <class Visit>
void AddressGlobs::candidates(std::string_view address, Visit visit) const {
  for (const auto& [length, count] : tails_of_length_) {
    if (length > address.size()) return;
    const auto found = by_tail_.find(address.substr(address.size() - length));
    if (found == by_tail_.end()) continue;
    for (const auto& entry : found->second) {
      if (visit(entry)) return;
    }
  }
}

bool AddressGlobs::matches(std::string_view address) const {
  bool found = false;
  candidates(address, [&](const Entry& entry) { return found = entry.matches(address); });
  return found;
}

std::vector<std::string_view> AddressGlobs::matching(std::string_view address) const {
  std::vector<std::string_view> found;
  candidates(address, [&](const Entry& entry) {
    if (entry.matches(address)) found.emplace_back(entry.written);
    return false;
  });
  return found;
}

}  // namespace postern
