#include "filters/spf/record.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "filters/spf/macro.h"
#include "gateway/base/bytes.h"

namespace postern::spf {
namespace {

constexpr std::string_view version = "v=spf1";

/// What a mechanism may have behind its name.
enum class Argument : std::uint8_t { none, optional_domain, domain, network };

struct MechanismSyntax {
  std::string_view name;
  Mechanism mechanism;
  Argument argument;
  bool lengths;  // "/24//64" may follow
};

constexpr MechanismSyntax mechanisms[] = {
    {"all", Mechanism::all, Argument::none, false},
    {"include", Mechanism::include, Argument::domain, false},
    {"a", Mechanism::a, Argument::optional_domain, true},
    {"mx", Mechanism::mx, Argument::optional_domain, true},
    {"ptr", Mechanism::ptr, Argument::optional_domain, false},
    {"ip4", Mechanism::ip4, Argument::network, false},
    {"ip6", Mechanism::ip6, Argument::network, false},
    {"exists", Mechanism::exists, Argument::domain, false},
};

constexpr bool name_character(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

std::string_view leading_name(std::string_view term) {
  if (term.empty() || !is_alpha(term.front())) return {};
  const auto end = std::ranges::find_if_not(term, name_character);
  return term.substr(0, static_cast<std::size_t>(end - term.begin()));
}

SpfResult qualifier(char c) {
  switch (c) {
    case '-':
      return SpfResult::fail;
    case '~':
      return SpfResult::softfail;
    case '?':
      return SpfResult::neutral;
    default:
      return SpfResult::pass;
  }
}

/// §5.6, §12: "0", or digits without a leading zero.
std::optional<unsigned> prefix_length(std::string_view digits, unsigned most) {
  if (digits.size() > 1 && digits.front() == '0') return {};
  const auto number = parse_number(digits, most);
  if (!number) return {};
  return static_cast<unsigned>(*number);
}

/// Takes a separator and the digits behind it off the end of `text`. False: digits, but no length.
/// A slash with something else behind it belongs to the domain-spec, which may have such.
bool take_length(std::string_view& text, std::string_view separator, unsigned& length) {
  const auto at = text.rfind(separator);
  if (at == std::string_view::npos) return true;
  const auto digits = text.substr(at + separator.size());
  if (!std::ranges::all_of(digits, is_digit)) return true;
  const auto number = prefix_length(digits, length);
  if (!number) return false;
  length = *number;
  text = text.substr(0, at);
  return true;
}

bool read_network(std::string_view text, Directive& out) {
  const bool four = out.mechanism == Mechanism::ip4;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto length = prefix_length(text.substr(slash + 1), four ? 32 : 128);
    if (!length) return false;
    (four ? out.length4 : out.length6) = *length;
    text = text.substr(0, slash);
  }
  const std::string address(text);
  if (address.find('\0') != std::string::npos) return false;
  return ::inet_pton(four ? AF_INET : AF_INET6, address.c_str(), out.address.data()) == 1;
}

/// What follows the mechanism's name.
bool read_argument(std::string_view rest, const MechanismSyntax& syntax, Directive& out) {
  if (syntax.argument == Argument::none) return rest.empty();
  if (syntax.argument == Argument::network)
    return rest.starts_with(':') && read_network(rest.substr(1), out);
  // §5.3 dual-cidr-length: "/24", "//64" or "/24//64".
  if (syntax.lengths &&
      (!take_length(rest, "//", out.length6) || !take_length(rest, "/", out.length4)))
    return false;
  if (rest.empty()) return syntax.argument == Argument::optional_domain;
  if (!rest.starts_with(':') || !valid_domain_spec(rest.substr(1))) return false;
  out.domain = rest.substr(1);
  return true;
}

bool read_directive(std::string_view term, Record& record) {
  Directive directive;
  if (!term.empty() && std::string_view("+-~?").find(term.front()) != std::string_view::npos) {
    directive.result = qualifier(term.front());
    term.remove_prefix(1);
  }
  const auto name = leading_name(term);
  const auto* const syntax = std::ranges::find_if(mechanisms, [&](const MechanismSyntax& known) {
    return equals_ignoring_case(known.name, name);
  });
  if (syntax == std::end(mechanisms)) return false;
  directive.mechanism = syntax->mechanism;
  if (!read_argument(term.substr(name.size()), *syntax, directive)) return false;
  record.directives.push_back(std::move(directive));
  return true;
}

/// §6: redirect and exp at most once; of others only the form counts.
bool read_modifier(std::string_view name, std::string_view value, Record& record) {
  const bool redirect = equals_ignoring_case(name, "redirect");
  if (!redirect && !equals_ignoring_case(name, "exp"))
    return valid_macros(value, MacroPlace::domain);
  std::string& place = redirect ? record.redirect : record.explanation;
  if (!place.empty() || !valid_domain_spec(value)) return false;
  place = value;
  return true;
}

bool read_term(std::string_view term, Record& record) {
  const auto name = leading_name(term);
  const bool modifier = !name.empty() && term.substr(name.size()).starts_with('=');
  return modifier ? read_modifier(name, term.substr(name.size() + 1), record)
                  : read_directive(term, record);
}

}  // namespace

bool is_record(std::string_view text) {
  return starts_with_ignoring_case(text, version) &&
         (text.size() == version.size() || text[version.size()] == ' ');
}

Result<Record> parse_record(std::string_view text) {
  if (text.size() > longest_record)
    return fail(std::errc::bad_message, "the record is longer than 8192 octets");
  Record record;
  for (const auto term : split(text.substr(version.size()), ' ')) {
    if (term.empty()) continue;
    if (!read_term(term, record))
      return fail(std::errc::bad_message, "wrong term '" + printable(term, 80) + "'");
  }
  return record;
}

}  // namespace postern::spf
