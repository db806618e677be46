#include "rules/engine/report_text.h"

#include <algorithm>
#include <cmath>
#include <ranges>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/engine/report.h"

namespace postern {
namespace {

constexpr std::size_t most_reported = 100;
constexpr std::string_view blanks = " \t\n\r\f\v";

bool is_white(char c) { return blanks.find(c) != std::string_view::npos; }

/// Words and, as pieces of their own, the blanks between them; or words with what ends them.
std::vector<std::string_view> pieces_of(std::string_view text, bool behind) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    std::size_t end = 0;
    if (behind) {
      while (end < text.size() && !is_white(text[end]) && text[end] != ',') ++end;
      end = std::min(end + 1, text.size());
    } else {
      while (end < text.size() && !is_white(text[end])) ++end;
      end = std::max<std::size_t>(end, 1);
    }
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  return text.size() + 7 * static_cast<std::size_t>(std::ranges::count(text, '\t'));
}

void trim_end(std::string& line) {
  while (!line.empty() && is_white(line.back())) line.pop_back();
}

/// Four characters: two digits without a decimal, or one with.
std::string table_score(double score) {
  return std::abs(score) >= 10 ? fmt::format("{:4.0f}", score) : fmt::format("{:4.1f}", score);
}

/// Where a rule has looked, as reports say it.
std::string_view area_of(const ScanResult& result, std::string_view name) {
  if (!result.rules) return "";
  const auto& rules = result.rules->rules();
  const auto rule = std::ranges::lower_bound(rules, name, {}, &CompiledRule::name);
  if (rule == rules.end() || rule->name != name) return "";
  if (rule->type == RuleType::body || rule->type == RuleType::body_eval) return "BODY: ";
  if (rule->type == RuleType::rawbody || rule->type == RuleType::rawbody_eval) return "RAW: ";
  if (rule->type == RuleType::uri) return "URI: ";
  if (rule->type == RuleType::full) return "FULL: ";
  return "";
}

/// What is known of one hit, in the words of a report.
struct Row {
  std::string score;
  std::string_view name;
  std::string_view area;
  std::string description;
};

/// A rule file may hold anything: what ends a line or moves the cursor has no place in a report.
std::string without_controls(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return out;
}

std::vector<Row> rows_of(const ScanResult& result) {
  std::vector<Row> out;
  for (const auto& hit : result.hits | std::views::take(most_reported)) {
    const auto text = hit.description.empty() ? "No description available." : hit.description;
    out.push_back({table_score(hit.score / hit.count), hit.name, area_of(result, hit.name),
                   without_controls(text)});
  }
  return out;
}

/// The description in lines; the first has `used` octets in front of it.
std::string described(const Row& row, std::size_t used, std::string_view prefix, unsigned width) {
  const std::string first(used, ' ');
  const auto lines = wrapped(row.description, {.prefix = prefix, .first = first, .width = width});
  return lines.substr(std::min(lines.size(), lines.find_first_not_of(blanks)));
}

void erase_runs(std::string& text) {
  constexpr std::size_t least = 10;
  constexpr std::string_view marks = "-_*.";
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto end = std::min(text.size(), text.find_first_not_of(marks, i));
    if (end - i < least) out.append(text, i, std::max<std::size_t>(end - i, 1));
    i = std::max(end, i + 1);
  }
  text = std::move(out);
}

}  // namespace

std::string wrapped(std::string_view text, const WrapStyle& style) {
  const auto pieces = pieces_of(text, style.behind_blanks_and_commas);
  std::string out;
  std::string line(style.first);
  std::size_t width = width_of(line);
  bool begun = false;
  bool fresh = false;  // a prefix that is wider than a line must not stop us
  std::size_t next = 0;
  if (line.empty() && !pieces.empty()) {
    line = pieces[next++];
    width = width_of(line);
  }
  while (next < pieces.size()) {
    const auto more = width_of(pieces[next]);
    const auto needed = width + (begun && !style.overflow ? more : 0);
    if (needed <= style.width || fresh) {
      line += pieces[next++];
      width += more;
      begun = true;
      fresh = false;
      continue;
    }
    trim_end(line);
    (out += line) += '\n';
    line = style.prefix;
    width = width_of(line);
    begun = false;
    fresh = true;
  }
  return out += line;
}

std::string spam_report(const ScanResult& result) {
  const unsigned width = report_settings(result).wrap_width;
  std::string out;
  for (const auto& row : rows_of(result)) {
    const auto used = 4 + row.name.size() + row.score.size() + row.area.size();
    out += fmt::format("* {} {} {}{}\n", row.score, row.name, row.area,
                       described(row, used, "*      ", width));
  }
  return out;
}

std::string spam_summary(const ScanResult& result) {
  const unsigned width = report_settings(result).wrap_width;
  const std::string prefix(28, ' ');
  std::string out;
  for (const auto& row : rows_of(result)) {
    const auto used = 3 + row.name.size() + row.score.size() + row.area.size();
    out += fmt::format("{} {:<22} {}{}\n", row.score, row.name, row.area,
                       described(row, used, prefix, width));
  }
  return out;
}

std::string content_preview(const std::vector<std::string>& body) {
  constexpr std::size_t enough = 200;
  constexpr std::size_t most_paragraphs = 3;
  std::string text;
  for (std::size_t i = 1; i < body.size() && i <= most_paragraphs && text.size() < enough; ++i)
    text += body[i];
  // The last line may be huge.
  std::string cut;
  for (std::string_view left = text; !left.empty();) {
    auto line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    const bool long_line = line.size() > enough;
    if (const auto quoted = line.find("-----Original Message-----"); quoted != line.npos)
      line = line.substr(0, quoted);
    cut += line.substr(0, enough);
    if (long_line && line.size() > enough) cut += " [...]";
    cut += '\n';
  }
  constexpr std::string_view preamble = "This is a multi-part message in MIME format.";
  for (auto at = cut.find(preamble); at != cut.npos; at = cut.find(preamble, at))
    cut.erase(at, preamble.size());
  erase_runs(cut);
  std::string plain;
  for (const char c : cut) {
    if (!is_white(c)) plain += c;
    if (is_white(c) && (plain.empty() || plain.back() != ' ')) plain += ' ';
  }
  constexpr std::string_view label = "Content preview:  ";  // the text is to align behind it
  const auto lines = wrapped(plain, {.prefix = "  ", .first = label, .overflow = true});
  const auto begin = lines.find_first_not_of(blanks, label.size() - 2);
  return begin == lines.npos ? "" : lines.substr(begin);
}

}  // namespace postern
