#include "rules/engine/report_template.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/engine/report.h"

namespace postern {
namespace {

constexpr std::size_t most_stars = 50;

using Argument = std::optional<std::string_view>;

std::string one_decimal(double score) {
  return fmt::format("{:.1f}", std::abs(score) < 0.05 ? 0.0 : score);
}

/// _SCORE(00)_ pads with what stands in the brackets.
std::string score(const ScanResult& result, Argument pad) {
  auto out = shown_score(result);
  const bool pads = pad && !pad->empty() && pad->find_first_not_of(pad->front()) == pad->npos &&
                    (pad->front() == '0' || pad->front() == ' ');
  if (pads && pad->size() + 3 > out.size())
    out.insert(0, std::string(std::min(pad->size() + 3 - out.size(), pad->size()), pad->front()));
  return out;
}

std::string required(const ScanResult& result, Argument) {
  return one_decimal(result.required_score);
}

std::string yes_or_no(const ScanResult& result, Argument words) {
  const auto comma = words ? words->find(',') : std::string_view::npos;
  if (result.is_spam()) return std::string(words ? words->substr(0, comma) : "Yes");
  return std::string(comma == std::string_view::npos ? "No" : words->substr(comma + 1));
}

std::string yes_or_no_in_capitals(const ScanResult& result, Argument words) {
  auto out = yes_or_no(result, words);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string stars(const ScanResult& result, Argument star) {
  const double count = std::clamp(std::trunc(result.score), 0.0, static_cast<double>(most_stars));
  std::string out;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) out += star.value_or("*");
  return out;
}

std::string names(const std::vector<Hit>& hits, Argument separator, bool scores) {
  std::string out;
  for (const auto& hit : hits) {
    if (!out.empty()) out += separator.value_or(",");
    out += hit.name;
    if (scores) out += fmt::format("={:.15g}", hit.score / hit.count);
  }
  return out.empty() ? "none" : out;
}

std::string tests(const ScanResult& result, Argument separator) {
  return names(result.hits, separator, false);
}
std::string subtests(const ScanResult& result, Argument separator) {
  return names(result.subrules, separator, false);
}
std::string tests_and_scores(const ScanResult& result, Argument separator) {
  return names(result.hits, separator, true);
}

std::string_view kind_of(const Shortcut& shortcut) { return shortcut.ham ? "ham" : "spam"; }

std::string shortcut(const ScanResult& result, Argument) {
  if (!result.shortcut || result.shortcut->rule.empty()) return "no";
  return fmt::format("{} ({})", result.shortcut->rule, kind_of(*result.shortcut));
}
std::string shortcut_rule(const ScanResult& result, Argument) {
  if (!result.shortcut || result.shortcut->rule.empty()) return "none";
  return std::string(result.shortcut->rule);
}
std::string shortcut_type(const ScanResult& result, Argument) {
  return std::string(result.shortcut ? kind_of(*result.shortcut) : "no");
}

std::string version(const ScanResult&, Argument) { return "Postern"; }
std::string subversion(const ScanResult&, Argument) { return "SpamAssassin 4.0.1 rules"; }
std::string autolearn(const ScanResult& result, Argument) {
  const auto& decision = result.autolearn;
  std::string out(autolearn_word(decision.what));
  if (decision.what == Autolearn::disabled) return out;
  out += " autolearn_force=";
  return out += decision.forced_by.empty() ? "no" : fmt::format("yes ({})", decision.forced_by);
}
std::string autolearn_score(const ScanResult& result, Argument) {
  return fmt::format("{:.15g}", result.autolearn.points);
}
std::string report(const ScanResult& result, Argument) { return "\n" + spam_report(result); }

std::string hostname(const ScanResult& result, Argument) {
  const auto* const rules = result.rules.get();
  const bool given = rules != nullptr && !rules->settings().report.hostname.empty();
  return given ? rules->settings().report.hostname : "localhost";
}

std::string languages(const ScanResult& result, Argument) { return result.languages; }

struct Tag {
  std::string_view name;
  std::string (*value)(const ScanResult& result, Argument argument);
};
constexpr std::array tags{
    Tag{"SCORE", score},
    Tag{"HITS", score},
    Tag{"REQD", required},
    Tag{"YESNO", yes_or_no},
    Tag{"YESNOCAPS", yes_or_no_in_capitals},
    Tag{"STARS", stars},
    Tag{"TESTS", tests},
    Tag{"SUBTESTS", subtests},
    Tag{"TESTSSCORES", tests_and_scores},
    Tag{"VERSION", version},
    Tag{"SUBVERSION", subversion},
    Tag{"HOSTNAME", hostname},
    Tag{"AUTOLEARN", autolearn},
    Tag{"AUTOLEARNSCORE", autolearn_score},
    Tag{"REPORT", report},
    Tag{"LANGUAGES", languages},
    Tag{"SC", shortcut},
    Tag{"SCRULE", shortcut_rule},
    Tag{"SCTYPE", shortcut_type},
};

/// A tag at the start of `text`, "_NAME_" or "_NAME(argument)_", and how long it is.
struct FoundTag {
  const Tag* tag = nullptr;
  Argument argument;
  std::size_t length = 0;
};
FoundTag find_tag(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && text[end] >= 'A' && text[end] <= 'Z') ++end;
  const auto found = std::ranges::find(tags, text.substr(1, end - 1), &Tag::name);
  if (found == tags.end()) return {};
  FoundTag out;
  out.tag = &*found;
  if (end < text.size() && text[end] == '(') {
    const auto close = text.find(")_", end);
    if (close == std::string_view::npos) return {};
    out.argument = text.substr(end + 1, close - end - 1);
    end = close + 1;
  }
  if (end >= text.size() || text[end] != '_') return {};
  out.length = end + 1;
  return out;
}

}  // namespace

std::string shown_score(const ScanResult& result) {
  const double tenths = std::round(result.score * 10) / 10;
  const bool looks_like_spam = !result.is_spam() && tenths >= result.required_score;
  return one_decimal(looks_like_spam ? result.required_score - 0.1 : result.score);
}

std::string fill_template(std::string_view text, const ScanResult& result) {
  std::string out;
  while (!text.empty()) {
    const auto at = text.find('_');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    if (const auto found = find_tag(text); found.tag != nullptr) {
      out += found.tag->value(result, found.argument);
      text.remove_prefix(found.length);
    } else {
      out += '_';
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace postern
