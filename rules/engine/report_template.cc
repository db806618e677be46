#include "rules/engine/report_template.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/engine/report.h"
#include "rules/engine/report_text.h"

namespace postern {
namespace {

constexpr std::size_t most_stars = 50;

using Argument = std::optional<std::string_view>;

/// What tags are filled in from.
struct Facts {
  const ScanResult& result;
  ScannedMessage* message;  // nullptr: what is asked of it stays empty
};

std::string one_decimal(double score) {
  return fmt::format("{:.1f}", std::abs(score) < 0.05 ? 0.0 : score);
}

/// _SCORE(00)_ pads with what stands in the brackets.
std::string score(const Facts& facts, Argument pad) {
  auto out = shown_score(facts.result);
  const bool pads = pad && !pad->empty() && pad->find_first_not_of(pad->front()) == pad->npos &&
                    (pad->front() == '0' || pad->front() == ' ');
  if (pads && pad->size() + 3 > out.size())
    out.insert(0, std::string(std::min(pad->size() + 3 - out.size(), pad->size()), pad->front()));
  return out;
}

std::string required(const Facts& facts, Argument) {
  return one_decimal(facts.result.required_score);
}

std::string yes_or_no(const Facts& facts, Argument words) {
  const auto comma = words ? words->find(',') : std::string_view::npos;
  if (facts.result.is_spam()) return std::string(words ? words->substr(0, comma) : "Yes");
  return std::string(comma == std::string_view::npos ? "No" : words->substr(comma + 1));
}

std::string yes_or_no_in_capitals(const Facts& facts, Argument words) {
  auto out = yes_or_no(facts, words);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string stars(const Facts& facts, Argument star) {
  const double count =
      std::clamp(std::trunc(facts.result.score), 0.0, static_cast<double>(most_stars));
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

std::string tests(const Facts& facts, Argument separator) {
  return names(facts.result.hits, separator, false);
}
std::string subtests(const Facts& facts, Argument separator) {
  return names(facts.result.subrules, separator, false);
}
std::string tests_and_scores(const Facts& facts, Argument separator) {
  return names(facts.result.hits, separator, true);
}

std::string_view kind_of(const Shortcut& shortcut) { return shortcut.ham ? "ham" : "spam"; }

std::string shortcut(const Facts& facts, Argument) {
  if (!facts.result.shortcut || facts.result.shortcut->rule.empty()) return "no";
  return fmt::format("{} ({})", facts.result.shortcut->rule, kind_of(*facts.result.shortcut));
}
std::string shortcut_rule(const Facts& facts, Argument) {
  if (!facts.result.shortcut || facts.result.shortcut->rule.empty()) return "none";
  return std::string(facts.result.shortcut->rule);
}
std::string shortcut_type(const Facts& facts, Argument) {
  return std::string(facts.result.shortcut ? kind_of(*facts.result.shortcut) : "no");
}

std::string version(const Facts&, Argument) { return "Postern"; }
std::string subversion(const Facts&, Argument) { return "SpamAssassin 4.0.1 rules"; }
std::string autolearn(const Facts& facts, Argument) {
  const auto& decision = facts.result.autolearn;
  std::string out(autolearn_word(decision.what));
  if (decision.what == Autolearn::disabled) return out;
  out += " autolearn_force=";
  return out += decision.forced_by.empty() ? "no" : fmt::format("yes ({})", decision.forced_by);
}
std::string autolearn_score(const Facts& facts, Argument) {
  return fmt::format("{:.15g}", facts.result.autolearn.points);
}
std::string report(const Facts& facts, Argument) { return "\n" + spam_report(facts.result); }
std::string summary(const Facts& facts, Argument) { return spam_summary(facts.result); }
std::string subject_prefix(const Facts& facts, Argument) {
  return postern::subject_prefix(facts.result);
}

std::string hostname(const Facts& facts, Argument) {
  const auto& given = report_settings(facts.result).hostname;
  return given.empty() ? "localhost" : given;
}
std::string contact(const Facts& facts, Argument) { return report_settings(facts.result).contact; }

std::string preview(const Facts& facts, Argument) {
  return facts.message == nullptr ? "" : content_preview(facts.message->body());
}
std::string header_value(const Facts& facts, Argument name) {
  if (facts.message == nullptr || !name || name->empty()) return "";
  const auto source = parse_header_source(*name);
  if (!source) return "";
  return facts.message->headers().get(*source).value_or("");
}

// ---- the relays ----

using RelayText = std::string Relay::*;
std::string of_last_trusted(const Facts& facts, RelayText text) {
  if (facts.message == nullptr || facts.message->relays().trusted().empty()) return "";
  return facts.message->relays().trusted().back().*text;
}
std::string of_last_external(const Facts& facts, RelayText text) {
  if (facts.message == nullptr || facts.message->relays().external().empty()) return "";
  return facts.message->relays().external().front().*text;
}
std::string trusted_ip(const Facts& facts, Argument) { return of_last_trusted(facts, &Relay::ip); }
std::string external_ip(const Facts& facts, Argument) {
  return of_last_external(facts, &Relay::ip);
}
std::string external_name(const Facts& facts, Argument) {
  return of_last_external(facts, &Relay::rdns);
}
std::string external_helo(const Facts& facts, Argument) {
  return of_last_external(facts, &Relay::helo);
}
std::string local_name(const Facts&, Argument) { return "localhost"; }
std::string local_address(const Facts&, Argument) { return "127.0.0.1"; }

/// Known, and nothing is said by this engine.
std::string nothing(const Facts&, Argument) { return ""; }

std::string languages(const Facts& facts, Argument) { return facts.result.languages; }

struct Tag {
  std::string_view name;
  std::string (*value)(const Facts& facts, Argument argument);
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
    Tag{"SUMMARY", summary},
    Tag{"PREVIEW", preview},
    Tag{"HEADER", header_value},
    Tag{"CONTACTADDRESS", contact},
    Tag{"SUBJPREFIX", subject_prefix},
    Tag{"FIRSTTRUSTEDIP", trusted_ip},
    Tag{"LASTEXTERNALIP", external_ip},
    Tag{"LASTEXTERNALRDNS", external_name},
    Tag{"LASTEXTERNALHELO", external_helo},
    Tag{"REMOTEHOSTNAME", local_name},
    Tag{"REMOTEHOSTADDR", local_address},
    Tag{"RBL", nothing},
    Tag{"TIMING", nothing},
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

std::string fill_template(std::string_view text, const ScanResult& result,
                          ScannedMessage* message) {
  const Facts facts{result, message};
  std::string out;
  while (!text.empty()) {
    const auto at = text.find('_');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    if (const auto found = find_tag(text); found.tag != nullptr) {
      out += found.tag->value(facts, found.argument);
      text.remove_prefix(found.length);
    } else {
      out += '_';
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace postern
