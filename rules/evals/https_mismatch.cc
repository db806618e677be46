// https_mismatch.cc — links whose text shows an https URI under another domain than they lead to
// (Plugin/HTTPSMismatch.pm).

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/evals/tables.h"
#include "rules/hosts/host_name.h"

namespace postern {
namespace {

/// White space among Unicode's characters, in UTF-8: where the text in a link ends a host.
bool is_wide_space(std::string_view text) {
  constexpr std::array<std::string_view, 9> spaces{"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80",
                                                   "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
                                                   "\xe2\x81\x9f", "\xe3\x80\x80", "\xe2\x80\x8a"};
  const bool in_general_block = text.size() > 2 && text.starts_with("\xe2\x80") &&
                                static_cast<unsigned char>(text[2]) <= 0x8a;
  return in_general_block || std::ranges::any_of(spaces, [text](std::string_view space) {
           return text.starts_with(space);
         });
}

std::string_view host_at_front(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && std::string_view("/:?#").find(text[end]) == std::string_view::npos &&
         !is_space(text[end]) && (text[end] >= 0 || !is_wide_space(text.substr(end))))
    ++end;
  return text.substr(0, end);
}

/// The domain that a link leads to; nothing for addresses and for what is no valid domain.
std::optional<std::string> domain_of_link(std::string_view link,
                                          const RegistryBoundaries& boundaries) {
  std::size_t start = 0;
  if (starts_with_ignoring_case(link, "http://"))
    start = 7;
  else if (starts_with_ignoring_case(link, "https://"))
    start = 8;
  else
    return std::nullopt;
  const auto host = link.substr(start, link.find_first_of("/:?#", start) - start);
  if (host.empty() || is_ip_address(host)) return std::nullopt;
  auto domain = boundaries.trim_domain(host);
  const auto location = boundaries.uri_to_domain(domain);
  if (!location || !boundaries.is_domain_valid(location->domain)) return std::nullopt;
  return domain;
}

/// The first https URI in a text, as a domain or address; "" where it is neither.
std::string shown_domain(std::string_view text, const RegistryBoundaries& boundaries) {
  for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 1)) {
    if (at < 5 || !equals_ignoring_case(text.substr(at - 5, 5), "https")) continue;
    const auto host = host_at_front(text.substr(at + 3));
    if (host.empty()) continue;
    if (is_ip_address(host)) return std::string(host);
    auto domain = boundaries.trim_domain(host);
    return boundaries.is_domain_valid(domain) ? domain : std::string();
  }
  return {};
}

/// The links with text of one part: how many lead to a domain, and whether one shows another.
struct Anchors {
  double count = 0;
  bool mismatch = false;
};

Anchors anchors_of(const HtmlText& html, const RegistryBoundaries& boundaries) {
  Anchors out;
  for (const auto& link : html.uris) {
    if (link.anchor_text.empty()) continue;
    const auto domain = domain_of_link(link.uri, boundaries);
    if (!domain) continue;
    ++out.count;
    out.mismatch = out.mismatch || std::ranges::any_of(link.anchor_text, [&](const auto& text) {
                     const auto shown = shown_domain(text, boundaries);
                     return !shown.empty() && shown != *domain;
                   });
  }
  return out;
}

/// From `least` to under `most` such links.
BindResult mismatch(const EvalArguments& arguments, const RuleSettings&) {
  const auto number = [&arguments](std::size_t at) -> std::optional<std::uint64_t> {
    return at < arguments.size() ? parse_number(arguments[at]) : std::nullopt;
  };
  for (std::size_t i = 0; i < std::min<std::size_t>(arguments.size(), 2); ++i) {
    if (!number(i)) return std::unexpected("its arguments are numbers of links: ('1','10')");
  }
  const auto least = static_cast<double>(std::max<std::uint64_t>(number(0).value_or(1), 1));
  const auto most = number(1);
  return [least, most](ScannedMessage& message) {
    for (const auto leaf : message.parts().leaves()) {
      const auto& html = message.parts().all()[leaf].rendered().html;
      if (!html) continue;
      const auto anchors = anchors_of(*html, message.settings().domains.boundaries);
      if (anchors.mismatch && anchors.count >= least &&
          (!most || anchors.count < static_cast<double>(*most)))
        return 1.0;
    }
    return 0.0;
  };
}

constexpr std::array<EvalFunction, 1> functions{{{"check_https_http_mismatch", mismatch}}};

}  // namespace

EvalTable https_mismatch_evals() { return functions; }

}  // namespace postern
