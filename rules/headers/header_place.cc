#include "rules/headers/header_place.h"

#include <algorithm>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/headers/capture_pattern.h"
#include "rules/headers/ip_address.h"
#include "rules/headers/prepared_patterns.h"
#include "rules/hosts/host_name.h"

namespace postern {
namespace {

constexpr std::size_t longest_host = 253;

bool joins_names(char c) { return c == '.' || c == '_' || c == '-'; }
bool is_label_octet(char c) { return is_alpha(c) || is_digit(c) || c == '-'; }

/// The longest beginning of `word` that ends in a known top-level domain at a label's end.
std::string_view known_host(std::string_view word, const RegistryBoundaries& boundaries) {
  word = word.substr(0, longest_host);
  for (auto end = word.size(); end > 0; --end) {
    const bool label_ends =
        is_label_octet(word[end - 1]) &&
        (end == word.size() || (!is_label_octet(word[end]) && !joins_names(word[end])));
    if (!label_ends) continue;
    const auto host = word.substr(0, end);
    const auto dot = host.rfind('.');
    if (dot != std::string_view::npos && dot > 0 && boundaries.is_top(host.substr(dot + 1)))
      return host;
  }
  return {};
}

std::string_view first_word(std::string_view text) {
  const auto end = std::ranges::find_if(text, is_space) - text.begin();
  return text.substr(0, static_cast<std::size_t>(end));
}

std::optional<std::string> host_in_address(std::string_view address) {
  for (auto at = address.rfind('@'); at != std::string_view::npos && at + 1 <= address.size();
       at = at == 0 ? std::string_view::npos : address.rfind('@', at - 1)) {
    const auto host = first_word(address.substr(at + 1));
    if (!host.empty()) return std::string(host);
  }
  return {};
}

std::optional<std::string> host_in_text(std::string_view text,
                                        const RegistryBoundaries& boundaries) {
  // Behind the last '@' that a host follows, since a local part may look like one.
  for (auto at = text.rfind('@'); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : text.rfind('@', at - 1)) {
    const auto host = known_host(first_word(text.substr(at + 1)), boundaries);
    if (host.empty()) continue;
    if (is_fully_qualified(host)) return std::string(host);
    break;
  }
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_space(text[at]) || (at > 0 && joins_names(text[at - 1]))) {
      ++at;
      continue;
    }
    const auto host = known_host(first_word(text.substr(at)), boundaries);
    if (!host.empty() && is_fully_qualified(host)) return std::string(host);
    at += std::max<std::size_t>(host.size(), 1);
  }
  return {};
}

const CapturePattern& lone_address() {
  static const CapturePattern pattern(R"((?<!\.)\b()" + ip_address_pattern() + R"()\b(?!\.))");
  return pattern;
}

std::optional<std::string> ip_in(std::string_view text) {
  Captures found;
  if (!lone_address().matches(text, found)) return {};
  return std::string(*found[1]);
}

}  // namespace

std::vector<std::string> places_in(const std::vector<std::string>& values,
                                   const HeaderSource& source,
                                   const RegistryBoundaries& boundaries) {
  using Place = HeaderSource::Place;
  const bool hosts = source.place == Place::host || source.place == Place::domain;
  std::vector<std::string> out;
  for (const auto& value : values) {
    std::optional<std::string> place;
    if (!hosts) {
      place = ip_in(value);
      if (place && source.place == Place::reversed_ip) place = reversed_ip(*place);
    } else {
      place = source.part == HeaderSource::Part::addresses ? host_in_address(value)
                                                           : host_in_text(value, boundaries);
      if (place && source.place == Place::domain) place = boundaries.trim_domain(*place);
    }
    if (place) out.push_back(std::move(*place));
  }
  return out;
}

void prepare_header_places() { lone_address(); }

}  // namespace postern
