#include "rules/engine/report.h"

#include <algorithm>
#include <cmath>
#include <ranges>

#include <fmt/format.h>

namespace postern {
namespace {

constexpr std::size_t most_stars = 50;
constexpr std::size_t most_reported = 100;

/// One decimal, and never "-0.0".
std::string rounded(double score) {
  const double shown = std::abs(score) < 0.05 ? 0.0 : score;
  return fmt::format("{:.1f}", shown);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// Descriptions come from rule files in any charset; a header field holds ASCII.
std::string ascii(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

std::string spam_flag(const ScanResult& result) { return result.is_spam() ? "YES" : "NO"; }

std::string spam_level(const ScanResult& result) {
  const double stars = std::clamp(std::floor(result.score), 0.0, static_cast<double>(most_stars));
  return std::string(static_cast<std::size_t>(stars), '*');
}

std::string spam_status(const ScanResult& result) {
  std::string tests;
  for (const auto& hit : result.hits) {
    if (!tests.empty()) tests += ',';
    tests += hit.name;
  }
  return fmt::format("{}, score={} required={} tests={} autolearn=no version=Postern",
                     result.is_spam() ? "Yes" : "No", rounded(result.score),
                     rounded(result.required_score), tests.empty() ? "none" : tests);
}

std::string spam_report(const ScanResult& result) {
  std::string out;
  for (const auto& hit : result.hits | std::views::take(most_reported)) {
    if (!out.empty()) out += '\n';
    out += fmt::format("* {:>5} {} {}", rounded(hit.score), hit.name, ascii(hit.description));
    while (out.ends_with(' ')) out.pop_back();
  }
  return out;
}

std::string tagged_subject(std::string_view tag, std::string_view subject,
                           const ScanResult& result) {
  std::string out(tag);
  replace_all(out, "_SCORE_", rounded(result.score));
  replace_all(out, "_REQD_", rounded(result.required_score));
  if (!out.empty() && !subject.empty()) out += ' ';
  return out += subject;
}

}  // namespace postern
