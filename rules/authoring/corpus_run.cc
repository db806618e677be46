#include "rules/authoring/corpus_run.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {

std::size_t CorpusRun::spam() const {
  return static_cast<std::size_t>(std::ranges::count(mails, true, &ScannedMail::spam));
}

ScannedMail scanned_mail(std::string path, bool spam, const ScanResult& result,
                         const ScanScratch& scratch) {
  ScannedMail out{.path = std::move(path), .spam = spam, .score = result.score, .values = {}};
  for (std::uint32_t number = 0; number < result.rules->rules().size(); ++number) {
    const double value = scratch.values[number];
    if (value != 0) out.values.emplace_back(number, value);
  }
  return out;
}

void add_costs(const RuleCosts& costs, std::size_t mail, std::vector<RuleCost>& sums) {
  sums.resize(costs.size());
  for (std::size_t number = 0; number < costs.size(); ++number) {
    auto& sum = sums[number];
    sum.total += costs[number];
    if (costs[number] <= sum.worst) continue;
    sum.worst = costs[number];
    sum.worst_mail = mail;
  }
}

std::string mass_check_line(const CorpusRun& run, const ScannedMail& mail) {
  std::string names;
  for (const auto& [number, value] : mail.values) {
    const auto& rule = run.rules->rules()[number];
    if (!names.empty()) names += ',';
    names += rule.name;
    if (rule.subrule && value != 1) names += fmt::format("({:.15g})", value);
  }
  // Columns are told apart by blanks.
  auto path = mail.path;
  std::ranges::replace_if(path, [](char c) { return is_space(c); }, '_');
  return fmt::format("{} {:2} {} {} set=0\n", mail.score >= run.rules->required_score() ? 'Y' : '.',
                     static_cast<int>(std::trunc(mail.score)), path, names);
}

}  // namespace postern
