#include "gateway/mail/command.h"

#include <algorithm>
#include <array>
#include <limits>

#include "gateway/base/bytes.h"

namespace postern {

namespace {

struct NamedVerb {
  std::string_view name;
  Verb verb;
};

constexpr std::array verbs = {
    NamedVerb{"EHLO", Verb::ehlo}, NamedVerb{"HELO", Verb::helo},
    NamedVerb{"LHLO", Verb::lhlo}, NamedVerb{"MAIL", Verb::mail},
    NamedVerb{"RCPT", Verb::rcpt}, NamedVerb{"DATA", Verb::data},
    NamedVerb{"BDAT", Verb::bdat}, NamedVerb{"RSET", Verb::rset},
    NamedVerb{"NOOP", Verb::noop}, NamedVerb{"QUIT", Verb::quit},
    NamedVerb{"VRFY", Verb::vrfy}, NamedVerb{"EXPN", Verb::expn},
    NamedVerb{"HELP", Verb::help}, NamedVerb{"STARTTLS", Verb::starttls},
    NamedVerb{"AUTH", Verb::auth}, NamedVerb{"XCLIENT", Verb::xclient},
    NamedVerb{"ETRN", Verb::etrn},
};

constexpr std::size_t longest_envid = 100;   // RFC 3461 §4.4
constexpr std::size_t longest_orcpt = 500;   // RFC 3461 §4.2
constexpr std::size_t longest_size = 20;     // RFC 1870 §3
constexpr std::size_t most_attributes = 32;  // XCLIENT defines eight

using Failure = std::unexpected<Reply>;

Failure refuse(std::uint16_t code, EnhancedCode enhanced, std::string text) {
  return std::unexpected(reply(code, enhanced, std::move(text)));
}

Failure bad_parameter(std::string_view name, std::string_view why) {
  return refuse(501, {5, 5, 4}, printable(name, 40) + ": " + std::string(why));
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return out;
}

bool is_eight_bit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

/// RFC 5321 §4.1.2 esmtp-param, taken apart; the name in upper case.
struct Parameter {
  std::string name;
  std::string_view value;
  bool has_value = false;
};

bool is_keyword(std::string_view text) {
  const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; };
  return !text.empty() && text.front() != '-' && std::ranges::all_of(text, fits);
}

bool is_parameter_value(std::string_view text) {
  const auto fits = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
  return !text.empty() && std::ranges::all_of(text, fits);
}

/// Takes the first parameter off `rest`, which does not begin with a blank.
std::expected<Parameter, Reply> take_parameter(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);

  const auto equals = word.find('=');
  Parameter out;
  out.name = upper(word.substr(0, equals));
  out.has_value = equals != std::string_view::npos;
  if (out.has_value) out.value = word.substr(equals + 1);
  if (!is_keyword(out.name) || (out.has_value && !is_parameter_value(out.value))) {
    return bad_parameter(word, "not a parameter; expected NAME or NAME=value");
  }
  return out;
}

/// "FROM:" or "TO:", with blanks around the colon as many clients write them. Nothing on mismatch.
std::optional<std::string_view> after_keyword(std::string_view arguments,
                                              std::string_view keyword) {
  if (!starts_with_ignoring_case(arguments, keyword)) return std::nullopt;
  arguments.remove_prefix(keyword.size());
  while (!arguments.empty() && is_blank(arguments.front())) arguments.remove_prefix(1);
  if (!arguments.starts_with(':')) return std::nullopt;
  arguments.remove_prefix(1);
  while (!arguments.empty() && is_blank(arguments.front())) arguments.remove_prefix(1);
  return arguments;
}

/// Which parameters a command has had: RFC 5321 §4.1.1.11 allows each once.
class Seen {
 public:
  bool again(const std::string& name) {
    if (std::ranges::find(names_, name) != names_.end()) return true;
    names_.push_back(name);
    return false;
  }

 private:
  std::vector<std::string> names_;
};

