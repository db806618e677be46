#include "rules/hosts/host_name.h"

#include <algorithm>
#include <cstddef>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t longest_label = 63;  // RFC 1035 §2.3.4
constexpr std::size_t longest_name = 253;

bool in_label(char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= longest_label && label.front() != '-' &&
         label.back() != '-' && std::ranges::all_of(label, in_label);
}

bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

bool is_octet(std::string_view text) {
  if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, is_digit)) return false;
  if (text.size() > 1 && text.front() == '0') return false;
  return text.size() < 3 || text <= "255";
}

constexpr int malformed = -1;

/// How many groups of one to four hex digits, parted by single colons, the text is.
int hex_groups(std::string_view text) {
  if (text.empty()) return 0;
  const auto groups = split(text, ':');
  const bool well = std::ranges::all_of(groups, [](std::string_view group) {
    return !group.empty() && group.size() <= 4 && std::ranges::all_of(group, is_hex);
  });
  return well ? static_cast<int>(groups.size()) : malformed;
}

/// 8 groups of 16 bits; an IPv4 tail stands for two of them, and "::" for at least one.
bool is_ipv6_address(std::string_view text) {
  int room = 8;
  const auto last = text.rfind(':');
  if (last == std::string_view::npos) return false;
  if (text.find('.', last) != std::string_view::npos) {
    if (!is_ipv4_address(text.substr(last + 1))) return false;
    room = 6;
    // Its colon belongs to a "::" or only parts it from the groups.
    const bool half_of_gap = last > 0 && text[last - 1] == ':';
    text = text.substr(0, half_of_gap ? last + 1 : last);
  }
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return hex_groups(text) == room;
  const int left = hex_groups(text.substr(0, gap));
  const int right = hex_groups(text.substr(gap + 2));
  return left != malformed && right != malformed && left + right < room;
}

}  // namespace

bool is_fully_qualified(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() > longest_name) return false;
  const auto labels = split(host, '.');
  if (labels.size() < 2 || !std::ranges::all_of(labels, is_label)) return false;
  return labels.back().find('_') == std::string_view::npos &&
         labels[labels.size() - 2].find('_') == std::string_view::npos;
}

bool is_ipv4_address(std::string_view text) {
  if (text.size() < 7 || text.size() > 15) return false;
  const auto octets = split(text, '.');
  return octets.size() == 4 && std::ranges::all_of(octets, is_octet);
}

bool is_ip_address(std::string_view text) {
  if (is_ipv4_address(text)) return true;
  if (starts_with_ignoring_case(text, "ipv6:")) text.remove_prefix(5);
  return is_ipv6_address(text);
}

}  // namespace postern
