#include "rules/evals/freemail_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

bool is_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

bool is_domain_pattern(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '*' || c == '?' || c == '-';
  });
}

/// A dot or an @ between two letters: anything less is a slip.
bool is_address_or_domain(std::string_view text) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if ((text[i] == '.' || text[i] == '@') && is_word(text[i - 1]) && is_word(text[i + 1]))
      return true;
  }
  return false;
}

void add_domains(SettingLine& line, RuleSettings& settings) {
  auto& freemail = settings.freemail;
  while (!line.rest.empty()) {
    const auto word = take_word(line.rest);
    if (!is_domain_pattern(word)) {
      line.problem(word, "a domain has letters, digits, '-' and '.'; '*' and '?' stand for others");
    } else if (word.find_first_of("*?") == std::string_view::npos) {
      freemail.domains.insert(to_lower(word));
    } else if (auto pattern = to_lower(word);
               std::ranges::find(freemail.patterns, pattern) == freemail.patterns.end()) {
      freemail.patterns.push_back(std::move(pattern));
    }
  }
}

void add_exempt(SettingLine& line, RuleSettings& settings) {
  while (!line.rest.empty()) {
    const auto word = take_word(line.rest);
    if (is_address_or_domain(word)) {
      settings.freemail.exempt.insert(to_lower(word));
    } else {
      line.problem(word, "an address or a domain is wanted here");
    }
  }
}

/// SpamAssassin's numeric settings: digits, perhaps a fraction, perhaps a sign.
std::optional<double> number(SettingLine& line) {
  double value = 0;
  const char* const end = line.rest.data() + line.rest.size();
  const auto [at, error] = std::from_chars(line.rest.data(), end, value);
  if (error == std::errc{} && at == end && !line.rest.empty()) return value;
  line.problem(line.rest.empty() ? line.statement.written : line.rest, "a number is wanted here");
  return {};
}

template <auto field>
void set_number(SettingLine& line, RuleSettings& settings) {
  const auto value = number(line);
  if (value) settings.freemail.*field = *value;
}

template <auto field>
void set_switch(SettingLine& line, RuleSettings& settings) {
  const auto value = number(line);
  if (value) settings.freemail.*field = *value != 0;
}

/// It decorates SpamAssassin's report with the address that was found.
void set_describe(SettingLine& line, RuleSettings&) {
  if (number(line)) line.remark(line.statement.written, "has no effect: reports name no addresses");
}

constexpr std::array directives{
    SettingDirective{"freemail_domains", add_domains},
    SettingDirective{"freemail_welcomelist", add_exempt},
    SettingDirective{"freemail_whitelist", add_exempt},
    SettingDirective{"freemail_max_body_emails",
                     set_number<&FreemailSettings::most_body_addresses>},
    SettingDirective{"freemail_max_body_freemails",
                     set_number<&FreemailSettings::most_body_freemails>},
    SettingDirective{"freemail_skip_when_over_max",
                     set_switch<&FreemailSettings::skip_when_over_maximum>},
    SettingDirective{"freemail_skip_bulk_envfrom",
                     set_switch<&FreemailSettings::skip_bulk_senders>},
    SettingDirective{"freemail_add_describe_email", set_describe},
    SettingDirective{"freemail_import_welcomelist_auth",
                     set_switch<&FreemailSettings::exempt_welcomelist_auth>},
    SettingDirective{"freemail_import_whitelist_auth",
                     set_switch<&FreemailSettings::exempt_welcomelist_auth>},
    SettingDirective{"freemail_import_def_welcomelist_auth",
                     set_switch<&FreemailSettings::exempt_default_welcomelist_auth>},
    SettingDirective{"freemail_import_def_whitelist_auth",
                     set_switch<&FreemailSettings::exempt_default_welcomelist_auth>},
};

/// As matches_glob, but that a star does not cross a dot.
bool matches_labels(std::string_view pattern, std::string_view domain) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (t < domain.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == domain[t] || pattern[p] == '?')) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos && domain[resume] != '.') {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

bool FreemailSettings::has_domain(std::string_view domain) const {
  return domains.contains(domain) || std::ranges::any_of(patterns, [domain](const auto& p) {
           return matches_labels(p, domain);
         });
}

SettingTable freemail_directives() { return directives; }

}  // namespace postern
