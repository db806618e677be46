#include "rules/ngrams/language_settings.h"

#include <array>
#include <charconv>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

template <std::vector<std::string> LanguageSettings::* member>
void set_languages(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty())
    return line.problem(line.statement.written,
                        "languages are missing: write codes such as en de, or all");
  auto& languages = settings.languages.*member;
  languages.clear();
  while (!line.rest.empty()) languages.emplace_back(take_word(line.rest));
}

template <double LanguageSettings::* member>
void set_number(SettingLine& line, RuleSettings& settings) {
  constexpr double most = 1'000'000;
  const auto text = line.rest;
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0 ||
      value > most)
    return line.problem(text.empty() ? line.statement.written : text,
                        "write a number from 0 to 1000000");
  settings.languages.*member = value;
}

constexpr std::array directives{
    SettingDirective{"ok_languages", set_languages<&LanguageSettings::expected>},
    SettingDirective{"inactive_languages", set_languages<&LanguageSettings::inactive>},
    SettingDirective{"textcat_max_languages", set_number<&LanguageSettings::most_languages>},
    SettingDirective{"textcat_optimal_ngrams", set_number<&LanguageSettings::optimal_grams>},
    SettingDirective{"textcat_max_ngrams", set_number<&LanguageSettings::most_grams>},
    SettingDirective{"textcat_acceptable_score", set_number<&LanguageSettings::acceptable_score>},
};

}  // namespace

SettingTable language_directives() { return directives; }

}  // namespace postern
