#include "gateway/mail/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/base/bytes.h"

namespace postern {

namespace {

constexpr std::size_t longest_local = 64;
constexpr std::size_t longest_domain = 255;
constexpr std::size_t longest_label = 63;

constexpr unsigned char octet_of(char c) { return static_cast<unsigned char>(c); }
constexpr bool is_eight_bit(char c) { return octet_of(c) >= 0x80; }

/// RFC 5322 §3.2.3 atext; RFC 6531 §3.3 adds UTF-8.
constexpr bool is_atext(char c) {
  return is_alpha(c) || is_digit(c) || is_eight_bit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_dot_string(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' ? text[i + 1] == '.' : !is_atext(text[i])) return false;
  }
  return true;
}

/// C0, DEL, and C1 in its UTF-8 form: some terminals and log viewers obey them.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = octet_of(text[i]);
    if (octet < 0x20 || octet == 0x7f) return true;
    if (octet == 0xc2 && i + 1 < text.size() && octet_of(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

Result<> check_octets(std::string_view text, bool utf8) {
  for (const char c : text) {
    if (is_eight_bit(c) && !utf8) {
      return fail(std::errc::illegal_byte_sequence, "an 8-bit octet without SMTPUTF8");
    }
  }
  if (!valid_utf8(text)) return fail(std::errc::illegal_byte_sequence, "octets that are not UTF-8");
  if (has_control(text)) return fail(std::errc::invalid_argument, "a control character");
  return {};
}

bool valid_literal(std::string_view text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  std::array<unsigned char, 16> binary{};
  if (starts_with_ignoring_case(text, "IPv6:")) {
    const std::string address(text.substr(5));
    return address.find('\0') == std::string::npos &&
           inet_pton(AF_INET6, address.c_str(), binary.data()) == 1;
  }
  const std::string address(text);
  return address.find('\0') == std::string::npos &&
         inet_pton(AF_INET, address.c_str(), binary.data()) == 1;
}

/// RFC 5321 §4.1.2 sub-domain; with `utf8` also U-labels, whose length in DNS is not known here.
bool valid_labels(std::string_view text, bool utf8) {
  if (text.empty() || text.size() > longest_domain) return false;
  std::size_t length = 0;
  bool wide = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '.') {
      if (length == 0 || (length > longest_label && !wide) || text[i - 1] == '-') return false;
      length = 0;
      wide = false;
      continue;
    }
    const char c = text[i];
    if (is_eight_bit(c) && utf8) {
      wide = true;
    } else if (!is_alpha(c) && !is_digit(c) && c != '_' && (c != '-' || length == 0)) {
      return false;
    }
    ++length;
  }
  return true;
}

Result<std::string> read_domain(std::string_view text) {
  if (text.size() > longest_domain)
    return fail(std::errc::invalid_argument, "a domain over 255 octets");
  if (!text.empty() && text.front() == '[') {
    if (!valid_literal(text)) return fail(std::errc::invalid_argument, "a bad address literal");
    std::string literal = to_lower(text);
    if (literal.starts_with("[ipv6:")) literal.replace(0, 6, "[IPv6:");
    return literal;
  }
  if (!valid_labels(text, true)) return fail(std::errc::invalid_argument, "a bad domain");
  return to_lower(text);
}

/// A local part and where it ended.
struct ReadLocal {
  std::string local;
  std::size_t end = 0;
};

Result<ReadLocal> read_quoted(std::string_view text) {
  ReadLocal out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      out.end = i + 1;
      return out;
    }
    if (text[i] == '\\' && ++i == text.size()) break;
    out.local += text[i];
  }
  return fail(std::errc::invalid_argument, "a quoted local part without its end");
}

Result<ReadLocal> read_local(std::string_view text) {
  ReadLocal out;
  if (!text.empty() && text.front() == '"') {
    TRY(out, read_quoted(text));
  } else {
    // Dots in a row or at the end are not allowed by the grammar, yet large providers gave such
    // addresses out for years. They mean one thing only, and text() writes them quoted.
    while (out.end < text.size() && (is_atext(text[out.end]) || text[out.end] == '.')) ++out.end;
    out.local = text.substr(0, out.end);
    if (out.local.empty()) return fail(std::errc::invalid_argument, "an empty local part");
  }
  if (out.local.size() > longest_local) {
    return fail(std::errc::invalid_argument, "a local part over 64 octets");
  }
  return out;
}

