#include "rules/bayes/probability.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace postern {
namespace {

constexpr double assumed = 0.538;                 // Robinson's x: what an unknown token would say
constexpr double strength_of_assumption = 0.030;  // Robinson's s
constexpr double least_distance = 0.346;
constexpr std::size_t most_tokens = 150;

double distance(double probability) { return std::abs(probability - 0.5); }

/// Products of many small numbers: a mantissa, and its exponent apart so that it cannot vanish.
class Product {
 public:
  explicit Product(double start) : mantissa_(start) {}
  void times(double factor) {
    mantissa_ *= factor;
    if (mantissa_ >= 1e-200) return;
    int exponent = 0;
    mantissa_ = std::frexp(mantissa_, &exponent);
    exponent_ += exponent;
  }
  double logarithm() const { return std::log(mantissa_) + exponent_ * std::numbers::ln2; }

 private:
  double mantissa_;
  int exponent_ = 0;
};

/// How probable a chi-square of at least 2 * half is with 2 * count degrees of freedom.
double chi_square_tail(double half, std::size_t count) {
  double term = std::exp(-half);
  double sum = term;
  for (std::size_t i = 1; i < count; ++i) {
    term *= half / static_cast<double>(i);
    sum += term;
  }
  return std::min(sum, 1.0);
}

double combine(const std::vector<double>& probabilities, const LearntMessages& messages) {
  const auto spam = static_cast<double>(messages.spam);
  const auto ham = static_cast<double>(messages.ham);
  Product not_spam(spam / (spam + ham));
  Product not_ham(ham / (spam + ham));
  for (const double probability : probabilities) {
    not_spam.times(1.0 - probability);
    not_ham.times(probability);
  }
  const std::size_t count = probabilities.size();
  const double spamminess = 1.0 - chi_square_tail(-not_spam.logarithm(), count);
  const double hamminess = 1.0 - chi_square_tail(-not_ham.logarithm(), count);
  return (spamminess - hamminess + 1.0) / 2.0;
}

}  // namespace

std::optional<double> token_probability(const TokenCounts& counts, const LearntMessages& messages,
                                        bool use_hapaxes) {
  if (messages.spam == 0 || messages.ham == 0) return {};
  const double seen = static_cast<double>(counts.spam) + counts.ham;
  if (seen < (use_hapaxes ? 1 : 2)) return {};
  const double spam = counts.spam * static_cast<double>(messages.ham);
  const double ham = counts.ham * static_cast<double>(messages.spam);
  return (strength_of_assumption * assumed + seen * (spam / (ham + spam))) /
         (strength_of_assumption + seen);
}

std::optional<double> message_probability(std::span<const TokenCounts> counts,
                                          const LearntMessages& messages, bool use_hapaxes) {
  std::vector<double> telling;
  for (const auto& of_token : counts) {
    const auto probability = token_probability(of_token, messages, use_hapaxes);
    if (probability && distance(*probability) >= least_distance) telling.push_back(*probability);
  }
  if (telling.empty()) return {};
  std::ranges::sort(telling, std::greater<>(), [](double probability) {
    return std::pair(distance(probability), probability);
  });
  if (telling.size() > most_tokens) telling.resize(most_tokens);
  return combine(telling, messages);
}

}  // namespace postern
