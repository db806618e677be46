// language_eval.cc — functions of TextCat.pm (SpamAssassin 4.0.1): languages that no reader
// expects. Without a loadplugin line, and without ok_languages, none of them hits.
#include <algorithm>
#include <array>

#include "rules/evals/binding.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

using Languages = std::vector<std::string>;

// Languages in whose words octets above 7F stand side by side.
constexpr std::array<std::string_view, 26> of_many_octets{
    "am", "ar", "be", "bg", "cs", "el", "et", "fa", "fi", "he", "hi", "hy", "is",
    "ja", "ka", "ko", "mr", "pt", "ru", "ta", "th", "tr", "uk", "vi", "yi", "zh"};

bool takes_all(const Languages& expected) {
  return std::ranges::find(expected, "all") != expected.end();
}

/// Shorter texts in English are often taken for Scots.
std::string_view weighed(std::string_view language, bool is_short) {
  return is_short && language == "sco" ? "en" : language;
}

double check_language(ScannedMessage& message) {
  constexpr std::size_t enough_for_one = 1024;
  const auto& settings = message.settings().languages;
  if (!settings.models || takes_all(settings.expected)) return 0;
  const auto& guess = message.languages();
  if (guess.languages.empty()) return 0;
  const bool is_short = guess.length < enough_for_one * guess.languages.size();
  for (const auto& found : guess.languages) {
    const auto language = weighed(std::string_view(found).substr(0, found.find('.')), is_short);
    for (const auto& expected : settings.expected) {
      if (language == weighed(expected, is_short)) return 0;
    }
  }
  return 1;
}

bool has_run_of_high_octets(std::string_view line) {
  constexpr unsigned long_run = 8;
  unsigned run = 0;
  for (const char c : line) {
    run = static_cast<unsigned char>(c) >= 0x80 ? run + 1 : 0;
    if (run == long_run) return true;
  }
  return false;
}

double check_body_8bits(ScannedMessage& message) {
  const auto& settings = message.settings().languages;
  if (!settings.models || takes_all(settings.expected)) return 0;
  const auto has_many = [](const std::string& language) {
    return std::ranges::find(of_many_octets, language) != of_many_octets.end();
  };
  if (std::ranges::any_of(settings.expected, has_many)) return 0;
  return std::ranges::any_of(message.body(), has_run_of_high_octets) ? 1 : 0;
}

constexpr std::array functions{
    EvalFunction{"check_language", bind_plain<check_language>},
    EvalFunction{"check_body_8bits", bind_plain<check_body_8bits>},
};

}  // namespace

EvalTable language_evals() { return functions; }

}  // namespace postern
