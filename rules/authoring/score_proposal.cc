#include "rules/authoring/score_proposal.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include <fmt/format.h>

#include "rules/authoring/frequencies.h"

namespace postern {
namespace {

constexpr std::size_t fewest_messages = 10;
constexpr double highest = 4.5;  // below the usual 5 points: no rule decides alone
constexpr double pull = 1;       // a point away from the score in force weighs like one spam lost
constexpr double first_step = 0.5;  // points
constexpr std::size_t folds = 5;

/// A message as the model sees it.
struct Row {
  bool spam = false;
  double fixed = 0;                                      // points of rules that keep their scores
  std::vector<std::pair<std::uint32_t, double>> counts;  // place in `weights`, how often it scores
};

struct Bounds {
  double least = 0;
  double most = highest;
};

class Fit {
 public:
  Fit(const CorpusRun& run, const ProposalOptions& options)
      : run_(run), options_(options), required_(run.rules->required_score()) {
    choose_rules();
    for (const auto& mail : run.mails) rows_.push_back(row_of(mail));
  }

  Proposal run() {
    Proposal out;
    const auto all = [](std::size_t) { return true; };
    out.before = mistakes(before_, all);
    const auto weights = learn(all);
    out.after = mistakes(weights, all);
    for (std::size_t fold = 0; fold < folds; ++fold) {
      const auto inside = [fold](std::size_t mail) { return mail % folds == fold; };
      const auto learnt = learn([&](std::size_t mail) { return !inside(mail); });
      const auto wrong = mistakes(learnt, inside);
      out.unseen.false_positives += wrong.false_positives;
      out.unseen.false_negatives += wrong.false_negatives;
    }
    for (std::size_t i = 0; i < rules_.size(); ++i)
      out.scores.push_back({rules_[i], before_[i], weights[i]});
    return out;
  }

 private:
  using Chosen = std::function<bool(std::size_t mail)>;

  void choose_rules() {
    auto rows = frequencies(run_, false);
    std::ranges::sort(rows, {}, &Frequency::rule);
    places_.assign(run_.rules->rules().size(), none);
    for (const auto& row : rows) {
      if (row.spam + row.ham < fewest_messages) continue;
      const auto& rule = run_.rules->rules()[row.rule];
      places_[row.rule] = static_cast<std::uint32_t>(rules_.size());
      rules_.push_back(row.rule);
      before_.push_back(rule.score);
      // A score in force beyond the bounds was somebody's decision: it may stay.
      const bool nice = rule.flags.nice || rule.score < 0;
      bounds_.push_back(nice ? Bounds{std::min(-highest, rule.score), 0}
                             : Bounds{0, std::max(highest, rule.score)});
    }
  }

  Row row_of(const ScannedMail& mail) const {
    Row out{.spam = mail.spam, .fixed = mail.score, .counts = {}};
    for (const auto& [number, value] : mail.values) {
      const auto place = places_[number];
      if (place == none) continue;
      const auto& rule = run_.rules->rules()[number];
      const double count = counts_matches(rule.type) ? value : 1;
      out.counts.emplace_back(place, count);
      out.fixed -= count * rule.score;
    }
    return out;
  }

  static double score_of(const Row& row, std::span<const double> weights) {
    double out = row.fixed;
    for (const auto& [place, count] : row.counts) out += count * weights[place];
    return out;
  }

  Mistakes mistakes(std::span<const double> weights, const Chosen& chosen) const {
    Mistakes out;
    for (std::size_t mail = 0; mail < rows_.size(); ++mail) {
      if (!chosen(mail)) continue;
      // Sums of hundredths are not exact in binary.
      const bool judged_spam = score_of(rows_[mail], weights) >= required_ - 1e-9;
      if (judged_spam && !rows_[mail].spam) ++out.false_positives;
      if (!judged_spam && rows_[mail].spam) ++out.false_negatives;
    }
    return out;
  }

  /// Gradient descent with a step for each weight that grows smaller the more it was moved.
  std::vector<double> learn(const Chosen& chosen) const {
    auto weights = before_;
    std::vector<double> moved(weights.size(), 1e-8);
    std::vector<double> gradient(weights.size());
    for (unsigned round = 0; round < options_.rounds; ++round) {
      for (std::size_t i = 0; i < weights.size(); ++i)
        gradient[i] = pull * (weights[i] - before_[i]);
      for (std::size_t mail = 0; mail < rows_.size(); ++mail) {
        if (!chosen(mail)) continue;
        const auto& row = rows_[mail];
        const double probability = 1 / (1 + std::exp(required_ - score_of(row, weights)));
        const double error = row.spam ? probability - 1 : options_.ham_weight * probability;
        for (const auto& [place, count] : row.counts) gradient[place] += error * count;
      }
      for (std::size_t i = 0; i < weights.size(); ++i) {
        moved[i] += gradient[i] * gradient[i];
        weights[i] = std::clamp(weights[i] - first_step * gradient[i] / std::sqrt(moved[i]),
                                bounds_[i].least, bounds_[i].most);
      }
    }
    for (auto& weight : weights) weight = std::round(weight * 100) / 100 + 0.0;
    return weights;
  }

  static constexpr std::uint32_t none = UINT32_MAX;
  const CorpusRun& run_;
  ProposalOptions options_;
  double required_;
  std::vector<std::uint32_t> rules_;   // by place
  std::vector<std::uint32_t> places_;  // by rule number
  std::vector<double> before_;
  std::vector<Bounds> bounds_;
  std::vector<Row> rows_;
};

std::string line_of(std::string_view when, const Mistakes& mistakes) {
  return fmt::format("# {:<28} {:6} ham over the line, {:6} spam under it\n", when,
                     mistakes.false_positives, mistakes.false_negatives);
}

}  // namespace

Proposal propose_scores(const CorpusRun& run, const ProposalOptions& options) {
  return Fit(run, options).run();
}

std::string proposal_text(const CorpusRun& run, const Proposal& proposal) {
  auto out = fmt::format("# {} spam and {} ham, {} points required\n", run.spam(), run.ham(),
                         run.rules->required_score());
  out += line_of("scores in force:", proposal.before);
  out += line_of("proposed, on the same mail:", proposal.after);
  out += line_of("proposed, on mail not seen:", proposal.unseen);
  const auto rows = frequencies(run, false);
  for (const auto& score : proposal.scores) {
    const auto row = std::ranges::find(rows, score.rule, &Frequency::rule);
    if (row == rows.end() || std::abs(score.after - score.before) < 0.005) continue;
    out += fmt::format("score {} {:.2f}  # was {:.3g}; hits {:.1f} % of spam, {:.1f} % of ham\n",
                       run.rules->rules()[score.rule].name, score.after, score.before,
                       100 * row->spam_share, 100 * row->ham_share);
  }
  return out;
}

}  // namespace postern
