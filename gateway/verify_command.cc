#include "gateway/verify_command.h"

#include <cstdio>
#include <memory>
#include <optional>

#include "filters/spf/check.h"
#include "gateway/command_input.h"
#include "gateway/verify/answer.h"
#include "gateway/verify/spf_suite.h"
#include "gateway/verify/zone.h"

namespace postern {
namespace {

constexpr int usage = 64;

int complain(int status, const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  return status;
}

/// `status` is set where there is no zone.
std::unique_ptr<ZoneResolver> open_zone(const std::string& path, int& status) {
  const auto text = read_file(path);
  if (!text) {
    status = complain(no_input, path + ": cannot be read");
    return nullptr;
  }
  auto zone = std::make_unique<ZoneResolver>();
  if (const auto read = read_zone(*text, *zone); !read) {
    status = complain(bad_configuration, path + ":" + read.error().what);
    return nullptr;
  }
  return zone;
}

}  // namespace

int verify_spf_suite(const VerifyCommand& command) {
  const auto text = read_file(command.suite);
  if (!text) return complain(no_input, command.suite + ": cannot be read");
  const auto lines = run_spf_suite(*text);
  if (!lines) return complain(bad_configuration, command.suite + ": " + lines.error().what);
  for (const auto& [id, result, explanation] : *lines)
    std::printf("%s\t%s\t%s\n", id.c_str(), result.c_str(), explanation.c_str());
  return 0;
}

int verify_spf(const VerifyCommand& command) {
  int status = 0;
  const auto zone = open_zone(command.zone, status);
  if (!zone) return status;
  const auto client = IpAddress::parse(command.client);
  if (!client) return complain(usage, "--ip " + command.client + " is no IP address");
  spf::Question question;
  question.client = *client;
  question.helo = command.helo;
  question.sender = command.sender == "<>" ? "" : command.sender;
  const auto outcome = answer_at_once(spf::check(*zone, std::move(question), SteadyTime::max()));
  std::printf("%s\n", std::string(spf::result_name(outcome.result)).c_str());
  if (!outcome.reason.empty()) std::fprintf(stderr, "%s\n", outcome.reason.c_str());
  return 0;
}

}  // namespace postern