std::expected<void, Reply> apply_size(MailCommand& command, const Parameter& parameter) {
  const auto value = parameter.value;
  if (value.empty() || value.size() > longest_size || !std::ranges::all_of(value, is_digit)) {
    return bad_parameter("SIZE", "expected up to 20 digits");
  }
  // Twenty digits can say more than 64 bits hold; such a size is too large for anybody.
  command.size = parse_number(value).value_or(std::numeric_limits<std::uint64_t>::max());
  return {};
}

std::expected<void, Reply> apply_body(MailCommand& command, const Parameter& parameter) {
  const std::string value = upper(parameter.value);
  if (value != "7BIT" && value != "8BITMIME") {
    return bad_parameter("BODY", "expected 7BIT or 8BITMIME");
  }
  command.eight_bit = value == "8BITMIME";
  return {};
}

std::expected<void, Reply> apply_ret(MailCommand& command, const Parameter& parameter) {
  const std::string value = upper(parameter.value);
  if (value != "FULL" && value != "HDRS") return bad_parameter("RET", "expected FULL or HDRS");
  command.ret = value;
  return {};
}

std::expected<void, Reply> apply_envid(MailCommand& command, const Parameter& parameter) {
  if (parameter.value.empty() || parameter.value.size() > longest_envid) {
    return bad_parameter("ENVID", "expected 1 to 100 characters");
  }
  const auto decoded = decode_xtext(parameter.value);
  if (!decoded || is_eight_bit(*decoded)) return bad_parameter("ENVID", "not xtext (RFC 3461)");
  command.envid = parameter.value;
  return {};
}

std::expected<void, Reply> apply(MailCommand& command, const Parameter& parameter) {
  if (parameter.name == "SIZE") return apply_size(command, parameter);
  if (parameter.name == "BODY") return apply_body(command, parameter);
  if (parameter.name == "RET") return apply_ret(command, parameter);
  if (parameter.name == "ENVID") return apply_envid(command, parameter);
  if (parameter.name == "SMTPUTF8") {
    if (parameter.has_value) return bad_parameter("SMTPUTF8", "takes no value");
    command.utf8 = true;
    return {};
  }
  if (parameter.name == "AUTH") {
    // RFC 4954 §5: who submitted the message in the sender's opinion. Nothing here relies on it.
    if (parameter.value.empty()) return bad_parameter("AUTH", "expected a mailbox or <>");
    return {};
  }
  return refuse(555, {5, 5, 4}, "Unsupported parameter " + printable(parameter.name, 40));
}

std::expected<void, Reply> apply_notify(RcptCommand& command, const Parameter& parameter) {
  std::uint8_t notify = 0;
  for (const auto word : split(parameter.value, ',')) {
    const std::string name = upper(word);
    if (name == "NEVER")
      notify |= notify_never;
    else if (name == "SUCCESS")
      notify |= notify_success;
    else if (name == "FAILURE")
      notify |= notify_failure;
    else if (name == "DELAY")
      notify |= notify_delay;
    else
      return bad_parameter("NOTIFY", "expected NEVER, or a list of SUCCESS, FAILURE and DELAY");
  }
  // RFC 3461 §4.1: NEVER stands alone.
  if ((notify & notify_never) != 0 && notify != notify_never) {
    return bad_parameter("NOTIFY", "NEVER must stand alone");
  }
  command.notify = notify;
  return {};
}

std::expected<void, Reply> apply_orcpt(RcptCommand& command, const Parameter& parameter,
                                       bool utf8) {
  const auto value = parameter.value;
  const auto semicolon = value.find(';');
  if (semicolon == std::string_view::npos || value.size() > longest_orcpt ||
      !is_keyword(value.substr(0, semicolon)) || semicolon + 1 == value.size()) {
    return bad_parameter("ORCPT", "expected address-type;address of at most 500 characters");
  }
  const auto address = value.substr(semicolon + 1);
  // RFC 6533 §3: with SMTPUTF8 the address may stand there unencoded.
  if (is_eight_bit(address) && equals_ignoring_case(value.substr(0, semicolon), "utf-8") && utf8) {
    if (!valid_utf8(address)) return bad_parameter("ORCPT", "not UTF-8");
  } else if (!decode_xtext(address)) {
    return bad_parameter("ORCPT", "not xtext (RFC 3461)");
  }
  command.orcpt = value;
  return {};
}

