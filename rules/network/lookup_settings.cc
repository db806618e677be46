#include "rules/network/lookup_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

std::string without_outer_dots(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  if (name.ends_with('.')) name.remove_suffix(1);
  return to_lower(name);
}

/// "1.5", or with a unit: s, m, h, d, w.
std::optional<double> seconds_of(std::string_view text) {
  constexpr std::array<std::pair<char, double>, 5> units{
      {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}}};
  double factor = 1;
  if (!text.empty() && is_alpha(text.back())) {
    const auto unit = std::ranges::find(units, lower(text.back()), &std::pair<char, double>::first);
    if (unit == units.end()) return {};
    factor = unit->second;
    text.remove_suffix(1);
  }
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0)
    return {};
  return value * factor;
}

template <bool LookupSettings::* member>
void set_flag(SettingLine& line, RuleSettings& settings) {
  const auto value = to_lower(line.rest);
  const bool on = value == "1" || value == "yes";
  if (!on && value != "0" && value != "no")
    return line.problem(line.rest.empty() ? line.statement.written : line.rest,
                        line.statement.key + " is 1 or 0");
  settings.lookups.*member = on;
}

template <double LookupSettings::* member>
void set_seconds(SettingLine& line, RuleSettings& settings) {
  const auto value = seconds_of(take_word(line.rest));
  if (!value)
    return line.problem(line.statement.written,
                        "seconds are missing: write a number, with s, m, h, d or w behind it");
  // A second number shortens the wait as answers come in, and a zone limits it to that zone: here
  // all questions of a message are in flight at once, and one deadline serves them.
  if (!line.rest.empty() && is_alpha(line.rest.back()) && line.rest.size() > 1)
    return line.remark(line.rest, "the time applies to all zones in this engine: line ignored");
  settings.lookups.*member = *value;
}

void set_most_domains(SettingLine& line, RuleSettings& settings) {
  const auto value = parse_number(line.rest, 1000);
  if (!value)
    return line.problem(line.statement.written, "write a number of domains from 0 to 1000");
  settings.lookups.most_domains = static_cast<unsigned>(*value);
}

void set_headers(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty())
    return line.problem(line.statement.written, "names of header fields are missing: A,B,C");
  settings.lookups.headers = line.rest;
}

void skip_domains(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty())
    return line.problem(line.statement.written, "this line names no domain: write some behind it");
  while (!line.rest.empty())
    settings.lookups.skipped_domains.insert(to_lower(take_word(line.rest)));
}

void clear_skipped(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty()) settings.lookups.skipped_domains.clear();
  while (!line.rest.empty()) {
    const auto found = settings.lookups.skipped_domains.find(to_lower(take_word(line.rest)));
    if (found != settings.lookups.skipped_domains.end())
      settings.lookups.skipped_domains.erase(found);
  }
}

void restrict_queries(SettingLine& line, RuleSettings& settings) {
  const auto what = to_lower(take_word(line.rest));
  if ((what != "allow" && what != "deny") || line.rest.empty())
    return line.problem(line.statement.written, "write allow or deny, and domains behind it");
  while (!line.rest.empty())
    settings.lookups.restrictions[without_outer_dots(take_word(line.rest))] = what == "deny";
}

void clear_restrictions(SettingLine&, RuleSettings& settings) {
  settings.lookups.restrictions.clear();
}

void add_block_rule(SettingLine& line, RuleSettings& settings) {
  const auto rule = take_word(line.rest);
  if (rule.empty() || line.rest.empty())
    return line.problem(line.statement.written, "write a rule and the zones that it closes");
  auto& zones = settings.lookups.blocking[std::string(rule)];
  while (!line.rest.empty()) zones.insert(without_outer_dots(take_word(line.rest)));
}

std::optional<QuestionType> question_type(std::string_view written) {
  constexpr std::array<std::pair<std::string_view, QuestionType>, 6> types{
      {{"a", QuestionType::a},
       {"aaaa", QuestionType::aaaa},
       {"mx", QuestionType::mx},
       {"ns", QuestionType::ns},
       {"ptr", QuestionType::ptr},
       {"txt", QuestionType::txt}}};
  const auto name = to_lower(written);
  const auto found =
      std::ranges::find(types, name, &std::pair<std::string_view, QuestionType>::first);
  if (found == types.end()) return {};
  return found->second;
}

