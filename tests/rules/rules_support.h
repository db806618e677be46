// rules_support.h — short ways to load a few lines of rules and scan a message with them.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "rules/rules.h"

namespace postern {

inline LoadedRules load(std::string_view text) { return load_rules_text(text, "test.cf"); }

inline ScanResult scan_with(std::string_view rules, std::string_view message,
                            std::optional<std::string_view> envelope_from = std::nullopt) {
  ScanScratch scratch;
  return scan(*load(rules).rules, {.octets = message, .envelope_from = envelope_from}, scratch);
}

/// The count of a rule that hit, 0 for one that did not; sub-rules count 1.
inline unsigned hits_of(const ScanResult& result, std::string_view name) {
  for (const auto& hit : result.hits) {
    if (hit.name == name) return hit.count;
  }
  return std::ranges::find(result.subrules, name, &Hit::name) != result.subrules.end() ? 1 : 0;
}

/// Whether the work ended within seconds where milliseconds are enough: tells linear from square on
/// megabytes, whatever the machine.
template <class Work>
bool is_quick(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - start < std::chrono::seconds(8);
}

}  // namespace postern
