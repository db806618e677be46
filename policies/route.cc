#include "policies/route.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "policies/address_lookup.h"
#include "policies/network.h"

namespace postern {
namespace {

constexpr std::uint16_t smtp_port = 25;
constexpr std::uint16_t lmtp_port = 24;
constexpr std::size_t path_limit = 4096;
constexpr std::size_t component_limit = 255;

struct PortName {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array<PortName, 4> port_names = {
    {{"smtp", 25}, {"lmtp", 24}, {"submission", 587}, {"submissions", 465}}};

struct NextHop {
  std::string host;
  std::optional<std::uint16_t> port;
  bool bracketed = false;
};

Result<std::uint16_t> parse_port(std::string_view text) {
  for (const PortName& known : port_names) {
    if (known.name == text) return known.port;
  }
  const auto number = parse_number(text, 65535);
  if (number && *number > 0) return static_cast<std::uint16_t>(*number);
  return fail(std::errc::invalid_argument,
              "\"" + printable(text) + "\" is not a port: write a number from 1 to 65535");
}

Result<std::string> parse_host(std::string_view text, bool bracketed) {
  if (const auto address = IpAddress::parse(text)) return address->text();
  if (valid_domain(text) && !text.starts_with('[')) return to_lower(text);
  return fail(std::errc::invalid_argument,
              "\"" + printable(text) + "\" is not a host: write " +
                  (bracketed ? "[host] or [192.0.2.1]" : "example.org or [192.0.2.1]"));
}

/// "[host]:port", "host:port", "[host]", "host".
Result<NextHop> parse_next_hop(std::string_view text) {
  NextHop hop;
  hop.bracketed = text.starts_with('[');
  const std::size_t close = text.find(']');
  if (hop.bracketed && close == std::string_view::npos) {
    return fail(std::errc::invalid_argument,
                "\"" + printable(text) + "\" has no closing bracket: write [host]:port");
  }
  const std::size_t colon = text.find(':', hop.bracketed ? close : 0);
  std::string_view host = text.substr(0, colon);
  if (hop.bracketed) {
    if (host.size() != close + 1) {
      return fail(std::errc::invalid_argument,
                  "\"" + printable(text) + "\" has text behind its bracket: write [host]:port");
    }
    host = host.substr(1, close - 1);
    if (starts_with_ignoring_case(host, "IPv6:")) host.remove_prefix(5);
  }
  TRY(hop.host, parse_host(host, hop.bracketed));
  if (colon != std::string_view::npos) {
    TRY(hop.port, parse_port(text.substr(colon + 1)));
  }
  return hop;
}

Result<Route> smtp_to(std::string_view next_hop) {
  TRY(const auto hop, parse_next_hop(next_hop));
  Route route;
  route.host = hop.host;
  route.port = hop.port.value_or(smtp_port);
  route.use_mx = !hop.bracketed && !IpAddress::parse(hop.host);
  return route;
}

Result<Route> lmtp_to(std::string_view next_hop) {
  Route route;
  route.transport = Route::Transport::lmtp;
  if (next_hop.starts_with("unix:")) {
    route.path = next_hop.substr(5);
    // sun_path of a socket's address has 108 octets with its final NUL.
    if (!route.path.starts_with('/') || route.path.size() > 107) {
      return fail(std::errc::invalid_argument, "\"" + printable(next_hop) +
                                                   "\": write unix: and an absolute path of at "
                                                   "most 107 octets");
    }
    return route;
  }
  if (next_hop.starts_with("inet:")) next_hop.remove_prefix(5);
  TRY(const auto hop, parse_next_hop(next_hop));
  route.host = hop.host;
  route.port = hop.port.value_or(lmtp_port);
  return route;
}

/// One word of an address as (a part of) one name in a directory.
std::string path_word(std::string_view word) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto octet = static_cast<unsigned char>(lower(word[i]));
    const bool dot = octet == '.' && i == 0;
    if (octet <= ' ' || octet == 127 || octet == '/' || octet == '=' || octet == '\\' || dot) {
      out += '=';
      out += digits[octet >> 4U];
      out += digits[octet & 15U];
    } else {
      out += static_cast<char>(octet);
    }
  }
  return out.empty() ? "=" : out;
}

Result<std::string> expand_path(std::string_view pattern, std::string_view recipient,
                                std::string_view delimiters) {
  const std::string base = without_extension(recipient, delimiters);
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    const char letter = ++i < pattern.size() ? pattern[i] : '\0';
    if (letter == '%') {
      out += '%';
    } else if (letter == 'u') {
      out += path_word(base);
    } else if (letter == 'd') {
      out += path_word(domain_of(base));
    } else if (letter == 'n') {
      out += path_word(local_of(base));
    } else {
      return fail(std::errc::invalid_argument, "a % in \"" + printable(pattern) +
                                                   "\" must be %u (address), %d (domain), %n "
                                                   "(local part) or %%");
    }
  }
  return out;
}

