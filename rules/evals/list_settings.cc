#include "rules/evals/list_settings.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

constexpr std::array<std::string_view, 11> known_lists{"welcomelist_from",
                                                       "blocklist_from",
                                                       "welcomelist_to",
                                                       "blocklist_to",
                                                       "more_spam_to",
                                                       "all_spam_to",
                                                       "welcomelist_auth",
                                                       "def_welcomelist_auth",
                                                       "welcomelist_allows_relays",
                                                       "welcomelist_from_spf",
                                                       "def_welcomelist_from_spf"};

/// The list that a directive's key names: "unwhitelist_from" and "welcomelist_from" mean the same.
std::string list_of(std::string_view key) {
  std::string name(key);
  if (name.starts_with("un")) name.erase(0, 2);
  for (const auto& [old, now] :
       {std::pair<std::string_view, std::string_view>{"whitelist", "welcomelist"},
        {"blacklist", "blocklist"}}) {
    if (const auto at = name.find(old); at != std::string::npos) name.replace(at, old.size(), now);
  }
  return name;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) out.push_back(take_word(text));
  return out;
}

bool has_arguments(SettingLine& line) {
  if (!line.rest.empty()) return true;
  line.problem(line.statement.written, "this directive needs at least one address");
  return false;
}

void add(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line)) return;
  auto& list = settings.lists.addresses[list_of(line.statement.key)];
  for (const auto entry : words_of(line.rest)) list.add(entry);
}

void remove(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line)) return;
  auto& list = settings.lists.addresses[list_of(line.statement.key)];
  for (const auto entry : words_of(line.rest)) list.remove(entry);
}

/// From the administrator's list and from the one that came with the rules.
void remove_from_both(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line)) return;
  const auto name = list_of(line.statement.key);
  for (const auto& list : {name, "def_" + name}) {
    for (const auto entry : words_of(line.rest)) settings.lists.addresses[list].remove(entry);
  }
}

void add_relayed(SettingLine& line, RuleSettings& settings) {
  const auto given = words_of(line.rest);
  if (given.size() != 2) {
    return line.problem(line.statement.written,
                        "an address and the relay it comes from are wanted here, as in "
                        "\"*@example.org example.org\"");
  }
  settings.lists.paired[list_of(line.statement.key)].add(given[0], given[1]);
}

void remove_relayed(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line)) return;
  const auto name = list_of(line.statement.key);
  for (const auto& list : {name, "def_" + name}) {
    for (const auto entry : words_of(line.rest)) settings.lists.paired[list].remove(entry);
  }
}

/// The address and the domain that signs for it: "", the author's own, where none is given.
std::vector<std::string_view> signed_address(SettingLine& line) {
  auto given = words_of(line.rest);
  if (given.size() == 1) given.emplace_back("");
  if (given.size() == 2) return given;
  line.problem(line.statement.written,
               "an address is wanted here, and perhaps the domain that signs for it");
  return {};
}

void add_signed(SettingLine& line, RuleSettings& settings) {
  const auto given = signed_address(line);
  if (given.empty()) return;
  settings.lists.paired[list_of(line.statement.key)].add(given[0], given[1]);
}

void remove_signed(SettingLine& line, RuleSettings& settings) {
  const auto given = signed_address(line);
  if (given.empty()) return;
  const auto name = list_of(line.statement.key);
  for (const auto& list : {name, "def_" + name}) {
    settings.lists.paired[list].remove(given[0], given[1]);
  }
}

void enlist(SettingLine& line, RuleSettings& settings) {
  const auto end = line.rest.find(')', 2);
  if (!line.rest.starts_with('(') || end == std::string_view::npos || end + 1 >= line.rest.size() ||
      !is_space(line.rest[end + 1])) {
    return line.problem(line.statement.written,
                        "the name of a list in brackets and addresses are wanted here, as in "
                        "\"(MY_LIST) *@example.org\"");
  }
  auto& list = settings.lists.addresses[std::string(line.rest.substr(1, end - 1))];
  for (const auto entry : words_of(trim(line.rest.substr(end + 1)))) list.add(entry);
}

void add_subject(SettingLine& line, RuleSettings& settings) {
  settings.lists.subjects[list_of(line.statement.key)].push_back(to_lower(line.rest));
}

