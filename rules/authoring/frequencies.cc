#include "rules/authoring/frequencies.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t most_pairs = 200;
constexpr std::size_t fewest_together = 2;

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double spam_to_overall(double spam, double ham) {
  return spam + ham == 0 ? 0 : spam / (spam + ham);
}

/// Adds half of each row's place by `key`: 0 for the last, 0.5 for the first; equal rows share the
/// better place, so that all that hit nothing amiss are first.
template <class Key>
void add_rank(std::vector<Frequency>& rows, Key key) {
  std::vector<double> keys;
  for (const auto& row : rows) keys.push_back(key(row));
  auto sorted = keys;
  std::ranges::sort(sorted);
  if (sorted.size() < 2) return;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto above = std::ranges::upper_bound(sorted, keys[i]) - sorted.begin();
    rows[i].rank += 0.5 * static_cast<double>(above - 1) / static_cast<double>(sorted.size() - 1);
  }
}

struct Pair {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  std::size_t both = 0;
  double of_first = 0;
  double of_second = 0;
};

std::vector<std::size_t> hit_counts(const CorpusRun& run) {
  std::vector<std::size_t> out(run.rules->rules().size());
  for (const auto& mail : run.mails) {
    for (const auto& [number, value] : mail.values) ++out[number];
  }
  return out;
}

std::vector<Pair> pairs(const CorpusRun& run) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> together;
  for (const auto& mail : run.mails) {
    std::vector<std::uint32_t> hits;
    for (const auto& [number, value] : mail.values) {
      if (!run.rules->rules()[number].subrule) hits.push_back(number);
    }
    for (std::size_t i = 0; i < hits.size(); ++i) {
      for (std::size_t k = i + 1; k < hits.size(); ++k) ++together[{hits[i], hits[k]}];
    }
  }
  const auto counts = hit_counts(run);
  std::vector<Pair> out;
  for (const auto& [names, both] : together) {
    Pair pair{.first = names.first,
              .second = names.second,
              .both = both,
              .of_first = share(both, counts[names.first]),
              .of_second = share(both, counts[names.second])};
    if (both >= fewest_together && std::max(pair.of_first, pair.of_second) >= 0.5)
      out.push_back(pair);
  }
  std::ranges::sort(out, {}, [](const Pair& pair) {
    return std::tuple(-std::min(pair.of_first, pair.of_second), -static_cast<double>(pair.both),
                      pair.first, pair.second);
  });
  if (out.size() > most_pairs) out.resize(most_pairs);
  return out;
}

/// Numbers of the rules that cost anything, dearest first.
std::vector<std::uint32_t> dearest(const CorpusRun& run) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t number = 0; number < run.costs.size(); ++number) {
    if (run.costs[number].total > 0) out.push_back(number);
  }
  std::ranges::sort(out, [&](std::uint32_t a, std::uint32_t b) {
    const auto of_a = run.costs[a].total;
    const auto of_b = run.costs[b].total;
    return of_a != of_b ? of_a > of_b : a < b;
  });
  return out;
}

double microseconds_a_mail(const CorpusRun& run, std::uint64_t nanoseconds) {
  return run.mails.empty()
             ? 0
             : static_cast<double>(nanoseconds) / 1000 / static_cast<double>(run.mails.size());
}

}  // namespace

std::vector<Frequency> frequencies(const CorpusRun& run, bool subrules) {
  const auto& rules = run.rules->rules();
  std::vector<Frequency> all(rules.size());
  for (const auto& mail : run.mails) {
    for (const auto& [number, value] : mail.values)
      ++(mail.spam ? all[number].spam : all[number].ham);
  }
  std::vector<Frequency> out;
  for (std::uint32_t number = 0; number < all.size(); ++number) {
    auto& row = all[number];
    if (row.spam + row.ham == 0 || (rules[number].subrule && !subrules)) continue;
    row.rule = number;
    row.spam_share = share(row.spam, run.spam());
    row.ham_share = share(row.ham, run.ham());
    row.spam_to_overall = spam_to_overall(row.spam_share, row.ham_share);
    out.push_back(row);
  }
  const auto nice = [&](const Frequency& row) { return rules[row.rule].flags.nice; };
  add_rank(out, [&](const Frequency& r) { return nice(r) ? r.ham_share : r.spam_share; });
  add_rank(out, [&](const Frequency& r) { return nice(r) ? -r.spam_share : -r.ham_share; });
  std::ranges::sort(out, {}, [](const Frequency& row) { return std::pair(-row.rank, row.rule); });
  return out;
}

