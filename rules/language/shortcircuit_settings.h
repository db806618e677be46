// shortcircuit_settings.h — rules that decide a message at once, as the plugin Shortcircuit has
// them. Without `loadplugin Mail::SpamAssassin::Plugin::Shortcircuit` there are none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace postern {

struct ShortcircuitSettings {
  /// `on` keeps the score; `ham` and `spam` add one that decides.
  enum class Kind : std::uint8_t { on, ham, spam };

  std::map<std::string, Kind, std::less<>> rules;
  double spam_score = 100;      // shortcircuit_spam_score
  double ham_score = -100;      // shortcircuit_ham_score
  std::optional<double> below;  // shortcircuit_min_ham_score: a sum below it decides, too
  std::optional<double> above;  // shortcircuit_max_spam_score
};

}  // namespace postern
