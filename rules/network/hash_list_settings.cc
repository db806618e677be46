#include "rules/network/hash_list_settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/network/answer_test.h"
#include "rules/settings.h"

namespace postern {
namespace {

constexpr std::string_view acl_key = "hashbl_acl_";

void ignore(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty())
    return line.problem(line.statement.written, "write what is not to be asked about");
  while (!line.rest.empty())
    settings.lookups.hash_lists.ignored.insert(to_lower(take_word(line.rest)));
}

void add_aliases(SettingLine& line, RuleSettings& settings) {
  const auto domain = to_lower(take_word(line.rest));
  if (line.rest.empty() || line.statement.arguments.contains('@'))
    return line.problem(line.statement.written, "write a domain and others that stand for it");
  while (!line.rest.empty())
    settings.lookups.hash_lists.domain_aliases[to_lower(take_word(line.rest))] = domain;
}

/// hashbl_acl_NAME domain !domain …; an exclusion counts more than what comes later.
void add_domains(SettingLine& line, RuleSettings& settings) {
  const auto name = line.statement.key.substr(acl_key.size());
  constexpr std::size_t longest_name = 32;
  const auto fits = [](char c) { return is_alpha(c) || is_digit(c); };
  if (name.empty() || name.size() > longest_name || !std::ranges::all_of(name, fits))
    return line.problem(line.statement.written,
                        "behind hashbl_acl_ stands a name of at most 32 letters and digits");
  auto& lists = settings.lookups.hash_lists;
  auto& domains = lists.domains[std::string(name)];
  auto& excluded = lists.excluded[std::string(name)];
  while (!line.rest.empty()) {
    auto domain = to_lower(take_word(line.rest));
    if (domain.starts_with('!') && domain.size() > 1) {
      excluded.insert(domain.substr(1));
    } else {
      domains.insert(std::move(domain));
    }
  }
}

std::shared_ptr<const Regex> read_pattern(SettingLine& line, std::string_view text) {
  if (text.empty()) {
    line.problem(line.statement.written, "an expression is missing");
    return nullptr;
  }
  const auto written = delimited_pattern(text);
  if (!written) {
    line.problem(line.rest, "the expression has too many kinds of punctuation");
    return nullptr;
  }
  auto regex = Regex::compile(*written);
  if (regex) return std::make_shared<const Regex>(*std::move(regex));
  line.problem(line.rest, regex.error().what);
  return nullptr;
}

/// Any label that ends a name, in place of _TLDS_; the first of them can be looked at by its name.
std::string with_any_top(std::string_view text, bool named) {
  constexpr std::string_view place = "_TLDS_";
  constexpr std::string_view label =
      R"((?<![a-zA-Z0-9-])[a-zA-Z0-9-]+(?!(?:[a-zA-Z0-9-]|\.[a-zA-Z0-9])))";
  std::string out;
  for (auto at = text.find(place); at != std::string_view::npos; at = text.find(place)) {
    out.append(text.substr(0, at)).append(named ? "(?<" : "(?:");
    if (named) out.append(HashListSettings::top_group).append(">");
    out.append(label).append(")");
    text.remove_prefix(at + place.size());
    named = false;
  }
  return out.append(text);
}

void set_address(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty()) return line.problem(line.statement.written, "an expression is missing");
  auto address = read_pattern(line, fmt::format("(?<{}>{})", HashListSettings::address_group,
                                                with_any_top(line.rest, true)));
  if (!address) return;
  // What makes a quotation of an address: HashBL.pm, _parse_emails.
  auto quoted =
      read_pattern(line, "(?i:<?(?<!mailto:))(?:" + with_any_top(line.rest, false) +
                             ")(?i:>|\\s{1,10}(?!(?:fa(?:x|csi)|tel|phone|e?-?mail))[a-z]{2,11}:)");
  if (!quoted) return;
  auto& lists = settings.lookups.hash_lists;
  lists.address = std::move(address);
  lists.quoted_address = std::move(quoted);
}

void set_welcome(SettingLine& line, RuleSettings& settings) {
  if (auto welcome = read_pattern(line, line.rest))
    settings.lookups.hash_lists.welcome = std::move(welcome);
}

constexpr std::array directives{
    SettingDirective{"hashbl_ignore", ignore},
    SettingDirective{"hashbl_email_domain_alias", add_aliases},
    SettingDirective{"hashbl_email_regex", set_address},
    SettingDirective{"hashbl_email_welcomelist", set_welcome},
    SettingDirective{"hashbl_email_whitelist", set_welcome},
    SettingDirective{acl_key, add_domains},
};

}  // namespace

bool HashListSettings::admits(std::string_view name, std::string_view domain) const {
  const auto has = [name, domain](const auto& lists) {
    const auto found = lists.find(name);
    return found != lists.end() && found->second.contains(std::string(domain));
  };
  return has(domains) && !has(excluded);
}

SettingTable hash_list_directives() { return directives; }

}  // namespace postern
