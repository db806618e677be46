// language_settings.h — which languages readers expect, and how sure a guess must be: ok_languages
// and its kin. Nothing is guessed unless the TextCat plugin is loaded by a line of a rule file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules/base/setting.h"
#include "rules/ngrams/language_models.h"

namespace postern {

struct LanguageSettings {
  std::vector<std::string> expected{"all"};  // ok_languages
  std::vector<std::string> inactive{"bs", "cy", "eo", "et", "eu", "fy",  "ga", "gd", "is",
                                    "la", "lt", "lv", "rm", "sa", "sco", "sl", "yi"};
  double most_languages = 3;       // textcat_max_languages: more are no guess at all
  double optimal_grams = 0;        // textcat_optimal_ngrams: what occurs no more often is left out
  double most_grams = 400;         // textcat_max_ngrams
  double acceptable_score = 1.02;  // textcat_acceptable_score: times the best
  /// Null where the plugin is not loaded, or its file was not found.
  std::shared_ptr<const LanguageModels> models;
};

SettingTable language_directives();

}  // namespace postern
