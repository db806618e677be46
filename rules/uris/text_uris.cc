#include "rules/uris/text_uris.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/hosts/host_name.h"
#include "rules/uris/octets_of_uris.h"
#include "rules/uris/percent.h"

namespace postern {
namespace {

using Kind = FoundInText::Kind;

/// Without what belongs to the sentence around it: from the last ')' on where no '(' stands before
/// it, then punctuation at the end.
std::string_view without_sentence(std::string_view raw) {
  const auto close = raw.substr(0, raw.find('(')).rfind(')');
  raw = raw.substr(0, close);
  while (!raw.empty() && uri_octet::is(raw.back(), uri_octet::trailing_mark)) raw.remove_suffix(1);
  return raw;
}

bool begins_with_any(std::string_view text, auto words) {
  return std::ranges::any_of(
      words, [text](std::string_view word) { return starts_with_ignoring_case(text, word); });
}

/// "http:", "cid://" and the like with nothing behind them.
bool is_bare_scheme(std::string_view raw) {
  for (int slashes = 0; slashes < 2 && raw.ends_with('/'); ++slashes) raw.remove_suffix(1);
  if (raw.size() < 2 || raw.back() != ':') return false;
  raw.remove_suffix(1);
  return std::ranges::all_of(raw, [](char c) { return uri_octet::is(c, uri_octet::in_word); });
}

bool has_web_host_in_front(std::string_view raw) {
  if (!starts_with_ignoring_case(raw, "www")) return false;
  raw.remove_prefix(3);
  for (int digits = 0; digits < 2 && !raw.empty() && is_digit(raw.front()); ++digits)
    raw.remove_prefix(1);
  return raw.starts_with('.');
}

/// A '/' in front of the '@': no mail address, whatever the pattern took it for.
bool has_path_before_at(std::string_view raw) {
  const auto slash = raw.find('/');
  const auto at = raw.rfind('@');
  return slash != std::string_view::npos && at != std::string_view::npos && at > slash + 1;
}

/// "Email:", "skype:" or a mere colon in front of an address is what a label left behind.
std::string_view without_label(std::string_view address) {
  constexpr std::array<std::string_view, 5> labels{"skype", "e-mail", "email", "-mail", "mail"};
  for (const auto label : labels) {
    if (starts_with_ignoring_case(address, label) &&
        address.substr(label.size()).starts_with(':')) {
      address.remove_prefix(label.size());
      break;
    }
  }
  while (address.starts_with(':')) address.remove_prefix(1);
  return address;
}

/// What stands behind the first '@', up to parameters, blanks at the end taken off.
std::optional<std::string_view> domain_of_mailto(std::string_view uri) {
  const auto at = uri.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  auto host = uri.substr(at + 1);
  host = host.substr(0, host.find_first_of("?&>"));
  while (host.ends_with("%20")) host.remove_suffix(3);
  return host;
}

/// A scheme put in front where there is none; nothing for what only looks like an address.
std::optional<TextUri> with_scheme(std::string_view raw) {
  constexpr std::array<std::string_view, 4> linked{"http:", "https:", "ftp:", "mailto:"};
  if (begins_with_any(raw, linked)) return TextUri{.uri = std::string(raw)};
  const auto behind = [raw](std::string_view scheme) {
    return TextUri{.uri = std::string(scheme).append(raw), .schemeless = true};
  };
  if (starts_with_ignoring_case(raw, "ftp.")) return behind("ftp://");
  if (has_web_host_in_front(raw) || has_path_before_at(raw)) return behind("http://");
  const auto at = raw.find('@');
  const auto dot = raw.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  if (at == std::string_view::npos) {
    auto uri = behind("http://");
    uri.unlinked = true;
    return uri;
  }
  if (dot < at + 2 || raw.find("&nbsp;") != std::string_view::npos) return std::nullopt;
  return TextUri{.uri = "mailto:" + std::string(without_label(raw)), .schemeless = true};
}

}  // namespace

std::optional<TextUri> TextUris::as_link(std::string_view raw) const {
  constexpr std::array<std::string_view, 2> content_ids{"cid:", "mid:"};
  if (begins_with_any(raw, content_ids) || is_bare_scheme(raw)) return std::nullopt;
  auto link = with_scheme(raw);
  if (!link || !starts_with_ignoring_case(link->uri, "mailto:")) return link;
  if (has_percent_encoding(link->uri)) link->uri = with_plain_encoding(link->uri, false);
  const auto domain = domain_of_mailto(link->uri);
  if (!domain || !boundaries_.is_domain_valid(*domain)) return std::nullopt;
  return link;
}

void TextUris::keep(const FoundInText& found) {
  const auto raw = without_sentence(found.text);
  if (!seen_.insert(raw).second) return;
  if (found.kind == Kind::mail && raw.find('@') == std::string_view::npos) return;
  if (found.kind == Kind::schemeless && !is_fully_qualified(found.host)) return;
  if (auto link = as_link(raw)) found_.push_back(std::move(*link));
}

void TextUris::add(std::string_view text) {
  TextScanner scanner(text, boundaries_);
  while (const auto found = scanner.next()) keep(*found);
}

}  // namespace postern
