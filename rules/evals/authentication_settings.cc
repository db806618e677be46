#include "rules/evals/authentication_settings.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

template <auto field>
void set_switch(SettingLine& line, RuleSettings& settings) {
  const auto value = to_lower(line.rest);
  if (value == "1" || value == "yes") {
    settings.authentication.*field = true;
  } else if (value == "0" || value == "no") {
    settings.authentication.*field = false;
  } else {
    line.problem(line.rest.empty() ? line.statement.written : line.rest, "0 or 1 is wanted here");
  }
}

void set_minimum_key(SettingLine& line, RuleSettings& settings) {
  if (const auto bits = parse_number(line.rest, 1'000'000)) {
    settings.authentication.minimum_key_bits = static_cast<double>(*bits);
  } else {
    line.problem(line.rest.empty() ? line.statement.written : line.rest,
                 "a number of bits is wanted here");
  }
}

std::optional<char> practice(std::string_view written) {
  struct Practice {
    std::string_view name;
    char letter;
  };
  static constexpr std::array practices{
      Practice{"", 'D'},           Practice{"nxdomain", 'N'},    Practice{"unknown", 'U'},
      Practice{"all", 'A'},        Practice{"discardable", 'D'}, Practice{"custom_low", '1'},
      Practice{"custom_med", '2'}, Practice{"custom_high", '3'}};
  for (const auto& [name, letter] : practices) {
    if (equals_ignoring_case(name, written)) return letter;
  }
  return {};
}

void set_practices(SettingLine& line, RuleSettings& settings) {
  auto domain = take_word(line.rest);
  if (domain.starts_with('@')) domain.remove_prefix(1);
  const auto letter = practice(line.rest);
  const bool sound = !domain.empty() && std::ranges::all_of(domain, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '*' || c == '.' || c == '_' || c == '-';
  });
  if (!sound || !letter) {
    return line.problem(line.statement.written,
                        "a domain and one of nxdomain, unknown, all, discardable, custom_low, "
                        "custom_med, custom_high are wanted here");
  }
  settings.authentication.practices.insert_or_assign(to_lower(domain), *letter);
}

void about_asking(SettingLine& line, RuleSettings&) {
  line.remark(line.statement.written,
              "has no effect: SPF, DKIM and DMARC are the gateway's work, before rules run");
}

constexpr std::array directives{
    SettingDirective{"ignore_received_spf_header",
                     set_switch<&AuthenticationSettings::ignore_received_spf>},
    SettingDirective{"use_newest_received_spf_header",
                     set_switch<&AuthenticationSettings::newest_received_spf>},
    SettingDirective{"dkim_minimum_key_bits", set_minimum_key},
    SettingDirective{"adsp_override", set_practices},
    SettingDirective{"spf_timeout", about_asking},
    SettingDirective{"dkim_timeout", about_asking},
    SettingDirective{"do_not_use_mail_spf", about_asking},
    SettingDirective{"do_not_use_mail_spf_query", about_asking},
    SettingDirective{"dmarc_save_reports", about_asking},
};

}  // namespace

SettingTable authentication_directives() { return directives; }

}  // namespace postern