/// A reverse-path such as <a@b@example.org>: what forwarders that rewrite badly send. The last '@'
/// divides; text() writes the local part quoted. Never done for forward-paths, where a second '@'
/// is an attempt at relaying.
std::optional<ReadLocal> read_several_ats(std::string_view text) {
  const auto close = text.find('>');
  if (close == std::string_view::npos || text.starts_with('"')) return std::nullopt;
  const auto last = text.substr(0, close).rfind('@');
  if (last == std::string_view::npos || text.find('@') == last || last > longest_local)
    return std::nullopt;
  const auto local = text.substr(0, last);
  const auto allowed = [](char c) { return is_atext(c) || c == '.' || c == '@'; };
  if (!std::ranges::all_of(local, allowed)) return std::nullopt;
  return ReadLocal{std::string(local), last};
}

/// Takes the source route "@one,@two:" off (RFC 5321 appendix C). A lone "@" stays to be refused.
Result<> skip_route(std::string_view& text) {
  while (!text.empty() && text.front() == '@') {
    const auto end = text.find_first_of(",:>");
    if (end == std::string_view::npos || text[end] == '>') {
      return fail(std::errc::invalid_argument, "a source route without its end");
    }
    TRY(read_domain(text.substr(1, end - 1)));
    const bool last = text[end] == ':';
    text.remove_prefix(end + 1);
    if (last) return {};
    if (text.empty() || text.front() != '@') {
      return fail(std::errc::invalid_argument, "a bad source route");
    }
  }
  return {};
}

}  // namespace

std::string Address::text() const {
  if (null()) return "";
  std::string out;
  if (is_dot_string(local)) {
    out = local;
  } else {
    out += '"';
    for (const char c : local) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  if (!domain.empty()) out += "@" + domain;
  return out;
}

Result<ParsedPath> parse_path(std::string_view text, bool utf8, bool null_allowed) {
  if (text.empty() || text.front() != '<') return fail(std::errc::invalid_argument, "no '<'");
  text.remove_prefix(1);
  ParsedPath out;
  std::size_t end = 0;  // where '>' must stand

  const bool routed = text.starts_with('@');
  TRY(skip_route(text));
  if (text.starts_with('>')) {
    if (!null_allowed || routed) return fail(std::errc::invalid_argument, "an empty address");
  } else {
    ReadLocal local;
    if (auto several = null_allowed ? read_several_ats(text) : std::nullopt) {
      local = std::move(*several);
    } else {
      TRY(local, read_local(text));
    }
    end = local.end;
    TRY(check_octets(local.local, utf8));
    if (end < text.size() && text[end] == '@') {
      const auto close = text.find('>', end);
      if (close == std::string_view::npos) return fail(std::errc::invalid_argument, "no '>'");
      const auto domain = text.substr(end + 1, close - end - 1);
      TRY(check_octets(domain, utf8));
      TRY(out.address.domain, read_domain(domain));
      out.address.local = std::move(local.local);
      end = close;
    } else if (null_allowed) {
      out.address.local = std::move(local.local);
    } else if (equals_ignoring_case(local.local, "postmaster")) {
      out.address.local = "postmaster";
    } else {
      return fail(std::errc::invalid_argument, "an address without a domain");
    }
  }

  if (end >= text.size() || text[end] != '>') return fail(std::errc::invalid_argument, "no '>'");
  text.remove_prefix(end + 1);
  if (!text.empty() && !is_blank(text.front())) {
    return fail(std::errc::invalid_argument, "text directly behind '>'");
  }
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  out.rest = text;
  return out;
}

Result<Address> parse_address(std::string_view text) {
  const std::string path = "<" + std::string(trim(text)) + ">";
  TRY(auto parsed, parse_path(path, true, false));
  if (!parsed.rest.empty() || parsed.address.domain.empty() || path[1] == '@') {
    return fail(std::errc::invalid_argument, "not of the form local@domain");
  }
  return std::move(parsed.address);
}

std::string_view domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : address.substr(at + 1);
}

std::string_view local_of(std::string_view address) {
  return address.substr(0, address.rfind('@'));
}

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = octet_of(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    // RFC 3629 §4: the second octet's range rules out overlong forms, surrogates, and what lies
    // above U+10FFFF.
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - i < length) return false;
    const auto second = octet_of(text[i + 1]);
    const unsigned least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    for (std::size_t k = 2; k < length; ++k) {
      if ((octet_of(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

bool valid_domain(std::string_view text) {
  return text.starts_with('[') ? valid_literal(text) : valid_labels(text, false);
}

}  // namespace postern
