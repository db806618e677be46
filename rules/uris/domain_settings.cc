#include "rules/uris/domain_settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

using AddDomain = void (RegistryBoundaries::*)(std::string_view);

/// All domains of a line must have so many labels, else none of them is taken.
void add_domains(SettingLine& line, RegistryBoundaries& boundaries, std::size_t labels,
                 AddDomain add) {
  if (line.rest.empty())
    return line.problem(line.statement.written, "this line names no domain: write some behind it");
  std::vector<std::string_view> domains;
  while (!line.rest.empty()) {
    const auto domain = take_word(line.rest);
    const auto parts = split(domain, '.');
    if (parts.size() != labels ||
        std::ranges::any_of(parts, [](std::string_view part) { return part.empty(); }))
      return line.problem(domain, fmt::format("\"{}\" has not {} label(s), as this list needs",
                                              printable(domain), labels));
    domains.push_back(domain);
  }
  for (const auto domain : domains) (boundaries.*add)(domain);
}

void add_tops(SettingLine& line, RuleSettings& settings) {
  add_domains(line, settings.domains.boundaries, 1, &RegistryBoundaries::add_top);
}
void add_second_levels(SettingLine& line, RuleSettings& settings) {
  add_domains(line, settings.domains.boundaries, 2, &RegistryBoundaries::add_second_level);
}
void add_third_levels(SettingLine& line, RuleSettings& settings) {
  add_domains(line, settings.domains.boundaries, 3, &RegistryBoundaries::add_third_level);
}

void clear_boundaries(SettingLine& line, RuleSettings& settings) {
  if (!line.rest.empty())
    return line.problem(line.rest, "clear_util_rb takes no argument: take this away");
  settings.domains.boundaries.clear();
}

void add_redirector(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty())
    return line.problem(line.statement.written, "a regular expression must follow: /…(target)…/");
  auto pattern = Regex::compile(line.rest);
  if (!pattern)
    return line.problem(line.rest.substr(std::min(pattern.error().at, line.rest.size())),
                        pattern.error().what);
  pattern->compile_native();
  settings.domains.redirectors.push_back(std::make_shared<const Regex>(std::move(*pattern)));
}

void set_dkim_uris(SettingLine& line, RuleSettings& settings) {
  const auto value = to_lower(line.rest);
  const bool on = value == "1" || value == "yes";
  if (!on && value != "0" && value != "no")
    return line.problem(line.rest, "parse_dkim_uris is 1 or 0");
  settings.domains.parse_dkim_uris = on;
}

constexpr std::array<SettingDirective, 6> directives{{
    {"util_rb_tld", add_tops},
    {"util_rb_2tld", add_second_levels},
    {"util_rb_3tld", add_third_levels},
    {"clear_util_rb", clear_boundaries},
    {"redirector_pattern", add_redirector},
    {"parse_dkim_uris", set_dkim_uris},
}};

}  // namespace

SettingTable domain_directives() { return directives; }

}  // namespace postern
