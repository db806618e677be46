#include "gateway/commands.h"

#include <fmt/format.h>

#include <cstdio>

#include "gateway/command_input.h"
#include "gateway/configuration.h"
#include "gateway/mail/mime_report.h"
#include "gateway/worker/selftest.h"
#include "policies/map_tool.h"

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
