#include "rules/language/report_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

std::string_view rest_or_key(const SettingLine& line) {
  return line.rest.empty() ? line.statement.written : line.rest;
}

void required_score(SettingLine& line, RuleSettings& settings) {
  double value = 0;
  const char* const end = line.rest.data() + line.rest.size();
  const auto [stop, error] =
      std::from_chars(line.rest.data(), end, value, std::chars_format::fixed);
  if (line.rest.empty() || error != std::errc{} || stop != end || !std::isfinite(value))
    return line.problem(rest_or_key(line), "write: required_score 5.0");
  settings.report.required_score = value;
}

void rewrite_header(SettingLine& line, RuleSettings& settings) {
  const auto written = take_word(line.rest);
  constexpr std::array<std::string_view, 3> fields{"Subject", "From", "To"};
  const auto field = std::ranges::find_if(
      fields, [written](auto name) { return equals_ignoring_case(name, written); });
  if (field == fields.end()) {
    return line.problem(written.empty() ? line.statement.written : written,
                        "Subject, From or To can be rewritten: rewrite_header Subject text");
  }
  auto& rewrites = settings.report.rewrites;
  if (line.rest.empty()) {
    rewrites.erase(std::string(*field));
    return;
  }
  std::string text(line.rest);
  if (*field != "Subject") {
    std::ranges::replace(text, '(', '[');
    std::ranges::replace(text, ')', ']');
  }
  rewrites.insert_or_assign(std::string(*field), std::move(text));
}

// ---- add_header ----

enum class Audience { nobody, ham, spam, all };

Audience take_audience(SettingLine& line) {
  const auto word = take_word(line.rest);
  if (word == "ham") return Audience::ham;
  if (word == "spam") return Audience::spam;
  if (word == "all") return Audience::all;
  line.problem(word.empty() ? line.statement.written : word, "ham, spam or all stands here");
  return Audience::nobody;
}

bool take_header_name(SettingLine& line, std::string& name) {
  name = take_word(line.rest);
  const bool good = !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == '-';
  });
  if (!good) line.problem(rest_or_key(line), "a name of letters, digits, '-' and '_' stands here");
  return good;
}

/// \t and \n are what they are, "\\" is a backslash, other escapes vanish.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (++i < text.size()) {
      if (text[i] == 't') out += '\t';
      if (text[i] == 'n') out += '\n';
      if (text[i] == '\\') out += '\\';
    }
  }
  return out;
}

void drop(std::vector<AddedHeader>& headers, std::string_view name) {
  std::erase_if(headers, [name](const auto& h) { return equals_ignoring_case(h.name, name); });
}

/// Calls `change` for the lists that are meant.
template <class Change>
void for_audience(Audience audience, ReportSettings& report, Change change) {
  if (audience == Audience::ham || audience == Audience::all) change(report.ham);
  if (audience == Audience::spam || audience == Audience::all) change(report.spam);
}

void add_header(SettingLine& line, RuleSettings& settings) {
  const auto audience = take_audience(line);
  std::string name;
  if (audience == Audience::nobody || !take_header_name(line, name)) return;
  auto text = line.rest;
  if (text.size() > 1 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  const AddedHeader added{name, unescaped(text)};
  settings.report.headers_given = true;
  for_audience(audience, settings.report, [&](auto& headers) {
    drop(headers, name);
    headers.push_back(added);
  });
}

void remove_header(SettingLine& line, RuleSettings& settings) {
  const auto audience = take_audience(line);
  std::string name;
  if (audience == Audience::nobody || !take_header_name(line, name)) return;
  if (name == "Checker-Version") return;  // SpamAssassin will not part with it
  settings.report.headers_given = true;
  for_audience(audience, settings.report, [&](auto& headers) { drop(headers, name); });
}

void clear_headers(SettingLine&, RuleSettings& settings) {
  settings.report.headers_given = true;
  const auto clear = [](auto& headers) {
    std::erase_if(headers,
                  [](const auto& h) { return !equals_ignoring_case(h.name, "Checker-Version"); });
  };
  for_audience(Audience::all, settings.report, clear);
}

void report_safe(SettingLine& line, RuleSettings& settings) {
  const auto value = parse_number(line.rest, 2);
  if (!value) return line.problem(rest_or_key(line), "write: report_safe 0, 1 or 2");
  auto& report = settings.report;
  report.safe = static_cast<unsigned>(*value);
  const bool has_report = std::ranges::any_of(
      report.spam, [](const auto& h) { return equals_ignoring_case(h.name, "Report"); });
  if (report.safe == 0 && !has_report) report.spam.push_back({"Report", "_REPORT_"});
}

void report_safe_copy_headers(SettingLine& line, RuleSettings& settings) {
  for (const auto name : words(line.rest)) settings.report.copied_headers.emplace_back(name);
}

// ---- templates and their like ----

template <std::string ReportSettings::* field>
void append_line(SettingLine& line, RuleSettings& settings) {
  auto text = line.rest;
  if (text.size() > 1 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  (settings.report.*field += text) += '\n';
}

template <std::string ReportSettings::* field>
void clear_text(SettingLine&, RuleSettings& settings) {
  (settings.report.*field).clear();
}

template <std::string ReportSettings::* field>
void set_text(SettingLine& line, RuleSettings& settings) {
  settings.report.*field = line.rest;
}

void wrap_width(SettingLine& line, RuleSettings& settings) {
  const auto value = parse_number(line.rest, 10'000);
  if (!value) return line.problem(rest_or_key(line), "write: report_wrap_width 75");
  settings.report.wrap_width = static_cast<unsigned>(*value);
}

void fold_headers(SettingLine& line, RuleSettings& settings) {
  if (line.rest != "0" && line.rest != "1")
    return line.problem(rest_or_key(line), "write: fold_headers 1, or 0");
  settings.report.fold_headers = line.rest == "1";
}

void subject_prefix(SettingLine& line, RuleSettings& settings) {
  const auto rule = take_word(line.rest);
  if (rule.empty() || line.rest.empty())
    return line.problem(rest_or_key(line), "write: subjprefix RULE text");
  settings.report.subject_prefixes.insert_or_assign(std::string(rule), std::string(line.rest));
}

using Report = ReportSettings;
constexpr std::array table{
    SettingDirective{"required_score", required_score},
    SettingDirective{"required_hits", required_score},
    SettingDirective{"rewrite_header", rewrite_header},
    SettingDirective{"subjprefix", subject_prefix},
    SettingDirective{"add_header", add_header},
    SettingDirective{"remove_header", remove_header},
    SettingDirective{"clear_headers", clear_headers},
    SettingDirective{"report_safe", report_safe},
    SettingDirective{"report_safe_copy_headers", report_safe_copy_headers},
    SettingDirective{"report", append_line<&Report::report>},
    SettingDirective{"clear_report_template", clear_text<&Report::report>},
    SettingDirective{"unsafe_report", append_line<&Report::unsafe_report>},
    SettingDirective{"clear_unsafe_report_template", clear_text<&Report::unsafe_report>},
    SettingDirective{"report_contact", set_text<&Report::contact>},
    SettingDirective{"report_hostname", set_text<&Report::hostname>},
    SettingDirective{"report_charset", set_text<&Report::charset>},
    SettingDirective{"report_wrap_width", wrap_width},
    SettingDirective{"fold_headers", fold_headers},
};

}  // namespace

const std::string& ReportSettings::subject_tag() const {
  static const std::string none;
  const auto found = rewrites.find("Subject");
  return found == rewrites.end() ? none : found->second;
}

SettingTable report_directives() { return table; }

}  // namespace postern
