#include "gateway/rules_command.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "gateway/command_input.h"
#include "gateway/network_scanner.h"
#include "rules/authoring/check_report.h"
#include "rules/authoring/explanation.h"
#include "rules/authoring/frequencies.h"
#include "rules/authoring/score_proposal.h"

namespace postern {
namespace {

constexpr int found_problems = 1;

int print(const std::string& text, int status = 0) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return status;
}

/// Nothing where no file could be read, which was said.
std::optional<LoadedRules> load(const RulesCommand& command) {
  auto folders = command.rules;
  if (folders.empty()) folders = command.spamassassin ? spamassassin_folders() : shipped_rules();
  if (folders.empty()) {
    fmt::print(stderr, "postern rules: no rules found; name them with --rules\n");
    return {};
  }
  LoadOptions options;
  if (command.network) options.score_set |= with_network;
  auto loaded = load_rules(folders, options);
  if (!loaded.files.empty()) return loaded;
  print_problems(loaded.problems);
  print_problems(loaded.remarks);
  fmt::print(stderr, "postern rules: no rule file in {}\n", folders.front());
  return {};
}

/// The same for commands that only use the rules: what is wrong with them does not stop the rest.
std::optional<LoadedRules> load_for_use(const RulesCommand& command) {
  auto loaded = load(command);
  if (loaded) print_problems(loaded->problems);
  return loaded;
}

/// Says on standard error how far a long run is: at a terminal every half second, else every ten.
class Progress {
 public:
  explicit Progress(std::size_t all) : all_(all), period_(isatty(STDERR_FILENO) ? 500 : 10'000) {}

  void step() {
    const std::lock_guard lock(mutex_);
    ++done_;
    const auto now = Clock::now();
    if (now - said_ < period_) return;
    said_ = now;
    shown_ = true;
    const auto spent = std::chrono::duration_cast<std::chrono::seconds>(now - start_).count();
    const auto left =
        spent * static_cast<std::int64_t>(all_ - done_) / static_cast<std::int64_t>(done_);
    fmt::print(stderr, "{}{} of {} messages, {} s left{}", at_terminal() ? "\r" : "", done_, all_,
               left, at_terminal() ? "  " : "\n");
  }

  ~Progress() {
    if (shown_ && at_terminal()) fmt::print(stderr, "\r{:50}\r", "");
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool at_terminal() const { return period_ < std::chrono::seconds(1); }

  std::mutex mutex_;
  std::size_t all_;
  std::size_t done_ = 0;
  std::chrono::milliseconds period_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point said_ = start_;
  bool shown_ = false;
};

struct Task {
  std::string path;
  bool spam = false;
};

/// Scans all messages with as many threads as wanted; the rows are in the order of the tasks.
class CorpusScan {
 public:
  CorpusScan(std::shared_ptr<const RuleSet> rules, const RulesCommand& command)
      : costs_wanted_(command.costs) {
    run_.rules = std::move(rules);
    for (const bool spam : {false, true}) {
      for (auto& path : expand(spam ? command.spam : command.ham))
        tasks_.push_back({std::move(path), spam});
    }
  }

  CorpusRun run(unsigned jobs) {
    rows_.resize(tasks_.size());
    Progress progress(tasks_.size());
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < jobs; ++i) threads.emplace_back([&] { work(progress); });
    work(progress);
    for (auto& thread : threads) thread.join();
    for (auto& row : rows_) run_.mails.push_back(std::move(*row));
    return std::move(run_);
  }

  /// Only those; said on standard error.
  bool drop_unreadable() {
    const auto gone = std::erase_if(tasks_, [](const Task& task) {
      if (std::ifstream(task.path, std::ios::binary)) return false;
      fmt::print(stderr, "postern rules: cannot read {}\n", task.path);
      return true;
    });
    return gone > 0;
  }

 private:
  void work(Progress& progress) {
    ScanScratch scratch;
    RuleCosts costs;
    for (std::size_t i; (i = next_++) < tasks_.size();) {
      costs.assign(run_.rules->rules().size(), 0);
      scratch.costs = costs_wanted_ ? &costs : nullptr;
      const auto octets = read_file(tasks_[i].path).value_or("");
      const auto result = scan(*run_.rules, {.octets = octets}, scratch);
      rows_[i] = scanned_mail(tasks_[i].path, tasks_[i].spam, result, scratch);
      if (costs_wanted_) {
        const std::lock_guard lock(mutex_);
        add_costs(costs, i, run_.costs);
      }
      progress.step();
    }
  }

  bool costs_wanted_;
  CorpusRun run_;
  std::vector<Task> tasks_;
  std::vector<std::optional<ScannedMail>> rows_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
};

/// mass-check's two files.
bool write_logs(const CorpusRun& run, const std::string& folder) {
  for (const bool spam : {false, true}) {
    const auto path = folder + (spam ? "/spam.log" : "/ham.log");
    std::ofstream file(path, std::ios::binary);
    file << "# " << (spam ? "spam" : "ham") << " scanned by postern rules hits\n";
    for (const auto& mail : run.mails) {
      if (mail.spam == spam) file << mass_check_line(run, mail);
    }
    if (!file.flush()) {
      fmt::print(stderr, "postern rules: cannot write {}\n", path);
      return false;
    }
  }
  return true;
}

Result<Explanation> explained(const RuleSet& rules, std::string_view octets,
                              const RulesCommand& command) {
  const ScanInput input{.octets = octets};
  if (!command.network) return explain(rules, input, command.rule);
  TRY(auto network, NetworkScanner::open(command.resolvers));
  return explain(rules, input, command.rule,
                 [&network](const RuleSet& set, const ScanInput& about, ScanScratch& scratch) {
                   return network->scan(set, about, scratch);
                 });
}

}  // namespace

int check_rule_files(const RulesCommand& command) {
  auto loaded = load(command);
  if (!loaded) return bad_configuration;
  const auto report = check_rules(*std::move(loaded));
  print(command.json ? report.json() : report.text());
  const bool bad = !report.loaded.problems.empty() || report.has_failed_samples() ||
                   (command.strict && !report.loaded.remarks.empty());
  return bad ? found_problems : 0;
}

int test_rule_files(const RulesCommand& command) {
  auto loaded = load_for_use(command);
  if (!loaded) return bad_configuration;
  CheckReport report;
  report.samples = run_samples(*loaded->rules);
  report.loaded = *std::move(loaded);
  print(command.json ? report.json() : report.samples_text());
  return report.has_failed_samples() ? found_problems : 0;
}

int explain_message(const RulesCommand& command) {
  const auto loaded = load_for_use(command);
  if (!loaded) return bad_configuration;
  const auto octets = read_file(command.message);
  if (!octets) {
    fmt::print(stderr, "postern rules: cannot read {}\n", command.message);
    return no_input;
  }
  const auto explanation = explained(*loaded->rules, *octets, command);
  if (!explanation) {
    fmt::print(stderr, "postern rules: --resolver: {}\n", explanation.error().what);
    return bad_configuration;
  }
  return print(command.json ? explanation_json(*explanation, command.message)
                            : explanation_text(*explanation, command.message));
}

int measure_hits(const RulesCommand& command) {
  const auto loaded = load_for_use(command);
  if (!loaded) return bad_configuration;
  CorpusScan scan(loaded->rules, command);
  const bool missing = scan.drop_unreadable();
  const auto run = scan.run(command.jobs);
  if (!command.log.empty() && !write_logs(run, command.log)) return found_problems;
  if (command.json) {
    print(frequencies_json(run, command.subrules));
  } else {
    print(frequency_table(run, command.subrules));
    if (command.overlap) print("\n" + overlap_table(run));
    if (command.costs) print("\n" + cost_table(run));
  }
  return missing ? no_input : 0;
}

int propose_rule_scores(const RulesCommand& command) {
  const auto loaded = load_for_use(command);
  if (!loaded) return bad_configuration;
  CorpusScan scan(loaded->rules, command);
  const bool missing = scan.drop_unreadable();
  const auto run = scan.run(command.jobs);
  if (run.spam() == 0 || run.ham() == 0) {
    fmt::print(stderr, "postern rules: scores need both: spam and ham\n");
    return no_input;
  }
  print(proposal_text(run, propose_scores(run, {.ham_weight = command.ham_weight})));
  return missing ? no_input : 0;
}

}  // namespace postern
