#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "gateway/base/bytes.h"
#include "rules/language/line.h"

namespace postern {
namespace {

// A rule that is to decide runs early, unless it has a priority of its own.
constexpr int early = -200;

bool is_loaded(Line& line) {
  if (implements_plugin("Mail::SpamAssassin::Plugin::Shortcircuit", line.definitions.facts))
    return true;
  line.remark(line.statement.written,
              "this has no effect before: loadplugin Mail::SpamAssassin::Plugin::Shortcircuit");
  return false;
}

void add_flag(RuleFlags& flags, std::string_view word) {
  flags.words.emplace_back(word);
  if (word == "nice") flags.nice = true;
}

void decide(Line& line, std::string_view name, ShortcircuitSettings::Kind kind) {
  auto& definitions = line.definitions;
  definitions.shortcircuits.rules.insert_or_assign(std::string(name), kind);
  if (kind == ShortcircuitSettings::Kind::on) return;
  auto& priority = definitions.priorities[std::string(name)];
  if (priority == 0) priority = early;
  auto& flags = definitions.flags[std::string(name)];
  if (kind == ShortcircuitSettings::Kind::ham) add_flag(flags, "nice");
  add_flag(flags, "noautolearn");
}

void shortcircuit(Line& line) {
  if (!is_loaded(line)) return;
  const auto name = line.name();
  if (name.empty()) return;
  using Kind = ShortcircuitSettings::Kind;
  if (line.rest == "ham") return decide(line, name, Kind::ham);
  if (line.rest == "spam") return decide(line, name, Kind::spam);
  if (line.rest == "on") return decide(line, name, Kind::on);
  if (line.rest != "off")
    return line.problem(line.rest_or_key(), "write: shortcircuit NAME ham, spam, on or off");
  if (const auto known = line.definitions.shortcircuits.rules.find(name);
      known != line.definitions.shortcircuits.rules.end())
    line.definitions.shortcircuits.rules.erase(known);
}

std::optional<double> read_score(Line& line) {
  double value = 0;
  const auto* const end = line.rest.data() + line.rest.size();
  const auto [stop, error] =
      std::from_chars(line.rest.data(), end, value, std::chars_format::fixed);
  if (error == std::errc{} && stop == end && std::isfinite(value)) return value;
  line.problem(line.rest_or_key(), "a score is a number such as 100 or -0.5");
  return {};
}

template <auto Member>
void set_score(Line& line) {
  if (!is_loaded(line)) return;
  if (const auto value = read_score(line)) line.definitions.shortcircuits.*Member = *value;
}

constexpr std::array<Directive, 5> directives{{
    {"shortcircuit", shortcircuit},
    {"shortcircuit_spam_score", set_score<&ShortcircuitSettings::spam_score>},
    {"shortcircuit_ham_score", set_score<&ShortcircuitSettings::ham_score>},
    {"shortcircuit_min_ham_score", set_score<&ShortcircuitSettings::below>},
    {"shortcircuit_max_spam_score", set_score<&ShortcircuitSettings::above>},
}};

}  // namespace

std::span<const Directive> shortcircuit_directives() { return directives; }

}  // namespace postern
