#include "gateway/scan_command.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>
#include <utility>

#include "gateway/bayes/token_lookup.h"
#include "gateway/command_input.h"
#include "gateway/network_scanner.h"
#include "rules/rules.h"

namespace postern {
namespace {

class ScanRun {
 public:
  explicit ScanRun(const ScanCommand& command) : command_(command) {}

  int run() {
    if (const int status = open_bayes(); status != 0) return status;
    if (const int status = load(); status != 0) return status;
    if (const int status = open_network(); status != 0) return status;
    files_ = expand(paths());
    lines_.resize(files_.size());
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < command_.jobs; ++i)
      threads.emplace_back([this, i] { work(scanners_[i].get()); });
    work(scanners_[0].get());
    for (auto& thread : threads) thread.join();
    for (const std::string& line : lines_) {
      if (!line.empty()) fmt::print("{}\n", line);
    }
    return missing_ ? no_input : 0;
  }

 private:
  int open_bayes() {
    if (command_.bayes.empty()) return 0;
    auto opened = open_token_store(command_.bayes);
    if (!opened) {
      fmt::print(stderr, "postern scan: {}\n", opened.error().what);
      return no_input;
    }
    bayes_ = std::move(*opened);
    return 0;
  }

  int load() {
    auto folders = command_.rules;
    if (folders.empty()) folders = command_.spamassassin ? spamassassin_folders() : shipped_rules();
    if (folders.empty()) {
      fmt::print(stderr, "postern scan: no rules found; name them with --rules\n");
      return bad_configuration;
    }
    LoadOptions options;
    if (!command_.local) options.score_set |= with_network;
    if (bayes_) options.score_set |= with_bayes;
    auto loaded = load_rules(folders, options);
    print_problems(loaded.problems);
    if (command_.remarks) print_problems(loaded.remarks);
    if (loaded.files.empty())
      fmt::print(stderr, "postern scan: no rule file in {}\n", folders.front());
    if (!loaded.problems.empty() || loaded.files.empty()) return bad_configuration;
    rules_ = std::move(loaded.rules);
    return 0;
  }

  /// One for each thread; none in local mode.
  int open_network() {
    scanners_.resize(command_.jobs);
    if (command_.local) return 0;
    for (auto& scanner : scanners_) {
      auto opened = NetworkScanner::open(command_.resolvers);
      if (!opened) {
        fmt::print(stderr, "postern scan: --resolver: {}\n", opened.error().what);
        return bad_configuration;
      }
      scanner = std::move(*opened);
    }
    return 0;
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> paths = command_.paths;
    if (!paths.empty()) return paths;
    for (std::string line; std::getline(std::cin, line);) {
      if (!line.empty()) paths.push_back(line);
    }
    return paths;
  }

  void work(NetworkScanner* network) {
    ScanScratch scratch;
    for (std::size_t i; (i = next_++) < files_.size();) {
      const auto octets = read_file(files_[i]);
      if (!octets) {
        missing_ = true;
        fmt::print(stderr, "postern scan: cannot read {}\n", files_[i]);
        continue;
      }
      const ScanInput input{.octets = *octets, .bayes = bayes_.get()};
      const auto result = network != nullptr ? network->scan(*rules_, input, scratch)
                                             : scan(*rules_, input, scratch);
      lines_[i] =
          scan_line(files_[i], result, {.subrules = command_.subrules, .values = command_.values});
      if (command_.jobs == 1) {
        fmt::print("{}\n", lines_[i]);
        lines_[i].clear();
      }
    }
  }

  const ScanCommand& command_;
  std::unique_ptr<const TokenStore> bayes_;
  std::shared_ptr<const RuleSet> rules_;
  std::vector<std::unique_ptr<NetworkScanner>> scanners_;
  std::vector<std::string> files_;
  std::vector<std::string> lines_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> missing_{false};
};

}  // namespace

int scan_messages(const ScanCommand& command) { return ScanRun(command).run(); }

}  // namespace postern
