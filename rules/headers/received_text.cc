#include "rules/headers/received_text.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/headers/ip_address.h"
#include "rules/headers/network_set.h"
#include "rules/headers/prepared_patterns.h"

namespace postern {
namespace {

constexpr std::size_t shortest_id = 3;

std::string squeezed(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  return out;
}

std::string_view without_semicolons(std::string_view text) {
  while (text.ends_with(';')) {
    text.remove_suffix(1);
    if (text.ends_with(' ')) text.remove_suffix(1);
  }
  return text;
}

/// "from A by B ;" or "from A by B; …": nobody can say who A was, unless it is an address.
bool names_only(std::string_view text) {
  if (!starts_with_ignoring_case(text, "from ")) return false;
  text.remove_prefix(5);
  const auto from = text.substr(0, text.find(' '));
  text.remove_prefix(from.size());
  if (from.empty() || !starts_with_ignoring_case(text, " by ")) return false;
  text.remove_prefix(4);
  const auto end = text.find_first_of(" ;");
  if (end == 0 || end == std::string_view::npos) return false;
  text.remove_prefix(end);
  if (!text.starts_with(';') && !text.starts_with(" ;")) return false;
  const bool address = from.size() > 2 && from.front() == '[' && from.back() == ']' &&
                       from.find_first_not_of("0123456789.", 1) == from.size() - 1;
  return !address;
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto part_of_word = [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; };
    const auto end = at + word.size();
    if ((at == 0 || !part_of_word(text[at - 1])) &&
        (end == text.size() || !part_of_word(text[end])))
      return true;
  }
  return false;
}

/// Takes the last word off, with the blank in front of it.
std::string_view take_last(std::string_view& text) {
  const auto blank = text.rfind(' ');
  if (blank == std::string_view::npos) return {};
  const auto word = text.substr(blank + 1);
  text = text.substr(0, blank);
  return word;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_time(std::string_view word) {
  const auto pieces = split(word, ':');
  return (pieces.size() == 2 || pieces.size() == 3) && std::ranges::all_of(pieces, all_digits);
}

bool is_month(std::string_view word) {
  static constexpr std::array<std::string_view, 12> months{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return std::ranges::find(months, word) != months.end();
}

/// "; Tue, 23 May 2006 13:06:35 -0400" at the end is gone, also without the day's name.
std::string_view without_date(std::string_view text) {
  auto rest = text;
  const auto zone = take_last(rest);
  if (zone.empty() || !is_time(take_last(rest)) || !all_digits(take_last(rest)) ||
      !is_month(take_last(rest))) {
    return text;
  }
  auto digits = rest.size();
  while (digits > 0 && is_digit(rest[digits - 1])) --digits;
  if (digits == rest.size()) return text;
  rest = rest.substr(0, digits);
  static constexpr std::array<std::string_view, 7> days{"Mon, ", "Tue, ", "Wed, ", "Thu, ",
                                                        "Fri, ", "Sat, ", "Sun, "};
  const auto separates = [](char c) { return c == ' ' || c == ';'; };
  if (rest.empty() || !separates(rest.back())) return text;
  for (const auto day : days) {
    const auto at = rest.size() - std::min(day.size(), rest.size());
    if (rest.ends_with(day) && at > 0 && separates(rest[at - 1])) rest = rest.substr(0, at);
  }
  while (!rest.empty() && separates(rest.back())) rest.remove_suffix(1);
  return rest;
}

bool is_helo_octet(char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view("-.^+_&:=?!@%*$\\/").find(c) != std::string_view::npos;
}

/// The run of HELO octets behind the first `key` that has one.
std::string_view helo_behind(std::string_view text, std::string_view key) {
  for (auto at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const bool inside_word =
        at > 0 && (is_alpha(text[at - 1]) || is_digit(text[at - 1]) || text[at - 1] == '_');
    if (inside_word) continue;
    const auto rest = text.substr(at + key.size());
    const auto end = std::ranges::find_if_not(rest, is_helo_octet) - rest.begin();
    if (end > 0) return rest.substr(0, static_cast<std::size_t>(end));
  }
  return {};
}

/// What would break the syntax of X-Spam-Relays-* becomes '!', so that it can be seen.
void flag_odd_octets(std::string& text) {
  for (char& c : text) {
    if (is_space(c) || c == '\0' || std::string_view("#[]()<>|").find(c) != std::string_view::npos)
      c = '!';
  }
}

void strip_zone(std::string& ip) {
  const auto percent = ip.find('%');
  if (percent != std::string::npos) ip.resize(percent);
}

/// "::ffff:1.2.3.4" is 1.2.3.4.
void unmap_ipv4(std::string& ip) {
  const auto octets = ip.find('.') == std::string::npos ? std::nullopt : parse_ip(ip);
  if (!octets || ip.find(':') == std::string::npos) return;
  const auto colon = ip.rfind(':');
  const auto head = std::string_view(ip).substr(0, colon);
  if (head.size() < 4 || !equals_ignoring_case(head.substr(head.size() - 4), "ffff")) return;
  const auto zeros = head.substr(0, head.size() - 4);
  if (zeros.find_first_not_of("0:") == std::string_view::npos) ip.erase(0, colon + 1);
}

}  // namespace

std::optional<std::string> tidy_received(std::string_view value) {
  const auto spaced = squeezed(value);
  std::string_view text = spaced;
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.ends_with(' ')) text.remove_suffix(1);
  text = without_semicolons(text);

  const auto sentence = text.starts_with('(') ? text.substr(1) : text;
  if (!starts_with_ignoring_case(sentence, "from ")) return {};
  if (has_word(text, "with local for") || names_only(text)) return {};

  std::string out(without_date(text));
  if (const auto glued = out.find(")by "); glued != std::string::npos) out.insert(glued + 1, " ");
  return out;
}

std::string_view id_in(std::string_view text) {
  static constexpr std::string_view key = " id ";
  for (auto at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    auto rest = text.substr(at + key.size());
    if (rest.starts_with('<')) rest.remove_prefix(1);
    const auto id = rest.substr(0, rest.find_first_of(" <>;"));
    if (id.size() >= shortest_id) return id;
  }
  return {};
}

std::string_view helo_in(std::string_view text) {
  if (const auto helo = helo_behind(text, "helo="); !helo.empty()) return helo;
  // Whichever of the two comes first in the text.
  const auto plain = helo_behind(text, "HELO ");
  const auto extended = helo_behind(text, "EHLO ");
  if (plain.empty() || extended.empty()) return plain.empty() ? extended : plain;
  return plain.data() < extended.data() ? plain : extended;
}

std::string_view receiver_in(std::string_view text) {
  const auto at = text.find(" by ");
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + 4);
  return rest.substr(0, rest.find(' '));
}

