#include "gateway/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <optional>
#include <thread>

#include "gateway/bayes/token_lookup.h"
#include "gateway/command_input.h"
#include "gateway/configuration.h"
#include "gateway/mail/mime_report.h"
#include "gateway/worker/selftest.h"
#include "policies/map_tool.h"
#include "rules/engine/report.h"
#include "rules/rules.h"

namespace postern {
namespace {

int print_output(const ToolOutput& output) {
  std::fwrite(output.out.data(), 1, output.out.size(), stdout);
  std::fwrite(output.err.data(), 1, output.err.size(), stderr);
  return output.exit_code;
}

}  // namespace

const char* version() { return POSTERN_VERSION; }

int check_configuration(const std::string& path) {
  std::vector<Problem> problems;
  read_configuration(path, problems);
  print_problems(problems);
  if (!problems.empty()) return bad_configuration;
  fmt::print("{}: ok\n", path);
  return 0;
}

int print_manual() {
  const std::string manual = configuration_manual();
  std::fwrite(manual.data(), 1, manual.size(), stdout);
  return 0;
}

int query_map(const std::string& map, const std::string& key) {
  return print_output(map_query(map, key));
}
int check_map(const std::string& map) { return print_output(map_check(map)); }

int scan_messages(const ScanCommand& command) {
  auto folders = command.rules;
  if (folders.empty()) folders = command.spamassassin ? spamassassin_folders() : shipped_rules();
  if (folders.empty()) {
    fmt::print(stderr, "postern scan: no rules found; name them with --rules\n");
    return bad_configuration;
  }
  LoadOptions options;
  std::unique_ptr<const TokenStore> bayes;
  if (!command.bayes.empty()) {
    auto opened = open_token_store(command.bayes);
    if (!opened) {
      fmt::print(stderr, "postern scan: {}\n", opened.error().what);
      return no_input;
    }
    bayes = std::move(*opened);
    options.score_set = with_bayes;
  }
  const LoadedRules loaded = load_rules(folders, options);
  print_problems(loaded.problems);
  if (command.remarks) print_problems(loaded.remarks);
  if (loaded.files.empty())
    fmt::print(stderr, "postern scan: no rule file in {}\n", folders.front());
  if (!loaded.problems.empty() || loaded.files.empty()) return bad_configuration;

  std::vector<std::string> paths = command.paths;
  if (paths.empty()) {
    for (std::string line; std::getline(std::cin, line);) {
      if (!line.empty()) paths.push_back(line);
    }
  }
  const std::vector<std::string> files = expand(paths);
  std::vector<std::string> lines(files.size());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> missing{false};
  const auto work = [&] {
    ScanScratch scratch;
    for (std::size_t i; (i = next++) < files.size();) {
      const auto octets = read_file(files[i]);
      if (!octets) {
        missing = true;
        fmt::print(stderr, "postern scan: cannot read {}\n", files[i]);
        continue;
      }
      lines[i] = scan_line(files[i],
                           scan(*loaded.rules, {.octets = *octets, .bayes = bayes.get()}, scratch),
                           {.subrules = command.subrules, .values = command.values});
      if (command.jobs == 1) {
        fmt::print("{}\n", lines[i]);
        lines[i].clear();
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < command.jobs; ++i) threads.emplace_back(work);
  work();
  for (auto& thread : threads) thread.join();
  for (const std::string& line : lines) {
    if (!line.empty()) fmt::print("{}\n", line);
  }
  return missing ? no_input : 0;
}

int show_mime(const std::string& path, bool json) {
  const auto octets = read_file(path);
  if (!octets) {
    fmt::print(stderr, "postern mime: cannot read {}\n", path);
    return no_input;
  }
  const std::string report = mime_report(*octets, json);
  std::fwrite(report.data(), 1, report.size(), stdout);
  return 0;
}

int test_sandbox() { return selftest_sandbox(stdout); }

int with_control_socket(const std::string& given, const std::string& configuration,
                        const std::function<int(const std::string&)>& use) {
  if (!given.empty()) return use(given);
  std::vector<Problem> problems;
  const auto read = read_configuration(configuration, problems);
  if (!problems.empty()) {
    print_problems(problems);
    return bad_configuration;
  }
  return use(read->control_socket());
}

}  // namespace postern
