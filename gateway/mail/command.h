// command.h — one SMTP command line, taken apart. RFC 5321 §4.1, RFC 3461 §4, RFC 1870, 6152, 6531.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/address.h"
#include "gateway/mail/reply.h"

namespace postern {

enum class Verb {
  helo, ehlo, lhlo, mail, rcpt, data, bdat, rset, noop, quit, vrfy, expn, help, starttls, auth,
  xclient, etrn, unknown,
};

struct CommandLine {
  Verb verb = Verb::unknown;
  std::string_view name;       // as received
  std::string_view arguments;  // without leading blanks and trailing white space
};

/// Splits verb and arguments; the verb is compared without case. Never fails.
CommandLine parse_command(std::string_view line);

/// RFC 3461 §4.1 NOTIFY, as bits. No command has the last: it marks one of several addresses of an
/// alias, of which the sender is told "expanded" instead of each success (§5.2.7.3).
enum Notify : std::uint8_t {
  notify_never = 1,
  notify_success = 2,
  notify_failure = 4,
  notify_delay = 8,
  notify_expanded = 16,
};

struct MailCommand {
  Address sender;
  std::uint64_t size = 0;  // declared; 0 = not
  bool eight_bit = false;  // BODY=8BITMIME
  bool utf8 = false;       // SMTPUTF8
  std::string ret;         // "", "FULL" or "HDRS"
  std::string envid;       // as received, xtext
};

struct RcptCommand {
  Address recipient;
  std::uint8_t notify = 0;  // bits of Notify; 0 = not given
  std::string orcpt;        // as received: addr-type;xtext
};

/// "FROM:<...> params". The error is the reply to send: 501 5.5.4 for bad or duplicate parameters,
/// 555 5.5.4 for unknown ones, 553 5.1.7 for a bad sender, 553 5.6.7 where UTF-8 came undeclared.
std::expected<MailCommand, Reply> parse_mail(std::string_view arguments);
/// "TO:<...> params"; 553 5.1.3 for a bad address. `utf8` = what MAIL asked for.
std::expected<RcptCommand, Reply> parse_rcpt(std::string_view arguments, bool utf8);

/// "NAME=value ..." of XCLIENT (Postfix' XCLIENT_README): values are xtext; names in upper case.
Result<std::vector<std::pair<std::string, std::string>>> parse_xclient(std::string_view arguments);

}  // namespace postern