static const CapturePattern& named_sender() {
  static const CapturePattern pattern(R"((?:return-path:? |envelope-(?:sender|from)[ =])(\S+)\b)",
                                      true);
  return pattern;
}

std::optional<std::string> sender_in(std::string_view text) {
  if (text.find('-') == std::string_view::npos) return {};
  Captures found;
  if (!named_sender().matches(text, found)) return {};
  return std::string(*found[1]);
}

std::optional<std::string> tidy_sender(const std::optional<std::string>& sender) {
  if (!sender) return {};
  std::string_view text = *sender;
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (text.starts_with('<')) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (text.ends_with('>')) text.remove_suffix(1);
  std::string out(text);
  flag_odd_octets(out);
  return out;
}

void tidy_relay(ReceivedDraft& draft) {
  auto& relay = draft.relay;
  while (relay.rdns.ends_with('.')) relay.rdns.pop_back();
  if (equals_ignoring_case(relay.rdns, "unknown") || relay.rdns.starts_with('['))
    relay.rdns.clear();

  if (starts_with_ignoring_case(relay.ip, "ipv6:")) relay.ip.erase(0, 5);
  if (relay.ip.starts_with('[')) relay.ip.erase(0, 1);
  if (relay.ip.ends_with(']')) relay.ip.pop_back();
  strip_zone(relay.ip);
  unmap_ipv4(relay.ip);
  if (relay.by.ends_with(';')) relay.by.pop_back();

  for (auto* const text : {&relay.ip, &relay.rdns, &relay.helo, &relay.by, &relay.ident})
    flag_odd_octets(*text);
  relay.envfrom = tidy_sender(relay.envfrom);
  relay.no_reverse_dns = relay.rdns.empty() && draft.looked_up_dns;
  relay.ip_private = is_private_ip(relay.ip);
}

void prepare_received_senders() { named_sender(); }

}  // namespace postern
