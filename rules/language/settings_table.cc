#include "rules/language/settings_table.h"

#include <array>
#include <unordered_map>

#include "rules/settings.h"

namespace postern {
namespace {

// One line a folder or plugin that has settings.
constexpr std::array tables{
    network_directives,   text_directives,           domain_directives,   list_directives,
    freemail_directives,  authentication_directives, uri_host_directives, bounce_directives,
    report_directives,    bayes_directives,          lookup_directives,   language_directives,
    hash_list_directives, spoof_directives,          checksum_directives,
};

const std::unordered_map<std::string_view, const SettingDirective*>& by_key() {
  static const auto all = [] {
    std::unordered_map<std::string_view, const SettingDirective*> out;
    for (const auto table : tables) {
      for (const auto& directive : table()) out.emplace(directive.key, &directive);
    }
    return out;
  }();
  return all;
}

}  // namespace

const SettingDirective* find_setting(std::string_view key) {
  constexpr std::string_view many = "hashbl_acl_";  // a name of the author's own follows
  const auto found = by_key().find(key.starts_with(many) ? many : key);
  return found == by_key().end() ? nullptr : found->second;
}

std::vector<std::string> setting_keys() {
  std::vector<std::string> out;
  for (const auto& [key, directive] : by_key()) out.emplace_back(key);
  return out;
}

}  // namespace postern
