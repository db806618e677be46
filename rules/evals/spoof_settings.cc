#include "rules/evals/spoof_settings.h"

#include <array>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/headers/header_source.h"
#include "rules/settings.h"

namespace postern {
namespace {

/// "(owner) address address …": the owner, and the addresses are what is left of the line.
std::optional<std::string> take_owner(SettingLine& line) {
  const auto close = line.rest.find(')');
  if (!line.rest.starts_with('(') || close == std::string_view::npos || close < 2 ||
      trim(line.rest.substr(close + 1)).empty()) {
    line.problem(line.statement.written, "write: (owner) address address, with * and ? in them");
    return {};
  }
  auto owner = to_lower(line.rest.substr(1, close - 1));
  line.rest = trim(line.rest.substr(close + 1));
  return owner;
}

void add_addresses(SettingLine& line, RuleSettings& settings) {
  const auto owner = take_owner(line);
  if (!owner) return;
  auto& addresses = settings.spoofs.owners[*owner];
  while (!line.rest.empty()) addresses.add(take_word(line.rest));
}

void remove_addresses(SettingLine& line, RuleSettings& settings) {
  const auto owner = take_owner(line);
  if (!owner) return;
  const auto known = settings.spoofs.owners.find(*owner);
  while (!line.rest.empty()) {
    const auto address = take_word(line.rest);
    if (known != settings.spoofs.owners.end()) known->second.remove(address);
  }
}

void set_most_extra(SettingLine& line, RuleSettings& settings) {
  const auto value = parse_number(line.rest, 10'000);
  if (!value) return line.problem(line.statement.written, "write a number from 0 to 10000");
  settings.spoofs.most_extra = static_cast<double>(*value);
}

void ignore_signers(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty()) return line.problem(line.statement.written, "write domains behind it");
  while (!line.rest.empty()) settings.spoofs.ignored_signers.insert(to_lower(take_word(line.rest)));
}

void ignore_fields(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty())
    return line.problem(line.statement.written, "write names of header fields behind it");
  while (!line.rest.empty()) {
    const auto field = take_word(line.rest);
    if (const auto source = parse_header_source(field); !source)
      line.problem(field, source.error().what);
    else
      settings.spoofs.ignored_fields.emplace(field);
  }
}

void set_level(SettingLine& line, RuleSettings& settings) {
  const auto value = parse_number(line.rest, 2);
  if (!value)
    return line.problem(line.statement.written,
                        "write 0 (another address), 1 (another owner) or 2 (another domain)");
  settings.spoofs.level = static_cast<unsigned>(*value);
}

constexpr std::array directives{
    SettingDirective{"fns_add_addrlist", add_addresses},
    SettingDirective{"fns_remove_addrlist", remove_addresses},
    SettingDirective{"fns_extrachars", set_most_extra},
    SettingDirective{"fns_ignore_dkim", ignore_signers},
    SettingDirective{"fns_ignore_headers", ignore_fields},
    SettingDirective{"fns_check", set_level},
};

}  // namespace

SettingTable spoof_directives() { return directives; }

}  // namespace postern
