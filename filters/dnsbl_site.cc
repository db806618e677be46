#include "filters/dnsbl_site.h"

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

constexpr std::size_t longest_zone = 180;  // leaves room for the nibbles of an IPv6 address

std::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(std::errc::invalid_argument,
              "'" + printable(text) + "': " + std::string(why) +
                  "; an entry looks like zone, zone=127.0.0.[2..11] or "
                  "zone=127.0.0.2*3");
}

/// "n" or "n..m" of a bracket.
bool add_range(std::string_view range, std::bitset<256>& set) {
  const std::size_t dots = range.find("..");
  const auto first = parse_number(range.substr(0, dots), 255);
  const auto last =
      dots == std::string_view::npos ? first : parse_number(range.substr(dots + 2), 255);
  if (!first || !last || *first > *last) return false;
  for (auto value = *first; value <= *last; ++value) set.set(value);
  return true;
}

/// The next part of a pattern, up to the dot behind it.
bool take_part(std::string_view& rest, std::bitset<256>& set) {
  const bool bracket = rest.starts_with('[');
  const std::size_t end = bracket ? rest.find(']') : rest.find('.');
  if (bracket && end == std::string_view::npos) return false;
  const std::string_view inside = bracket ? rest.substr(1, end - 1) : rest.substr(0, end);
  if (!bracket) {
    if (inside.find("..") != std::string_view::npos || !add_range(inside, set)) return false;
  } else {
    for (const auto range : split(inside, ';')) {
      if (!add_range(range, set)) return false;
    }
  }
  rest.remove_prefix(bracket ? end + 1 : inside.size());
  return true;
}

std::optional<AnswerPattern> parse_pattern(std::string_view text) {
  AnswerPattern pattern;
  for (std::size_t i = 0; i < pattern.octets.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) return {};
      text.remove_prefix(1);
    }
    if (!take_part(text, pattern.octets[i])) return {};
  }
  if (!text.empty()) return {};
  return pattern;
}

std::optional<int> parse_weight(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto value = parse_number(text, 1000);
  if (!value || *value == 0) return {};
  return negative ? -static_cast<int>(*value) : static_cast<int>(*value);
}

}  // namespace

bool AnswerPattern::matches(const ListAnswer& answer) const {
  for (std::size_t i = 0; i < answer.size(); ++i) {
    if (!octets[i].test(answer[i])) return false;
  }
  return true;
}

Result<DnsblSite> parse_dnsbl_site(std::string_view text) {
  DnsblSite site;
  std::string_view rest = trim(text);
  if (const std::size_t star = rest.rfind('*'); star != std::string_view::npos) {
    const auto weight = parse_weight(rest.substr(star + 1));
    if (!weight)
      return bad(text,
                 "the weight behind * is a whole number from 1 to 1000, or that with a minus");
    site.weight = *weight;
    rest = rest.substr(0, star);
  }
  if (const std::size_t equals = rest.find('='); equals != std::string_view::npos) {
    site.pattern = parse_pattern(rest.substr(equals + 1));
    if (!site.pattern)
      return bad(text, "behind = four numbers are wanted, each from 0 to 255 or a set [n;n..m]");
    // RFC 5782 §2.1: other answers than these are no listings, so the pattern could never match.
    if (!site.pattern->octets[0].test(127)) return bad(text, "answers of a list begin with 127");
    rest = rest.substr(0, equals);
  }
  if (rest.ends_with('.')) rest.remove_suffix(1);
  if (!valid_domain(rest) || rest.starts_with('[') || rest.size() > longest_zone) {
    return bad(text, "the name of the list is no domain");
  }
  site.zone = to_lower(rest);
  return site;
}

}  // namespace postern