Result<Route> maildir_at(std::string_view pattern, std::string_view recipient,
                         std::string_view delimiters) {
  const auto parts = split(pattern, '/');
  if (!pattern.starts_with('/') || std::find(parts.begin(), parts.end(), "..") != parts.end()) {
    return fail(std::errc::invalid_argument, "\"" + printable(pattern) +
                                                 "\": write maildir: and an absolute path "
                                                 "without \"..\"");
  }
  Route route;
  route.transport = Route::Transport::maildir;
  TRY(route.path, expand_path(pattern, recipient, delimiters));
  const auto names = split(route.path, '/');
  const bool too_long = std::any_of(names.begin(), names.end(), [](std::string_view name) {
    return name.size() > component_limit;
  });
  if (too_long || route.path.size() > path_limit) {
    return fail(std::errc::filename_too_long, "the Maildir for <" + printable(recipient) +
                                                  "> would have a name longer than 255 octets");
  }
  return route;
}

Route with_text(Route::Transport transport, std::string_view text) {
  Route route;
  route.transport = transport;
  route.text = trim(text);
  return route;
}

std::string host_and_port(const Route& route, std::uint16_t default_port) {
  std::string out = route.use_mx ? route.host : "[" + route.host + "]";
  if (route.port != default_port) out += ":" + std::to_string(route.port);
  return out;
}

}  // namespace

std::string Route::name() const {
  switch (transport) {
    case Transport::smtp:
      return "smtp:" + host_and_port(*this, smtp_port);
    case Transport::lmtp:
      return path.empty() ? "lmtp:" + host_and_port(*this, lmtp_port) : "lmtp:unix:" + path;
    case Transport::maildir:
      return "maildir:" + path;
    case Transport::discard:
      return "discard:" + text;
    case Transport::error:
      return "error:" + text;
  }
  return {};
}

std::string Route::destination_key() const {
  switch (transport) {
    case Transport::smtp:
    case Transport::lmtp:
      return name();
    case Transport::maildir:
      return "maildir";
    case Transport::discard:
      return "discard";
    case Transport::error:
      return "error";
  }
  return {};
}

Reply Route::error_reply() const {
  EnhancedCode enhanced{5, 0, 0};
  std::string_view rest = text;
  const std::size_t blank = std::min(rest.find_first_of(" \t"), rest.size());
  if (const auto given = parse_enhanced(rest.substr(0, blank))) {
    if (given->klass == 4 || given->klass == 5) enhanced = *given;
    rest = trim(rest.substr(blank));
  }
  if (rest.empty()) rest = "Mail to this address is not delivered";
  return reply(enhanced.klass == 4 ? 451 : 550, enhanced, std::string(rest));
}

Result<Route> mx_route(std::string_view recipient) {
  const std::string_view domain = domain_of(recipient);
  if (domain.empty()) {
    return fail(std::errc::invalid_argument,
                "<" + printable(recipient) + "> has no domain that it could be sent to");
  }
  if (domain.starts_with('[')) return smtp_to(domain);
  Route route;  // whatever name the session accepted, internationalised ones included
  route.host = to_lower(domain);
  route.port = smtp_port;
  route.use_mx = true;
  return route;
}

Result<Route> parse_relayhost(std::string_view value) {
  value = trim(value);
  if (value.starts_with("smtp:") || value.starts_with("relay:")) {
    value.remove_prefix(value.find(':') + 1);
  }
  return smtp_to(value);
}

Result<Route> parse_route(std::string_view value, std::string_view recipient,
                          std::string_view delimiters) {
  value = trim(value);
  const std::size_t colon = value.find(':');
  const std::string_view transport = value.substr(0, colon);
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view{} : trim(value.substr(colon + 1));
  if (colon == std::string_view::npos) {
    return fail(std::errc::invalid_argument,
                "\"" + printable(value) +
                    "\" has no transport: write smtp:[host]:port or smtp:" + "domain");
  }
  if (transport == "smtp" || transport == "relay") {
    return rest.empty() ? mx_route(recipient) : smtp_to(rest);
  }
  if (transport == "lmtp") {
    return lmtp_to(rest.empty() ? domain_of(recipient) : rest);
  }
  if (transport == "maildir") return maildir_at(rest, recipient, delimiters);
  if (transport == "discard") return with_text(Route::Transport::discard, rest);
  if (transport == "error") return with_text(Route::Transport::error, rest);
  if (transport == "retry") {
    const bool coded = rest.starts_with("4.");
    return with_text(Route::Transport::error, coded ? rest : "4.3.0 " + std::string(rest));
  }
  return fail(std::errc::invalid_argument,
              "transport \"" + printable(transport) +
                  ":\" is not known; there are smtp: relay: lmtp: maildir: discard: error: retry:");
}

}  // namespace postern
