#include "rules/language/directives.h"

#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/language/foreign.h"
#include "rules/language/line.h"
#include "rules/language/settings_table.h"

namespace postern {
namespace {

void load_plugin(Line& line) {
  const auto name = take_word(line.rest);
  if (name.empty())
    return line.problem(line.statement.written, "write: loadplugin Mail::SpamAssassin::Plugin::X");
  if (load_claimed_plugin(name, line.definitions.facts)) return;
  if (plugin_claim(name) != PluginClaim::here)
    line.remark(name, "this plugin is not in this engine: what asks for it by ifplugin is skipped");
}

void enable_compat(Line& line) {
  const auto name = take_word(line.rest);
  if (name.empty()) return line.problem(line.statement.written, "write: enable_compat NAME");
  line.definitions.facts.compatibilities.emplace(name);
}

void allow_user_rules(Line& line) {
  const auto value = take_word(line.rest);
  if (value != "0" && value != "1")
    return line.problem(line.statement.written, "write: allow_user_rules 0, or 1");
  line.definitions.user_rules = value == "1";
}

constexpr std::array<Directive, 4> machinery{{
    {"allow_user_rules", allow_user_rules},
    {"loadplugin", load_plugin},
    {"tryplugin", load_plugin},
    {"enable_compat", enable_compat},
}};

const std::unordered_map<std::string_view, Handler>& handlers() {
  static const auto all = [] {
    std::unordered_map<std::string_view, Handler> out;
    for (const auto table : {rule_directives(), name_directives(), shortcircuit_directives(),
                             std::span<const Directive>(machinery)}) {
      for (const auto& directive : table) out.emplace(directive.key, directive.handler);
    }
    return out;
  }();
  return all;
}

const std::vector<std::string>& known_keys() {
  static const auto known = [] {
    auto keys = setting_keys();
    keys.insert(keys.end(), {"include", "lang", "if", "ifplugin", "else", "endif"});
    for (const auto& [name, handler] : handlers()) keys.emplace_back(name);
    return keys;
  }();
  return known;
}

// A guess compares a key with all that are known. In a file with more mistakes than this the keys
// are hardly misspelt: it is no rule file.
constexpr std::size_t most_guesses = 100;

std::string unknown(std::string_view key, bool guess) {
  const auto meant = guess ? nearest(key, known_keys()) : std::nullopt;
  return fmt::format(
      "unknown directive \"{}\"{}", printable(key, 60),
      meant ? fmt::format(": is {} meant?", *meant) : std::string(": take the line away"));
}

}  // namespace

void apply_directive(const Statement& statement, Definitions& definitions, Diagnosis& diagnosis) {
  if (const auto found = handlers().find(statement.key); found != handlers().end()) {
    Line line{statement, definitions, diagnosis, statement.arguments};
    return found->second(line);
  }
  if (const auto* const setting = find_setting(statement.key); setting != nullptr) {
    SettingLine line{statement, statement.arguments, diagnosis};
    return setting->apply(line, definitions.settings);
  }
  switch (foreign_directive(statement.key)) {
    case Foreign::network:
      return;  // without the network it means nothing, here as there
    case Foreign::setting:
      diagnosis.remarks.push_back(statement.problem(
          statement.written, fmt::format("{} has no effect in this engine", statement.key)));
      return;
    case Foreign::rule:
      diagnosis.problems.push_back(statement.problem(
          statement.written,
          fmt::format("rules of the kind {} are not available in this engine: the line is left out",
                      statement.key)));
      return;
    case Foreign::unknown:
      diagnosis.problems.push_back(statement.problem(
          statement.written, unknown(statement.key, diagnosis.problems.size() < most_guesses)));
      return;
  }
}

}  // namespace postern
