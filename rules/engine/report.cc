#include "rules/engine/report.h"

#include <algorithm>
#include <cmath>
#include <ranges>

#include <fmt/format.h>

#include "rules/engine/report_template.h"

namespace postern {
namespace {

constexpr std::size_t most_reported = 100;

/// One decimal, and never "-0.0".
std::string rounded(double score) {
  const double shown = std::abs(score) < 0.05 ? 0.0 : score;
  return fmt::format("{:.1f}", shown);
}

/// Descriptions come from rule files in any charset; a header field holds ASCII.
std::string ascii(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

std::string spam_flag(const ScanResult& result) { return fill_template("_YESNOCAPS_", result); }

std::string spam_level(const ScanResult& result) { return fill_template("_STARS(*)_", result); }

std::string spam_status(const ScanResult& result) {
  return fill_template(
      "_YESNO_, score=_SCORE_ required=_REQD_ tests=_TESTS_ autolearn=_AUTOLEARN_ "
      "version=_VERSION_",
      result);
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

std::vector<SpamMark> spam_marks(const ScanResult& result) {
  std::vector<SpamMark> marks;
  const auto add = [&marks](const std::string& name, std::string value) {
    std::ranges::replace_if(value, [](char c) { return c == '\n' || c == '\t'; }, ' ');
    if (!value.empty()) marks.push_back({"X-Spam-" + name, ascii(value)});
  };
  const ReportSettings* const asked = result.rules ? &result.rules->settings().report : nullptr;
  if (asked == nullptr || !asked->headers_given) {
    if (result.is_spam()) add("Flag", spam_flag(result));
    add("Level", spam_level(result));
    add("Status", spam_status(result));
    return marks;
  }
  for (const auto& header : result.is_spam() ? asked->spam : asked->ham)
    add(header.name, fill_template(header.text, result));
  return marks;
}

std::string tagged_subject(std::string_view tag, std::string_view subject,
                           const ScanResult& result) {
  auto out = fill_template(tag, result);
  if (!out.empty() && !subject.empty()) out += ' ';
  return out += subject;
}

}  // namespace postern
