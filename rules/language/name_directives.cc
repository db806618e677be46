#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/language/line.h"

namespace postern {
namespace {

// ---- score ----

/// SpamAssassin's numbers: "-1.5", and neither ".5" nor "+1".
std::optional<double> real(std::string_view text) {
  const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || !is_digit(digits.front()) || !is_digit(digits.back())) return {};
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

bool in_brackets(std::string_view text) {
  return text.size() > 2 && text.front() == '(' && text.back() == ')';
}

void score(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  const auto values = words(line.rest);
  if (values.size() != 1 && values.size() != 4) {
    return line.problem(
        line.rest.empty() ? name : line.rest,
        fmt::format("a rule has one score, or four (plain, network, Bayes, both); here are {}",
                    values.size()));
  }
  const auto known = line.definitions.scores.find(name);
  // One bracket makes all of the line's scores relative.
  const bool relative = std::ranges::any_of(values, in_brackets);
  if (relative && known == line.definitions.scores.end()) {
    return line.problem(values.front(),
                        "a relative score needs an earlier line that gives the rule a score");
  }
  Scores scores;
  if (relative) scores = known->second;
  for (std::size_t set = 0; set < 4; ++set) {
    const auto text = values[values.size() == 4 ? set : 0];
    const auto value = real(in_brackets(text) ? text.substr(1, text.size() - 2) : text);
    if (!value) return line.problem(text, "a score is a number such as 1.5, -0.2 or (0.5)");
    scores.sets[set] += *value;
  }
  scores.where = line.statement.where(line.statement.written);
  line.definitions.scores.insert_or_assign(std::string(name), std::move(scores));
}

void describe(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  line.definitions.descriptions.insert_or_assign(
      std::string(name),
      Described{std::string(line.rest), line.statement.where(line.statement.written)});
}

// ---- tflags ----

// Flags with a meaning elsewhere (learning, publishing, the network); here they are only known.
constexpr std::array<std::string_view, 14> other_flags{"publish",
                                                       "nopublish",
                                                       "userconf",
                                                       "noautolearn",
                                                       "autolearn_force",
                                                       "autolearn_header",
                                                       "autolearn_body",
                                                       "notrim",
                                                       "domains_only",
                                                       "ips_only",
                                                       "a",
                                                       "ns",
                                                       "noawl",
                                                       "nolog"};

bool read_flag(std::string_view word, RuleFlags& flags) {
  if (word.starts_with("maxhits=")) {
    const auto most = parse_number(word.substr(8), 1'000'000);
    if (!most || *most == 0) return false;
    flags.most_hits = static_cast<unsigned>(*most);
    return true;
  }
  if (word.starts_with("range=")) {
    flags.parts = parse_part_range(word.substr(6));
    return true;
  }
  if (word == "multiple") return flags.multiple = true;
  if (word == "nosubject") return flags.no_subject = true;
  if (word == "nice") return flags.nice = true;
  if (word == "net") return flags.network = true;
  if (word == "learn") return flags.learn = true;
  if (word == "concat") return flags.concat = true;
  return std::ranges::find(other_flags, word) != other_flags.end();
}

void tflags(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  RuleFlags flags;
  for (const auto word : words(line.rest)) {
    flags.words.emplace_back(word);
    if (read_flag(word, flags)) continue;
    if (word.starts_with("maxhits=")) {
      line.problem(word, "write maxhits=N with a number from 1 to 1000000");
    } else {
      const auto meant =
          nearest(word, {"multiple", "maxhits=N", "nosubject", "nice", "net", "learn", "publish"});
      line.remark(word, fmt::format("unknown flag \"{}\"{}", printable(word, 40),
                                    meant ? fmt::format(": is {} meant?", *meant) : std::string()));
    }
  }
  line.definitions.flags.insert_or_assign(std::string(name), std::move(flags));
}

void priority(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  const bool negative = line.rest.starts_with('-');
  const auto value = parse_number(line.rest.substr(negative ? 1 : 0), 1'000'000);
  if (!value)
    return line.problem(line.rest.empty() ? name : line.rest,
                        "a priority is a whole number such as -100 or 500");
  const int size = static_cast<int>(*value);
  line.definitions.priorities.insert_or_assign(std::string(name), negative ? -size : size);
}

void test(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  const auto verdict = take_word(line.rest);
  if (verdict != "ok" && verdict != "fail")
    return line.problem(verdict.empty() ? name : verdict,
                        "write: test NAME ok text, or: fail text");
  line.definitions.samples.push_back({std::string(name), verdict == "ok", std::string(line.rest),
                                      line.statement.where(line.statement.written)});
}

// ---- replace_tag and its kin ----

void put_tag(Line& line, ReplaceTags::Table& table) {
  const auto name = take_word(line.rest);
  if (line.rest.empty())
    return line.problem(name.empty() ? line.statement.written : name, "write: NAME expression");
  table.insert_or_assign(std::string(name), std::string(line.rest));
}

void replace_tag(Line& line) { put_tag(line, line.definitions.replacements.tags); }
void replace_pre(Line& line) { put_tag(line, line.definitions.replacements.before); }
void replace_inter(Line& line) { put_tag(line, line.definitions.replacements.between); }
void replace_post(Line& line) { put_tag(line, line.definitions.replacements.after); }

void replace_rules(Line& line) {
  if (line.rest.empty())
    return line.problem(line.statement.written, "write: replace_rules NAME NAME …");
  for (const auto name : words(line.rest)) line.definitions.replacements.rules.emplace(name);
}

void put_mark(Line& line, std::string& mark) {
  if (line.rest.empty())
    return line.problem(line.statement.written,
                        "the mark that a tag begins or ends with is missing");
  mark = line.rest;
}

void replace_start(Line& line) { put_mark(line, line.definitions.replacements.start); }
void replace_end(Line& line) { put_mark(line, line.definitions.replacements.end); }

constexpr std::array<Directive, 12> directives{{
    {"score", score},
    {"describe", describe},
    {"tflags", tflags},
    {"priority", priority},
    {"test", test},
    {"replace_tag", replace_tag},
    {"replace_pre", replace_pre},
    {"replace_inter", replace_inter},
    {"replace_post", replace_post},
    {"replace_rules", replace_rules},
    {"replace_start", replace_start},
    {"replace_end", replace_end},
}};

}  // namespace

std::span<const Directive> name_directives() { return directives; }

}  // namespace postern
