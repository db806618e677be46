// verify_command.h — `postern verify`: what the gateway finds out about senders, asked of a zone
// file instead of the DNS.
//
// Results go to standard output as TSV. Exit status: 0 where the run worked, 64 for an address that
// is none, 66 where an input cannot be read, 70 where a filter gave up, 78 for a zone or suite that
// cannot be understood.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern {

struct VerifyCommand {
  std::string zone;    // file, as for BIND
  std::string suite;   // spf-suite: file of cases
  std::string client;  // --ip
  std::string helo;
  std::string sender;                 // --from, "<>" = null sender
  std::optional<std::uint64_t> now;   // --now, seconds since 1970; the clock where not given
  std::vector<std::string> messages;  // files or folders
  std::vector<std::string> names;     // orgdomain
};

/// Per case: id, result, explanation.
int verify_spf_suite(const VerifyCommand& command);
/// One line: the result.
int verify_spf(const VerifyCommand& command);
/// Per DKIM-Signature, the topmost is 0: file, number, d=, s=, result, reason. Of a message without
/// one: file, "-", "", "", "none", "". A bare LF in a file counts as CRLF.
int verify_dkim(const VerifyCommand& command);
/// The value of the Authentication-Results field of one message, in a line.
int verify_authentication(const VerifyCommand& command);
/// `postern orgdomain`: per name: name, the domain that an organisation has registered; "-" = none.
int show_organizations(const VerifyCommand& command);
/// Per message: file, state of its ARC chain, number of instances, reason.
int verify_arc(const VerifyCommand& command);

}  // namespace postern