std::string frequency_table(const CorpusRun& run, bool subrules) {
  const auto spam = run.spam();
  const auto ham = run.ham();
  const auto all = run.mails.size();
  auto out = fmt::format("{:>7}  {:>7}  {:>7}  {:>6}  {:>6}  {:>6}  {}\n", "OVERALL", "SPAM%",
                         "HAM%", "S/O", "RANK", "SCORE", "NAME");
  out += fmt::format("{:7}  {:7}  {:7}  {:7.3f} {:6.2f}  {:6.2f}  (all messages)\n", all, spam, ham,
                     share(spam, all), 0.0, 0.0);
  out += fmt::format("{:6.3f}  {:7.4f}  {:7.4f}  {:7.3f} {:6.2f}  {:6.2f}  (all messages as %)\n",
                     all == 0 ? 0.0 : 100.0, 100 * share(spam, all), 100 * share(ham, all),
                     share(spam, all), 0.0, 0.0);
  for (const auto& row : frequencies(run, subrules)) {
    const auto& rule = run.rules->rules()[row.rule];
    out += fmt::format("{:6.3f}  {:7.4f}  {:7.4f}  {:7.3f} {:6.2f}  {:6.2f}  {}\n",
                       100 * share(row.spam + row.ham, all), 100 * row.spam_share,
                       100 * row.ham_share, row.spam_to_overall, row.rank, rule.score, rule.name);
  }
  return out;
}

std::string overlap_table(const CorpusRun& run) {
  auto out = fmt::format("{:>7}  {:>7}  {:>7}  {}\n", "OF-A%", "OF-B%", "BOTH", "A B");
  for (const auto& pair : pairs(run)) {
    out += fmt::format("{:7.2f}  {:7.2f}  {:7}  {} {}\n", 100 * pair.of_first, 100 * pair.of_second,
                       pair.both, run.rules->rules()[pair.first].name,
                       run.rules->rules()[pair.second].name);
  }
  return out;
}

std::string cost_table(const CorpusRun& run) {
  auto out = fmt::format("{:>9}  {:>9}  {}  {}\n", "US/MSG", "WORST-US", "NAME", "WORST-MESSAGE");
  std::uint64_t sum = 0;
  for (const auto number : dearest(run)) {
    const auto& cost = run.costs[number];
    sum += cost.total;
    out += fmt::format("{:9.3f}  {:9.1f}  {}  {}\n", microseconds_a_mail(run, cost.total),
                       static_cast<double>(cost.worst) / 1000, run.rules->rules()[number].name,
                       printable(run.mails[cost.worst_mail].path, 4000));
  }
  return out + fmt::format("{:9.3f}  {:>9}  (all rules)\n", microseconds_a_mail(run, sum), "");
}

std::string frequencies_json(const CorpusRun& run, bool subrules) {
  const auto& rules = run.rules->rules();
  boost::json::array rows;
  for (const auto& row : frequencies(run, subrules)) {
    boost::json::object line{{"name", rules[row.rule].name},
                             {"spam", row.spam},
                             {"ham", row.ham},
                             {"spam_percent", 100 * row.spam_share},
                             {"ham_percent", 100 * row.ham_share},
                             {"s_o", row.spam_to_overall},
                             {"rank", row.rank},
                             {"score", rules[row.rule].score}};
    if (row.rule < run.costs.size()) {
      const auto& cost = run.costs[row.rule];
      line["us_per_message"] = microseconds_a_mail(run, cost.total);
      line["worst_us"] = static_cast<double>(cost.worst) / 1000;
      line["worst_message"] = printable(run.mails[cost.worst_mail].path, 4000);
    }
    rows.push_back(std::move(line));
  }
  boost::json::array together;
  for (const auto& pair : pairs(run)) {
    together.push_back({{"a", rules[pair.first].name},
                        {"b", rules[pair.second].name},
                        {"both", pair.both},
                        {"of_a_percent", 100 * pair.of_first},
                        {"of_b_percent", 100 * pair.of_second}});
  }
  const boost::json::object out{{"spam", run.spam()},
                                {"ham", run.ham()},
                                {"rules", std::move(rows)},
                                {"overlap", std::move(together)}};
  return boost::json::serialize(out) + "\n";
}

}  // namespace postern
