#include "rules/uris/uri.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t most_uris = 8192;
constexpr std::size_t longest_uri = 8192;
constexpr std::size_t most_in_a_token = 8;

constexpr std::array<std::string_view, 3> schemes{"http", "https", "ftp"};

// Where no scheme says that a word is an address, its last label must: the domains that mail
// really shows, since any word with a dot in it would be one otherwise.
constexpr std::array<std::string_view, 48> top_domains{
    "app", "at",   "au",     "biz", "br",  "ca",      "cc",   "ch",    "click", "club",
    "cn",  "co",   "com",    "cz",  "de",  "edu",     "es",   "eu",    "fr",    "gov",
    "in",  "info", "io",     "it",  "jp",  "link",    "live", "me",    "mil",   "mobi",
    "net", "nl",   "online", "org", "ru",  "shop",    "site", "space", "store", "su",
    "top", "tv",   "uk",     "us",  "vip", "website", "work", "xyz"};
static_assert(std::ranges::is_sorted(top_domains));

/// What ends an address in running text. Octets over 0x7F do, since scripts without blanks run on.
bool separates(char c) {
  const auto octet = static_cast<unsigned char>(c);
  if (octet <= 0x20 || octet >= 0x7f) return true;
  return std::string_view("<>\"`{}|\\^").find(c) != std::string_view::npos;
}

bool in_host(char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; }

/// Without what belongs to the sentence around the address.
std::string_view without_punctuation(std::string_view token) {
  // A bracket belongs to the address as far as it was opened inside: http://x/a_(b)
  auto round = std::ranges::count(token, ')') - std::ranges::count(token, '(');
  auto square = std::ranges::count(token, ']') - std::ranges::count(token, '[');
  while (!token.empty()) {
    const char last = token.back();
    const bool bracket = (last == ')' && round-- > 0) || (last == ']' && square-- > 0);
    if (!bracket && std::string_view(".,;:!?'*_~").find(last) == std::string_view::npos) break;
    token.remove_suffix(1);
  }
  return token;
}

std::string_view host_of(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && in_host(text[end])) ++end;
  return text.substr(0, end);
}

bool plausible_host(std::string_view host) {
  const auto labels = split(host, '.');
  return labels.size() >= 2 && host.size() <= 255 && std::ranges::all_of(labels, [](auto label) {
           return !label.empty() && label.size() <= 63 && label.front() != '-';
         });
}

bool has_common_top(std::string_view host) {
  const auto dot = host.rfind('.');
  return dot != std::string_view::npos &&
         std::ranges::binary_search(top_domains, to_lower(host.substr(dot + 1)));
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char folded = lower(c);
  return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/// %41 becomes A where what comes out is a plain character; the host goes to lower case.
std::string plain_form(std::string_view uri) {
  std::string out;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '%' && i + 2 < uri.size() && hex_value(uri[i + 1]) >= 0 &&
        hex_value(uri[i + 2]) >= 0) {
      const int octet = hex_value(uri[i + 1]) * 16 + hex_value(uri[i + 2]);
      if (octet > 0x20 && octet < 0x7f && octet != '%') {
        out += static_cast<char>(octet);
        i += 2;
        continue;
      }
    }
    out += uri[i];
  }
  const auto scheme = out.find("://");
  if (scheme == std::string::npos) return out;
  const auto end = std::min(out.find_first_of("/?#", scheme + 3), out.size());
  std::transform(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(end), out.begin(), lower);
  return out;
}

bool is_web(std::string_view uri) {
  return starts_with_ignoring_case(uri, "http://") || starts_with_ignoring_case(uri, "https://") ||
         starts_with_ignoring_case(uri, "ftp://");
}

/// RFC 3986 §4.1: a scheme, then a colon.
bool has_scheme(std::string_view uri) {
  const auto colon = uri.find_first_of(":/?#");
  return colon != std::string_view::npos && uri[colon] == ':' && colon > 0 && is_alpha(uri.front());
}

std::string resolve(std::string_view link, std::string_view base) {
  if (link.starts_with("//")) return "http:" + std::string(link);
  if (has_scheme(link) || !is_web(base)) return std::string(link);
  const auto path = base.find('/', base.find("://") + 3);
  const auto site = base.substr(0, path);
  if (link.starts_with('/')) return std::string(site) + std::string(link);
  if (path == std::string_view::npos) return std::string(site) + '/' + std::string(link);
  return std::string(base.substr(0, base.rfind('/') + 1)) + std::string(link);
}

}  // namespace

void UriList::keep(std::string uri) {
  if (uri.empty() || found_.size() >= most_uris) return;
  if (uri.size() > longest_uri) uri.resize(longest_uri);
  if (seen_.insert(uri).second) found_.push_back(std::move(uri));
}

void UriList::add(std::string uri) {
  auto plain = plain_form(uri);
  keep(std::move(uri));
  keep(std::move(plain));
}

/// Every "scheme://" in the token: an address may carry another one to redirect to.
bool UriList::add_with_scheme(std::string_view token) {
  std::size_t found = 0;
  for (std::size_t at = token.find("://"); at != std::string_view::npos && found < most_in_a_token;
       at = token.find("://", at + 3)) {
    std::size_t start = at;
    while (start > 0 && at - start < 8 && is_alpha(token[start - 1])) --start;
    std::string scheme = to_lower(token.substr(start, at - start));
    // A word may be stuck to the scheme: "seehttp://…".
    const auto known =
        std::ranges::find_if(schemes, [&](auto name) { return scheme.ends_with(name); });
    if (known == schemes.end()) continue;
    const auto uri = token.substr(at - known->size());
    if (uri.size() <= known->size() + 3) continue;
    add(std::string(uri));
    ++found;
  }
  return found > 0;
}

void UriList::add_token(std::string_view token) {
  const auto start = token.find_first_not_of("([*_'~");
  token = without_punctuation(token.substr(std::min(start, token.size())));
  if (token.size() < 4 || add_with_scheme(token)) return;
  if (starts_with_ignoring_case(token, "mailto:")) return add(std::string(token));
  if (const auto at = token.rfind('@'); at != std::string_view::npos) {
    const auto domain = token.substr(at + 1);
    if (at > 0 && plausible_host(domain) && host_of(domain) == domain)
      add("mailto:" + std::string(token));
    return;
  }
  const auto host = host_of(token);
  const bool ends_well =
      host.size() == token.size() ||
      std::string_view("/?#:").find(token[host.size()]) != std::string_view::npos;
  if (!ends_well || !plausible_host(host)) return;
  if (starts_with_ignoring_case(host, "ftp.")) return add("ftp://" + std::string(token));
  if (starts_with_ignoring_case(host, "www.") || has_common_top(host))
    add("http://" + std::string(token));
}

void UriList::add_from_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size() && found_.size() < most_uris;) {
    while (at < text.size() && separates(text[at])) ++at;
    const auto start = at;
    while (at < text.size() && !separates(text[at])) ++at;
    add_token(text.substr(start, std::min(at - start, longest_uri)));
  }
}

void UriList::add_link(std::string_view link, std::string_view base) {
  std::string clean;
  for (const char c : trim(link).substr(0, longest_uri)) {
    if (c != '\r' && c != '\n' && c != '\t') clean += c;
  }
  if (clean.empty() || clean.starts_with('#')) return;
  add(resolve(clean, trim(base)));
}

std::vector<std::string> UriList::take() {
  seen_.clear();
  return std::exchange(found_, {});
}

}  // namespace postern
