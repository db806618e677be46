// query_questions.cc — askdns: names with _TAGS_ in them, one question for each combination of the
// tags' values (AskDNS.pm, launch_queries).
#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/headers/ip_address.h"
#include "rules/network/network_rules.h"

namespace postern {
namespace {

constexpr std::size_t most_names = 100;

std::vector<std::string> distinct(std::vector<std::string> values) {
  std::erase(values, "");
  std::ranges::sort(values);
  values.erase(std::ranges::unique(values).begin(), values.end());
  return values;
}

/// The next "_TAG_" or "_TAG(argument)_" from `from` on: where it begins and ends.
struct Tag {
  std::size_t begin = std::string_view::npos;
  std::size_t end = 0;
  std::string_view name;  // without the underscores
};
Tag next_tag(std::string_view text, std::size_t from) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c); };
  for (auto begin = text.find('_', from); begin != std::string_view::npos;
       begin = text.find('_', begin + 1)) {
    auto at = begin + 1;
    if (at >= text.size() || !is_letter(text[at]) || is_digit(text[at])) continue;
    while (at < text.size() && (is_letter(text[at]) || (text[at] == '_' && at + 1 < text.size() &&
                                                        is_letter(text[at + 1]))))
      ++at;
    if (at < text.size() && text[at] == '(') {
      at = text.find(')', at);
      if (at == std::string_view::npos) continue;
      ++at;
    }
    if (at < text.size() && text[at] == '_')
      return {begin, at + 1, text.substr(begin + 1, at - begin - 1)};
  }
  return {};
}

const std::string& last_external(ScannedMessage& message, std::string Relay::* what) {
  static const std::string none;
  const auto& relays = message.relays().external();
  return relays.empty() ? none : relays.front().*what;
}

}  // namespace

void NetworkScan::ask_queries() {
  for (const auto& query : rules_.queries()) {
    for (const auto& name : names_of(*query.query)) {
      for (const auto type : query.query->types) ask(name, type, {.query = &query});
    }
  }
}

std::vector<std::string> NetworkScan::names_of(const DnsQuery& query) {
  std::vector<std::string> names{query.name};
  for (std::size_t from = 0;;) {
    const Tag tag = next_tag(query.name, from);
    if (tag.begin == std::string_view::npos) return names;
    from = tag.end;
    const std::string written = query.name.substr(tag.begin, tag.end - tag.begin);
    const auto values = tag_values(tag.name);
    std::vector<std::string> next;
    for (const auto& name : names) {
      const auto at = name.find(written);
      for (const auto& value : values) {
        if (at == std::string::npos || next.size() == most_names) break;
        std::string filled = name;
        next.push_back(filled.replace(at, written.size(), value));
      }
    }
    names = std::move(next);  // none, where a tag has no value
  }
}

std::vector<std::string> NetworkScan::tag_values(std::string_view tag) {
  HeaderValues& headers = message_.headers();
  if (tag.starts_with("HEADER(")) {
    const auto written = tag.substr(7, tag.size() - 8);
    const auto source = parse_header_source(written);
    if (!source) return {};
    const auto& value = headers.get(*source);
    return value ? distinct({std::string(trim(*value))}) : std::vector<std::string>{};
  }
  if (tag == "SENDERDOMAIN")
    return distinct({to_lower(headers.get("EnvelopeFrom:first:addr:host"))});
  if (tag == "AUTHORDOMAIN") {
    std::vector<std::string> domains;
    for (const auto& host : headers.list("From:addr:host")) domains.push_back(to_lower(host));
    return distinct(std::move(domains));
  }
  if (tag == "LASTEXTERNALIP") return distinct({last_external(message_, &Relay::ip)});
  if (tag == "LASTEXTERNALHELO") return distinct({last_external(message_, &Relay::helo)});
  if (tag == "LASTEXTERNALRDNS") return distinct({last_external(message_, &Relay::rdns)});
  if (tag == "LASTEXTERNALREVIP")
    return distinct({reversed_ip(last_external(message_, &Relay::ip)).value_or("")});
  std::vector<std::string> values;
  if (tag == "URIHOSTS" || tag == "URIDOMAINS") {
    for (const auto& [host, domain] : uri_hosts_)
      values.push_back(tag == "URIHOSTS" ? host : domain);
  }
  if (tag == "DKIMDOMAIN" && message_.input().authentication != nullptr) {
    const auto& signatures = message_.input().authentication->dkim;
    for (const auto& signature : signatures.value_or(std::vector<CheckedSignature>{})) {
      if (signature.valid) values.push_back(to_lower(signature.domain));
    }
  }
  return distinct(std::move(values));
}

}  // namespace postern