std::expected<void, Reply> apply(RcptCommand& command, const Parameter& parameter, bool utf8) {
  if (parameter.name == "NOTIFY") return apply_notify(command, parameter);
  if (parameter.name == "ORCPT") return apply_orcpt(command, parameter, utf8);
  return refuse(555, {5, 5, 4}, "Unsupported parameter " + printable(parameter.name, 40));
}

Failure undeclared_utf8() {
  return refuse(553, {5, 6, 7}, "Say SMTPUTF8 in MAIL to use an address that is not ASCII");
}

}  // namespace

CommandLine parse_command(std::string_view line) {
  CommandLine out;
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  out.name = line.substr(0, line.find_first_of(" \t\r\n"));
  out.arguments = trim(line.substr(out.name.size()));
  for (const auto& candidate : verbs) {
    if (equals_ignoring_case(out.name, candidate.name)) out.verb = candidate.verb;
  }
  return out;
}

// The order of the checks is Postfix': the keyword, the address, then the parameters from left to
// right, and what needs all of them last.
std::expected<MailCommand, Reply> parse_mail(std::string_view arguments) {
  const auto path = after_keyword(arguments, "FROM");
  if (!path) return refuse(501, {5, 5, 4}, "Syntax: MAIL FROM:<address>");
  if (!path->starts_with('<')) {
    return refuse(501, {5, 5, 4},
                  "Put the address in angle brackets: MAIL FROM:<user@example.org>");
  }
  auto parsed = parse_path(*path, true, true);
  if (!parsed) return refuse(553, {5, 1, 7}, "Bad sender address: " + parsed.error().what);

  MailCommand out;
  out.sender = std::move(parsed->address);
  Seen seen;
  for (std::string_view rest = parsed->rest; !rest.empty();) {
    const auto parameter = take_parameter(rest);
    if (!parameter) return std::unexpected(parameter.error());
    if (const auto applied = apply(out, *parameter); !applied)
      return std::unexpected(applied.error());
    if (seen.again(parameter->name)) return bad_parameter(parameter->name, "given twice");
  }
  if (!out.utf8 && is_eight_bit(out.sender.local + out.sender.domain)) return undeclared_utf8();
  return out;
}

std::expected<RcptCommand, Reply> parse_rcpt(std::string_view arguments, bool utf8) {
  const auto path = after_keyword(arguments, "TO");
  if (!path) return refuse(501, {5, 5, 4}, "Syntax: RCPT TO:<address>");
  if (!path->starts_with('<')) {
    return refuse(501, {5, 5, 4}, "Put the address in angle brackets: RCPT TO:<user@example.org>");
  }
  auto parsed = parse_path(*path, true, false);
  if (!parsed) return refuse(553, {5, 1, 3}, "Bad recipient address: " + parsed.error().what);

  RcptCommand out;
  out.recipient = std::move(parsed->address);
  Seen seen;
  for (std::string_view rest = parsed->rest; !rest.empty();) {
    const auto parameter = take_parameter(rest);
    if (!parameter) return std::unexpected(parameter.error());
    if (const auto applied = apply(out, *parameter, utf8); !applied) {
      return std::unexpected(applied.error());
    }
    if (seen.again(parameter->name)) return bad_parameter(parameter->name, "given twice");
  }
  if (!utf8 && is_eight_bit(out.recipient.local + out.recipient.domain)) return undeclared_utf8();
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_xclient(std::string_view arguments) {
  std::vector<std::pair<std::string, std::string>> out;
  std::string_view rest = trim(arguments);
  if (rest.empty()) return fail(std::errc::invalid_argument, "XCLIENT without attributes");
  while (!rest.empty()) {
    if (out.size() == most_attributes) {
      return fail(std::errc::invalid_argument, "more than 32 XCLIENT attributes");
    }
    const auto parameter = take_parameter(rest);
    if (!parameter || !parameter->has_value) {
      return fail(std::errc::invalid_argument, "XCLIENT attributes have the form NAME=value");
    }
    TRY(auto value, decode_xtext(parameter->value));
    out.emplace_back(parameter->name, std::move(value));
  }
  return out;
}

}  // namespace postern
