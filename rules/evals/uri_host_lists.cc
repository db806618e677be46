#include "rules/evals/uri_host_lists.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/hosts/host_name.h"
#include "rules/settings.h"

namespace postern {
namespace {

// SpamAssassin's own bound: of a longer name only the last labels count.
constexpr std::size_t most_labels = 11;

/// "(NAME)" off the front of the arguments, "" where there is none.
std::string_view take_list_name(std::string_view& rest) {
  if (!rest.starts_with('(')) return {};
  for (auto close = rest.find(')', 2); close != std::string_view::npos;
       close = rest.find(')', close + 1)) {
    if (close + 1 == rest.size() || !is_space(rest[close + 1])) continue;
    const auto name = rest.substr(1, close - 1);
    rest = trim(rest.substr(close + 1));
    return name;
  }
  return {};
}

void add_hosts(SettingLine& line, UriHostLists& lists, std::string_view list) {
  if (line.rest.empty())
    return line.problem(line.statement.written, "this line names no host: write some behind it");
  while (!line.rest.empty()) {
    const auto host = take_word(line.rest);
    const bool listed = !host.starts_with('!');
    lists.add(list, listed ? host : host.substr(1), listed);
  }
}

void enlist(SettingLine& line, RuleSettings& settings) {
  const auto list = take_list_name(line.rest);
  if (list.empty())
    return line.problem(line.statement.written,
                        "the name of a list must follow in brackets: (NAME) host …");
  add_hosts(line, settings.uri_hosts, list);
}

void delist(SettingLine& line, RuleSettings& settings) {
  const auto list = take_list_name(line.rest);
  if (line.rest.empty())
    return line.problem(line.statement.written, "this line names no host: write some behind it");
  while (!line.rest.empty()) {
    auto host = take_word(line.rest);
    if (host.starts_with('!')) host.remove_prefix(1);
    if (list.empty())
      settings.uri_hosts.remove_from_all(host);
    else
      settings.uri_hosts.remove(list, host);
  }
}

void block(SettingLine& line, RuleSettings& settings) {
  add_hosts(line, settings.uri_hosts, "BLOCK");
}
void welcome(SettingLine& line, RuleSettings& settings) {
  add_hosts(line, settings.uri_hosts, "WELCOME");
}

constexpr std::array<SettingDirective, 6> directives{{
    {"enlist_uri_host", enlist},
    {"delist_uri_host", delist},
    {"blocklist_uri_host", block},
    {"blacklist_uri_host", block},
    {"welcomelist_uri_host", welcome},
    {"whitelist_uri_host", welcome},
}};

/// The part of a long name that is looked at.
std::string_view last_labels(std::string_view host) {
  auto start = host.size();
  for (std::size_t labels = 0; labels < most_labels && start != std::string_view::npos; ++labels)
    start = start == 0 ? std::string_view::npos : host.rfind('.', start - 1);
  return start == std::string_view::npos ? host : host.substr(start + 1);
}

}  // namespace

void UriHostLists::add(std::string_view list, std::string_view host, bool listed) {
  auto number = number_of(list);
  if (!number) {
    number = names_.size();
    names_.emplace_back(list);
  }
  auto& verdicts = hosts_[to_lower(host)];
  const auto known = std::ranges::find(verdicts, *number, &Verdict::list);
  if (known == verdicts.end())
    verdicts.push_back({*number, listed});
  else
    known->listed = listed;
}

void UriHostLists::remove(std::string_view list, std::string_view host) {
  const auto number = number_of(list);
  const auto entry = hosts_.find(to_lower(host));
  if (!number || entry == hosts_.end()) return;
  std::erase_if(entry->second, [&](const Verdict& verdict) { return verdict.list == *number; });
  if (entry->second.empty()) hosts_.erase(entry);
}

void UriHostLists::remove_from_all(std::string_view host) { hosts_.erase(to_lower(host)); }

std::optional<std::size_t> UriHostLists::number_of(std::string_view list) const {
  const auto found = std::ranges::find(names_, list);
  if (found == names_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names_.begin());
}

void UriHostLists::look_up(std::string_view host, std::vector<bool>& hits) const {
  if (hosts_.empty() || host.empty()) return;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool whole = bracketed || is_ipv4_address(host);
  if (!whole) host = last_labels(host);
  std::vector<bool> decided(names_.size());
  for (;;) {
    if (const auto entry = hosts_.find(host); entry != hosts_.end()) {
      for (const auto& [list, listed] : entry->second) {
        if (!decided[list] && listed) hits[list] = true;
        decided[list] = true;
      }
    }
    const auto dot = host.find('.');
    if (whole || dot == std::string_view::npos) return;
    host.remove_prefix(dot + 1);
  }
}

SettingTable uri_host_directives() { return directives; }

}  // namespace postern
