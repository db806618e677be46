// autolearn.h — whether a message is so clearly spam or ham that it is learnt without being asked
// for: Plugin/AutoLearnThreshold.pm and PerMsgStatus.pm, get_autolearn_points.
//
// Counted are the scores that rules would have without Bayes, so that Bayes does not teach itself;
// rules with tflags noautolearn or userconf not at all, and rules with `learn` only as a veto. Spam
// must come to 3 points by rules on the header and 3 on the body, or have a hit with
// autolearn_force.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rules/bayes/bayes_settings.h"

namespace postern {

/// A hit as it is counted here.
struct AutolearnHit {
  enum class Place : std::uint8_t { header, body, meta, other };
  std::string_view name;     // for who asks what forced a lesson
  unsigned count = 1;        // how often it scored
  double score = 0;          // in the score set that is in use, with Bayes switched off
  double learner_score = 0;  // in the score set that is in use
  Place place = Place::other;
  /// Of a meta: how often it names rules that look at the header, and at the body, itself.
  unsigned header_dependencies = 0;
  unsigned body_dependencies = 0;
  bool not_counted = false;  // tflags noautolearn or userconf
  bool learner = false;      // tflags learn
  bool force = false;        // tflags autolearn_force
  /// tflags autolearn_header and autolearn_body overrule `place`.
  std::optional<Place> counted_as;
};

struct AutolearnInput {
  std::span<const AutolearnHit> hits;
  bool is_spam = false;   // the whole score reaches required_score
  bool bayes_00 = false;  // for bayes_auto_learn_on_error
  bool bayes_99 = false;
};

/// SpamAssassin's words for it. unavailable: the message was learnt before. failed: it could not be
/// written down.
enum class Autolearn : std::uint8_t { disabled, no, ham, spam, unavailable, failed };
std::string_view autolearn_word(Autolearn decision);

struct AutolearnDecision {
  Autolearn what = Autolearn::disabled;
  double points = 0;      // of the rules that count
  std::string forced_by;  // the rules with autolearn_force that hit, with commas between them

  bool learns() const { return what == Autolearn::ham || what == Autolearn::spam; }
};

/// disabled, no, ham or spam.
AutolearnDecision autolearn(const AutolearnInput& input, const BayesSettings& settings);

}  // namespace postern
