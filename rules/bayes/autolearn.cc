#include "rules/bayes/autolearn.h"

#include <array>
#include <cmath>

namespace postern {
namespace {

using Place = AutolearnHit::Place;

constexpr double least_of_each = 3;
constexpr double learner_says_ham = -1;
constexpr double learner_says_spam = 1;

struct Points {
  double all = 0;
  double header = 0;
  double body = 0;
  double learner = 0;
  std::string forced_by;
};

/// To three decimals, as SpamAssassin prints and then reads these points.
double rounded(double value) { return std::round(value * 1000) / 1000; }

void add_meta(const AutolearnHit& hit, Points& points) {
  const double all = hit.header_dependencies + hit.body_dependencies;
  if (all == 0) return;
  points.header += hit.count * rounded(hit.score * (hit.header_dependencies / all));
  points.body += hit.count * rounded(hit.score * (hit.body_dependencies / all));
}

void add(const AutolearnHit& hit, Points& points) {
  if (hit.not_counted) return;
  if (hit.learner) {
    points.learner += hit.count * hit.learner_score;
    return;
  }
  if (hit.force) points.forced_by.append(points.forced_by.empty() ? "" : ",").append(hit.name);
  if (hit.score == 0) return;
  const double score = hit.count * hit.score;
  switch (hit.counted_as.value_or(hit.place)) {
    case Place::header:
      points.header += score;
      break;
    case Place::body:
      points.body += score;
      break;
    case Place::meta:
      add_meta(hit, points);
      break;
    case Place::other:
      break;
  }
  points.all += score;
}

bool may_be_learnt_as_spam(const Points& points, const AutolearnInput& input,
                           const BayesSettings& settings) {
  const bool broad =
      !points.forced_by.empty() || (points.body >= least_of_each && points.header >= least_of_each);
  return broad && points.learner >= learner_says_ham && input.is_spam &&
         !(settings.learn_on_error && input.bayes_99);
}

bool may_be_learnt_as_ham(const Points& points, const AutolearnInput& input,
                          const BayesSettings& settings) {
  return points.learner <= learner_says_spam && !input.is_spam &&
         !(settings.learn_on_error && input.bayes_00);
}

Autolearn decide(const Points& points, const AutolearnInput& input, const BayesSettings& settings) {
  if (points.all < settings.learn_ham_below)
    return may_be_learnt_as_ham(points, input, settings) ? Autolearn::ham : Autolearn::no;
  if (points.all >= settings.learn_spam_from)
    return may_be_learnt_as_spam(points, input, settings) ? Autolearn::spam : Autolearn::no;
  return Autolearn::no;
}

}  // namespace

std::string_view autolearn_word(Autolearn decision) {
  static constexpr std::array<std::string_view, 6> words{"disabled", "no",          "ham",
                                                         "spam",     "unavailable", "failed"};
  return words.at(static_cast<std::size_t>(decision));
}

AutolearnDecision autolearn(const AutolearnInput& input, const BayesSettings& settings) {
  if (!settings.use || !settings.auto_learn) return {};
  Points points;
  for (const auto& hit : input.hits) add(hit, points);
  points.all = rounded(points.all);
  return {decide(points, input, settings), points.all, std::move(points.forced_by)};
}

}  // namespace postern