void set_locales(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty()) {
    return line.problem(line.statement.written, "\"all\" or some of en, ja, ko, ru, th, zh");
  }
  settings.lists.ok_locales = line.rest;
}

constexpr std::array directives{
    SettingDirective{"welcomelist_from", add},
    SettingDirective{"whitelist_from", add},
    SettingDirective{"unwelcomelist_from", remove},
    SettingDirective{"unwhitelist_from", remove},
    SettingDirective{"blocklist_from", add},
    SettingDirective{"blacklist_from", add},
    SettingDirective{"unblocklist_from", remove},
    SettingDirective{"unblacklist_from", remove},
    SettingDirective{"welcomelist_to", add},
    SettingDirective{"whitelist_to", add},
    SettingDirective{"blocklist_to", add},
    SettingDirective{"blacklist_to", add},
    SettingDirective{"more_spam_to", add},
    SettingDirective{"all_spam_to", add},
    SettingDirective{"welcomelist_allows_relays", add},
    SettingDirective{"whitelist_allows_relays", add},
    SettingDirective{"welcomelist_auth", add},
    SettingDirective{"whitelist_auth", add},
    SettingDirective{"def_welcomelist_auth", add},
    SettingDirective{"def_whitelist_auth", add},
    SettingDirective{"unwelcomelist_auth", remove_from_both},
    SettingDirective{"unwhitelist_auth", remove_from_both},
    SettingDirective{"welcomelist_from_spf", add},
    SettingDirective{"whitelist_from_spf", add},
    SettingDirective{"def_welcomelist_from_spf", add},
    SettingDirective{"def_whitelist_from_spf", add},
    SettingDirective{"unwelcomelist_from_spf", remove_from_both},
    SettingDirective{"unwhitelist_from_spf", remove_from_both},
    SettingDirective{"welcomelist_from_rcvd", add_relayed},
    SettingDirective{"whitelist_from_rcvd", add_relayed},
    SettingDirective{"def_welcomelist_from_rcvd", add_relayed},
    SettingDirective{"def_whitelist_from_rcvd", add_relayed},
    SettingDirective{"unwelcomelist_from_rcvd", remove_relayed},
    SettingDirective{"unwhitelist_from_rcvd", remove_relayed},
    SettingDirective{"welcomelist_from_dkim", add_signed},
    SettingDirective{"whitelist_from_dkim", add_signed},
    SettingDirective{"def_welcomelist_from_dkim", add_signed},
    SettingDirective{"def_whitelist_from_dkim", add_signed},
    SettingDirective{"unwelcomelist_from_dkim", remove_signed},
    SettingDirective{"unwhitelist_from_dkim", remove_signed},
    SettingDirective{"enlist_addrlist", enlist},
    SettingDirective{"welcomelist_subject", add_subject},
    SettingDirective{"whitelist_subject", add_subject},
    SettingDirective{"blocklist_subject", add_subject},
    SettingDirective{"blacklist_subject", add_subject},
    SettingDirective{"ok_locales", set_locales},
};

}  // namespace

void PairedAddresses::add(std::string_view entry, std::string_view partner) {
  addresses.add(entry);
  partners[to_lower(entry)].push_back(to_lower(partner));
}

void PairedAddresses::remove(std::string_view entry) {
  addresses.remove(entry);
  partners.erase(to_lower(entry));
}

void PairedAddresses::remove(std::string_view entry, std::string_view partner) {
  const auto found = partners.find(to_lower(entry));
  if (found == partners.end()) return;
  std::erase(found->second, to_lower(partner));
  if (found->second.empty()) remove(entry);
}

const AddressGlobs* ListSettings::find(std::string_view name) const {
  static const AddressGlobs none;
  if (const auto found = addresses.find(name); found != addresses.end()) return &found->second;
  return std::ranges::find(known_lists, name) != known_lists.end() ? &none : nullptr;
}

const PairedAddresses& ListSettings::find_paired(std::string_view name) const {
  static const PairedAddresses none;
  const auto found = paired.find(name);
  return found == paired.end() ? none : found->second;
}

const std::vector<std::string>& ListSettings::find_subjects(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto found = subjects.find(name);
  return found == subjects.end() ? none : found->second;
}

SettingTable list_directives() { return directives; }

}  // namespace postern