/// RULE zone type [test]
void add_uri_list(SettingLine& line, RuleSettings& settings, UriListLookup::What what,
                  bool tested) {
  const auto rule = take_word(line.rest);
  UriListLookup lookup;
  lookup.what = what;
  lookup.zone = without_outer_dots(take_word(line.rest));
  const auto type_word = take_word(line.rest);
  const auto type = question_type(type_word);
  if (rule.empty() || lookup.zone.empty() || type_word.empty() || line.rest.empty() == tested)
    return line.problem(line.statement.written,
                        tested ? "write: NAME zone A|TXT test" : "write: NAME zone A|TXT");
  if (!type || (*type != QuestionType::a && *type != QuestionType::txt))
    return line.problem(type_word, "lists are asked for A or TXT");
  lookup.type = *type;
  if (tested) {
    auto test = AnswerTest::of_uri_list(line.rest);
    if (!test) return line.problem(line.rest, test.error());
    lookup.test = *std::move(test);
  }
  settings.lookups.uri_lists.insert_or_assign(std::string(rule), std::move(lookup));
}

template <UriListLookup::What what, bool tested>
void uri_list(SettingLine& line, RuleSettings& settings) {
  add_uri_list(line, settings, what, tested);
}

using What = UriListLookup::What;
constexpr std::array<SettingDirective, 22> directives{{
    {"skip_rbl_checks", set_flag<&LookupSettings::skip_relay_lists>},
    {"skip_uribl_checks", set_flag<&LookupSettings::skip_uri_lists>},
    {"uridnsbl_skip_mailto", set_flag<&LookupSettings::skip_mailto>},
    {"uridnsbl_max_domains", set_most_domains},
    {"rbl_timeout", set_seconds<&LookupSettings::timeout>},
    {"dns_block_time", set_seconds<&LookupSettings::block_time>},
    {"rbl_headers", set_headers},
    {"uridnsbl_skip_domain", skip_domains},
    {"clear_uridnsbl_skip_domain", clear_skipped},
    {"dns_query_restriction", restrict_queries},
    {"clear_dns_query_restriction", clear_restrictions},
    {"clear_dns_query_restrictions", clear_restrictions},
    {"dns_block_rule", add_block_rule},
    {"uridnsbl", uri_list<What::addresses, false>},
    {"uridnssub", uri_list<What::addresses, true>},
    {"urirhsbl", uri_list<What::domains, false>},
    {"urirhssub", uri_list<What::domains, true>},
    {"urinsrhsbl", uri_list<What::servers, false>},
    {"urinsrhssub", uri_list<What::servers, true>},
    {"urifullnsrhsbl", uri_list<What::server_names, false>},
    {"urifullnsrhssub", uri_list<What::server_names, true>},
    {"dns_available", [](SettingLine&, RuleSettings&) {}},
}};

}  // namespace

SettingTable lookup_directives() { return directives; }

/// RULE name [type,type] [test]
bool add_dns_query(SettingLine& line, RuleSettings& settings) {
  const auto refuse = [&line](std::string_view piece, std::string what) {
    line.problem(piece.empty() ? line.statement.written : piece, std::move(what));
    return false;
  };
  const auto rule = take_word(line.rest);
  DnsQuery query;
  query.name = take_word(line.rest);
  if (rule.empty() || query.name.empty())
    return refuse({}, "write: askdns NAME name_with_TAGS_ [type] [test]");
  auto types = take_word(line.rest);
  if (types.empty()) types = "A";
  for (const auto word : split(types, ',')) {
    const auto type = question_type(word);
    if (!type) return refuse(word, "the types known here are A, AAAA, MX, NS, PTR and TXT");
    query.types.push_back(*type);
  }
  if (!line.rest.empty()) {
    auto test = AnswerTest::of_question(line.rest);
    if (!test) return refuse(line.rest, test.error());
    query.test = *std::move(test);
  }
  settings.lookups.queries.insert_or_assign(std::string(rule), std::move(query));
  return true;
}

}  // namespace postern
