#include "rules/hosts/registry_boundaries.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

#include "gateway/base/bytes.h"
#include "rules/hosts/host_name.h"

namespace postern {
namespace {

// RFC 1480: below these of .us the registry delegates localities.
constexpr std::array<std::string_view, 54> us_states{
    "ak", "al", "ar", "az", "ca", "co", "ct", "dc", "de", "fl", "ga", "gu", "hi", "ia",
    "id", "il", "in", "ks", "ky", "la", "ma", "md", "me", "mi", "mn", "mo", "ms", "mt",
    "nc", "nd", "ne", "nh", "nj", "nm", "nv", "ny", "oh", "ok", "or", "pa", "pr", "ri",
    "sc", "sd", "tn", "tx", "ut", "va", "vi", "vt", "wa", "wi", "wv", "wy"};

bool is_state(std::string_view label) {
  return std::ranges::find(us_states, label) != us_states.end();
}

/// Without dots at the ends, and with single ones inside.
std::string with_single_dots(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (const char c : name) {
    if (c != '.' || (!out.empty() && out.back() != '.')) out.push_back(lower(c));
  }
  if (out.ends_with('.')) out.pop_back();
  return out;
}

bool is_still_encoded(std::string_view host) {
  for (auto at = host.find('%'); at != std::string_view::npos && at + 2 < host.size();
       at = host.find('%', at + 1)) {
    const char high = host[at + 1];
    const char low = host[at + 2];
    const bool hex_low = is_digit(low) || (low >= 'a' && low <= 'f');
    if (!hex_low) continue;
    if ((high == '2' && low != '0') || (high >= '3' && high <= '6') || (high == '7' && low != 'f'))
      return true;
  }
  return false;
}

/// "user@host?subject=…" comes to its host; nothing with no '@' or several.
std::optional<std::string_view> host_of_mailbox(std::string_view address) {
  address = address.substr(0, address.find('?'));
  const auto at = address.find('@');
  if (at == std::string_view::npos || address.find('@', at + 1) != std::string_view::npos)
    return std::nullopt;
  return address.substr(at + 1);
}

/// What stands between scheme and path, without user and port.
std::string_view host_of_web_address(std::string_view uri) {
  std::size_t scheme = 0;
  while (scheme < uri.size() && is_alpha(uri[scheme])) ++scheme;
  if (scheme > 0 && scheme < uri.size() && uri[scheme] == ':') {
    uri.remove_prefix(scheme + 1);
    for (int slashes = 0; slashes < 2 && uri.starts_with('/'); ++slashes) uri.remove_prefix(1);
  }
  uri = uri.substr(0, uri.find_first_of("/?#"));
  if (const auto at = uri.rfind('@'); at != std::string_view::npos) uri.remove_prefix(at + 1);
  auto port = uri.size();
  while (port > 0 && is_digit(uri[port - 1])) --port;
  return port > 0 && uri[port - 1] == ':' ? uri.substr(0, port - 1) : uri;
}

}  // namespace

std::string RegistryBoundaries::lowered(std::string_view text) { return to_lower(text); }

void RegistryBoundaries::clear() {
  top_.clear();
  second_level_.clear();
  third_level_.clear();
}

bool RegistryBoundaries::is_top(std::string_view label) const {
  // The longest label is 63 octets: no copy is made on the heap for most of them.
  return label.size() <= 63 && top_.contains(to_lower(label));
}

bool RegistryBoundaries::is_domain_valid(std::string_view domain) const {
  if (std::ranges::any_of(domain, is_space)) return false;
  const auto dot = domain.rfind('.');
  return dot != std::string_view::npos && is_top(domain.substr(dot + 1));
}

/// Whether all of `name` (lower case, single dots) is delegated by registries.
bool RegistryBoundaries::is_boundary(std::string_view name) const {
  const auto labels = split(name, '.');
  switch (labels.size()) {
    case 2:
      return second_level_.contains(name);
    case 3:
      return labels[2] == "us" ? is_state(labels[1]) : third_level_.contains(name);
    case 4: {
      const bool school = labels[0] == "pvt" && labels[1] == "k12";
      const bool locality = labels[0] == "ci" || labels[0] == "co";
      return labels[3] == "us" && (school || locality) && is_state(labels[2]);
    }
    default:
      return false;
  }
}

RegistryBoundaries::Split RegistryBoundaries::split_domain(std::string_view name) const {
  const std::string clean = with_single_dots(name);
  // The dots from the right: the fourth one is the farthest that matters.
  std::array<std::size_t, 5> starts{};  // where the last 1, 2, … labels start
  std::size_t count = 0;
  for (auto end = clean.size(); count < starts.size(); ++count) {
    const auto dot = end == 0 ? std::string::npos : clean.rfind('.', end - 1);
    starts[count] = dot == std::string::npos ? 0 : dot + 1;
    if (dot == std::string::npos) {
      ++count;
      break;
    }
    end = dot;
  }
  std::size_t delegated = 1;
  for (std::size_t labels = std::min<std::size_t>(count, 4); labels >= 2; --labels) {
    if (is_boundary(std::string_view(clean).substr(starts[labels - 1]))) {
      delegated = labels;
      break;
    }
  }
  const std::size_t start = starts[std::min(delegated + 1, count) - 1];
  return {.host = clean.substr(0, start == 0 ? 0 : start - 1), .domain = clean.substr(start)};
}

std::optional<RegistryBoundaries::Location> RegistryBoundaries::uri_to_domain(
    std::string_view uri) const {
  const std::string lower_case = to_lower(uri);
  const std::string_view text = lower_case;
  for (const std::string_view script : {"javascript:", "cid:", "file:"}) {
    if (text.starts_with(script)) return std::nullopt;
  }
  std::optional<std::string_view> host;
  if (text.starts_with("mailto:"))
    host = host_of_mailbox(text.substr(7));
  else
    host = host_of_web_address(text);
  if (!host || is_still_encoded(*host)) return std::nullopt;
  if (is_ip_address(*host)) return Location{std::string(*host), std::string(*host)};
  if (!is_fully_qualified(*host) || !is_domain_valid(*host)) return std::nullopt;
  return Location{trim_domain(*host), std::string(*host)};
}

}  // namespace postern
