// uri_eval.cc — redirections, links to bare addresses, and URIs that were too long
// (Plugin/URIEval.pm).

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

/// Octets of "http:" or "https:" at the front, 0 where none is.
std::size_t web_scheme(std::string_view text) {
  if (starts_with_ignoring_case(text, "http:")) return 5;
  return starts_with_ignoring_case(text, "https:") ? 6 : 0;
}

std::size_t end_of_host(std::string_view text, std::size_t start) {
  return std::min(text.find_first_of("/:?", start), text.size());
}

/// Where the host starts of a web address at the front: up to two slashes, then an octet of a host.
/// 0 where none is.
std::size_t nested_host(std::string_view text) {
  auto start = web_scheme(text);
  if (start == 0) return 0;
  for (int slashes = 0; slashes < 2 && text.substr(start).starts_with('/'); ++slashes) ++start;
  return end_of_host(text, start) > start ? start : 0;
}

struct Redirection {
  std::string_view from;  // host
  std::string_view to;    // host
  std::string_view rest;  // the URI that it leads to, to the end
};

/// A web address inside another, at least one octet behind its host. Where the host itself ends in
/// "http", its colon may be the scheme's.
std::optional<Redirection> redirection(std::string_view uri) {
  const auto scheme = web_scheme(uri);
  if (scheme == 0 || !uri.substr(scheme).starts_with("//")) return std::nullopt;
  const auto host = scheme + 2;
  const auto host_end = end_of_host(uri, host);
  if (host_end == host) return std::nullopt;
  const auto found = [&](std::size_t at, std::size_t from_end) -> std::optional<Redirection> {
    const auto rest = uri.substr(at);
    const auto start = nested_host(rest);
    if (start == 0) return std::nullopt;
    return Redirection{.from = uri.substr(host, from_end - host),
                       .to = rest.substr(start, end_of_host(rest, start) - start),
                       .rest = rest};
  };
  for (auto at = uri.find_first_of("hH", host_end + 1); at != std::string_view::npos;
       at = uri.find_first_of("hH", at + 1)) {
    if (auto nested = found(at, host_end)) return nested;
  }
  for (const std::size_t length : {4U, 5U}) {
    if (host_end < host + 2 + length) continue;
    const auto at = host_end - length;
    if (auto nested = found(at, at - 1)) return nested;
  }
  return std::nullopt;
}

bool redirects_elsewhere(std::string_view uri, const RegistryBoundaries& boundaries) {
  const auto domain_of = [&boundaries](std::string_view host) {
    const auto location = boundaries.uri_to_domain(host);
    return location ? location->domain : std::string(host);
  };
  for (auto next = redirection(uri); next; next = redirection(next->rest)) {
    if (domain_of(next->from) != domain_of(next->to)) return true;
  }
  return false;
}

double http_redirector(ScannedMessage& message) {
  const auto& boundaries = message.settings().domains.boundaries;
  return std::ranges::any_of(message.uris().unique(), [&boundaries](const std::string& uri) {
    return redirects_elsewhere(uri, boundaries);
  });
}

/// Four numbers with dots between them at the front.
bool is_dotted_at_front(std::string_view text) {
  for (int numbers = 0; numbers < 4; ++numbers) {
    if (numbers > 0) {
      if (!text.starts_with('.')) return false;
      text.remove_prefix(1);
    }
    const auto end = std::ranges::find_if_not(text, is_digit);
    if (end == text.begin()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  }
  return true;
}

/// Of what stands behind the scheme: slashes, perhaps a user, then an address.
bool leads_to_address(std::string_view rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
  const auto user = rest.find_first_of("@/");
  const bool has_user = user != std::string_view::npos && user > 0 && rest[user] == '@';
  return (has_user && is_dotted_at_front(rest.substr(user + 1))) || is_dotted_at_front(rest);
}

bool names_https(std::string_view text) {
  for (auto colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':', colon + 1)) {
    if (colon >= 5 && equals_ignoring_case(text.substr(colon - 5, 5), "https")) return true;
  }
  return false;
}

bool promises_https(std::string_view text) {
  const bool address =
      starts_with_ignoring_case(text, "https:") && leads_to_address(text.substr(6));
  return !address && names_https(text);
}

/// A link to a bare address, under a text that shows an https URI of something else.
double https_ip_mismatch(ScannedMessage& message) {
  for (const auto leaf : message.parts().leaves()) {
    const auto& html = message.parts().all()[leaf].rendered().html;
    if (!html) continue;
    for (const auto& link : html->uris) {
      const auto scheme = web_scheme(link.uri);
      if (scheme == 0 || !leads_to_address(std::string_view(link.uri).substr(scheme))) continue;
      if (std::ranges::any_of(link.anchor_text, promises_https)) return 1;
    }
  }
  return 0;
}

double uri_truncated(ScannedMessage& message) { return message.uris().truncated() ? 1 : 0; }

template <double (*function)(ScannedMessage&)>
BindResult plain(const EvalArguments&, const RuleSettings&) {
  return function;
}

constexpr std::array<EvalFunction, 3> functions{{
    {"check_for_http_redirector", plain<http_redirector>},
    {"check_https_ip_mismatch", plain<https_ip_mismatch>},
    {"check_uri_truncated", plain<uri_truncated>},
}};

}  // namespace

EvalTable uri_evals() { return functions; }

}  // namespace postern
