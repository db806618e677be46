#include "gateway/verify_command.h"

#include <cstdio>
#include <memory>
#include <optional>

#include "filters/arc/chain.h"
#include "filters/dkim/verify.h"
#include "filters/dmarc/organizations.h"
#include "filters/spf/check.h"
#include "gateway/base/bytes.h"
#include "gateway/command_input.h"
#include "gateway/verify/answer.h"
#include "gateway/verify/authenticate.h"
#include "gateway/verify/spf_suite.h"
#include "gateway/verify/zone.h"

namespace postern {
namespace {

constexpr int usage = 64;
constexpr int software_error = 70;

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

/// As it may stand in a log: in angle brackets, with blanks around its parts.
std::string sender_of(const VerifyCommand& command) {
  std::string sender = command.sender;
  if (sender.starts_with('<') && sender.ends_with('>'))
    sender = sender.substr(1, sender.size() - 2);
  if (sender.find('"') == std::string::npos) std::erase_if(sender, is_blank);
  return sender;
}

WallTime time_of(const VerifyCommand& command) {
  if (!command.now) return SystemClock().wall();
  return WallTime(seconds(static_cast<std::int64_t>(*command.now)));
}

/// As it would be received: saved messages mostly have the line ends of files.
std::string with_line_ends_of_mail(const std::string& octets) {
  std::string out;
  out.reserve(octets.size() + octets.size() / 32);
  for (const char c : octets) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out;
}

/// Calls `verify(file, octets, zone)` for each message; files that cannot be read are told of.
template <class Verify>
int for_each_message(const VerifyCommand& command, Verify verify) {
  int status = 0;
  const auto zone = open_zone(command.zone, status);
  if (!zone) return status;
  for (const std::string& file : expand(command.messages)) {
    if (const auto octets = read_file(file)) {
      verify(file, with_line_ends_of_mail(*octets), *zone);
    } else {
      status = complain(no_input, file + ": cannot be read");
    }
  }
  return status;
}

void print_signatures(const std::string& file, const std::vector<dkim::CheckedField>& signatures) {
  std::size_t number = 0;
  for (const auto& [signature, judgement, bits, testing] : signatures) {
    std::printf("%s\t%zu\t%s\t%s\t%s\t%s\n", file.c_str(), number++, signature.domain.c_str(),
                signature.selector.c_str(),
                std::string(dkim::outcome_name(judgement.outcome)).c_str(),
                judgement.reason.c_str());
  }
  if (signatures.empty()) std::printf("%s\t-\t\t\tnone\t\n", file.c_str());
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
  question.sender = sender_of(command);
  const auto outcome = answer_at_once(spf::check(*zone, std::move(question), SteadyTime::max()));
  std::printf("%s\n", std::string(spf::result_name(outcome.result)).c_str());
  if (!outcome.reason.empty()) std::fprintf(stderr, "%s\n", outcome.reason.c_str());
  return 0;
}

int verify_dkim(const VerifyCommand& command) {
  const WallTime now = time_of(command);
  return for_each_message(
      command, [&](const std::string& file, const std::string& octets, ZoneResolver& zone) {
        print_signatures(
            file, answer_at_once(dkim::verify_signatures(zone, octets, now, SteadyTime::max())));
      });
}

int verify_authentication(const VerifyCommand& command) {
  const auto client = IpAddress::parse(command.client);
  if (!client) return complain(usage, "--ip " + command.client + " is no IP address");
  ReceivedMessage message;
  message.client = *client;
  message.helo = command.helo;
  message.sender = sender_of(command);
  message.time = time_of(command);
  int status = 0;
  const int read = for_each_message(
      command, [&](const std::string& file, const std::string& octets, ZoneResolver& zone) {
        message.octets = octets;
        const auto value = authenticate(zone, message);
        if (value) std::printf("%s\n", value->c_str());
        if (!value) status = complain(software_error, file + ": " + value.error().what);
      });
  return status != 0 ? status : read;
}

int show_organizations(const VerifyCommand& command) {
  const dmarc::Organizations organizations;
  for (const std::string& name : command.names) {
    const std::string domain = organizations.domain_of(name);
    std::printf("%s\t%s\n", name.c_str(), domain.empty() ? "-" : domain.c_str());
  }
  return 0;
}

int verify_arc(const VerifyCommand& command) {
  const WallTime now = time_of(command);
  return for_each_message(
      command, [&](const std::string& file, const std::string& octets, ZoneResolver& zone) {
        const auto chain = answer_at_once(arc::verify_chain(zone, octets, now, SteadyTime::max()));
        std::printf("%s\t%s\t%u\t%s\n", file.c_str(), std::string(chain.state).c_str(),
                    chain.instances, chain.reason.c_str());
      });
}

}  // namespace postern
