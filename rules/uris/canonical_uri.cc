#include "rules/uris/canonical_uri.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/uris/numeric_host.h"
#include "rules/uris/percent.h"
#include "rules/uris/uri_references.h"
#include "rules/uris/web_address.h"

namespace postern {
namespace {

// Each is shorter than the one before; without limits they would cost the square of the URI. A real
// chain has two or three.
constexpr std::size_t most_redirections = 64;
constexpr std::size_t most_redirected = 65'536;  // octets of all targets of one URI

/// Without line ends, and without white space around.
std::string cleaned(std::string_view uri) {
  std::string out;
  out.reserve(uri.size());
  std::ranges::copy_if(uri, std::back_inserter(out), [](char c) { return c != '\n'; });
  const auto inner = trim(out);
  std::string result;
  result.reserve(inner.size());
  std::ranges::copy_if(inner, std::back_inserter(result), [](char c) { return c != '\r'; });
  return result;
}

bool is_one_character(std::string_view uri) {
  return static_cast<unsigned char>(uri.front()) >= 0xc0 &&
         std::ranges::all_of(uri.substr(1), [](char c) { return (c & 0xc0) == 0x80; });
}

/// "#top", "?query", "/path": no host can be found in them. "//host" is one.
bool is_local_reference(std::string_view uri, UriText reading) {
  if (uri.size() <= 1 || (reading == UriText::characters && is_one_character(uri))) return true;
  return std::string_view("#?&").find(uri[0]) != std::string_view::npos ||
         (uri[0] == '/' && uri[1] != '/');
}

bool is_mail(std::string_view uri) {
  if (starts_with_ignoring_case(uri, "mailto:")) return true;
  const auto mark = uri.find_first_of("@:");
  return mark != std::string_view::npos && uri[mark] == '@';
}

/// http://host?x and http://host#x have a path after all.
void give_a_path(std::string& uri) {
  std::size_t start = 0;
  if (starts_with_ignoring_case(uri, "http://"))
    start = 7;
  else if (starts_with_ignoring_case(uri, "https://"))
    start = 8;
  if (start == 0) return;
  const auto end = uri.find_first_of("/?#", start);
  if (end != std::string::npos && end > start && uri[end] != '/') uri.insert(end, 1, '/');
}

/// "http:host" and "http:/host" have two slashes after all.
void give_slashes(std::string& uri) {
  std::size_t colon = 0;
  if (starts_with_ignoring_case(uri, "http:"))
    colon = 4;
  else if (starts_with_ignoring_case(uri, "https:"))
    colon = 5;
  if (colon == 0) return;
  std::size_t slashes = 0;
  while (slashes < 2 && uri.substr(colon + 1 + slashes, 1) == "/") ++slashes;
  if (slashes < 2) uri.replace(colon + 1, slashes, "//");
}

void give_scheme(std::string& uri) {
  std::size_t end = 0;
  while (end < uri.size() &&
         (is_alpha(uri[end]) || is_digit(uri[end]) || uri[end] == '-' || uri[end] == '_'))
    ++end;
  if (end > 0 && end < uri.size() && uri[end] == ':') return;
  uri.insert(0, uri.starts_with("ftp.") ? "ftp://" : "http://");
}

std::string freed_of_tricks(std::string_view uri, UriText reading) {
  std::string out(uri);
  std::ranges::replace(out, '\\', '/');  // some readers take them for the same
  give_slashes(out);
  if (has_percent_encoding(out)) out = with_plain_encoding(out, reading == UriText::characters);
  give_scheme(out);
  give_a_path(out);
  return without_references(std::move(out));
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_control(char c) { return static_cast<unsigned char>(c) <= 0x20; }

/// Each octet over 0x7F as the character of its number: SpamAssassin 4.0.1 lists hosts in HTML
/// that are not ASCII so, since it puts octets and characters together.
std::string encoded_again(std::string_view host) {
  std::string out;
  for (const char c : host) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xc0 | (octet >> 6)));
      out.push_back(static_cast<char>(0x80 | (octet & 0x3f)));
    }
  }
  return out;
}

/// The first "http:" or "https:" with something behind it, up to '&' or '#'.
std::string_view nested_uri(std::string_view rest) {
  for (auto at = rest.find(':'); at != std::string_view::npos; at = rest.find(':', at + 1)) {
    std::size_t start = std::string_view::npos;
    for (const std::string_view scheme : {"https", "http"}) {
      if (start == std::string_view::npos && at >= scheme.size() &&
          equals_ignoring_case(rest.substr(at - scheme.size(), scheme.size()), scheme))
        start = at - scheme.size();
    }
    if (start == std::string_view::npos) continue;
    const auto end = std::min(rest.find_first_of("&#", at), rest.size());
    if (end > at + 1) return rest.substr(start, end - start);
  }
  return {};
}

/// All forms of one URI as they are found; those that it redirects to wait for their turn.
class Forms {
 public:
  Forms(UriText reading, const DomainSettings& settings, Matcher& matcher)
      : reading_(reading), settings_(settings), matcher_(matcher) {}

  std::vector<std::string> of(std::string_view uri) {
    redirections_.emplace_back(uri);
    for (std::size_t i = 0; i < redirections_.size(); ++i) {
      std::string now = cleaned(redirections_[i]);
      add(now);
      if (is_local_reference(now, reading_)) continue;
      if (is_mail(now))
        add_mailboxes(now);
      else
        add_web_forms(now);
    }
    return std::move(forms_);
  }

 private:
  void add(std::string form) {
    if (std::ranges::find(forms_, form) == forms_.end()) forms_.push_back(std::move(form));
  }
  void follow(std::string_view target) {
    redirected_ += target.size();
    if (redirections_.size() <= most_redirections && redirected_ <= most_redirected)
      redirections_.emplace_back(target);
  }
  void add_mailboxes(std::string_view uri);
  void add_web_forms(const std::string& uri);
  void follow_redirection(const WebAddress& address);
  void add_plain_hosts(WebAddress address, std::string_view host_as_written);
  void add_guessed_host(const WebAddress& address, std::string_view host_as_written);

  UriText reading_;
  const DomainSettings& settings_;
  Matcher& matcher_;
  std::vector<std::string> forms_;
  std::vector<std::string> redirections_;
  std::size_t redirected_ = 0;
};

/// Parameters, blanks and names around a mail address are left away, each in a form of its own.
void Forms::add_mailboxes(std::string_view uri) {
  const auto at = uri.find('@');
  if (at == std::string_view::npos || at == 0) return;
  const auto up_to = [&](std::string_view enders) {
    return std::min(uri.find_first_of(enders, at + 1), uri.size());
  };
  if (const auto end = up_to("?"); end < uri.size() && end > at + 1)
    add(std::string(uri.substr(0, end)));
  if (const auto end = up_to("?&"); end < uri.size() && end > at + 1 && uri[end] == '&')
    add(std::string(uri.substr(0, end)));
  if (uri.find("%20") != std::string_view::npos) {
    std::size_t start = uri.starts_with("mailto:") ? 7 : 0;
    if (start == at) start = 0;
    while (uri.substr(start).starts_with("%20") && start + 3 < at) start += 3;
    if (const auto end = up_to("?&%"); end > at + 1)
      add("mailto:" + std::string(uri.substr(start, end - start)));
  }
  if (const auto mailbox = bracketed_mailbox(uri); !mailbox.empty())
    add("mailto:" + std::string(mailbox));
}

void Forms::add_web_forms(const std::string& uri) {
  const std::string plain = freed_of_tricks(uri, reading_);
  add(plain);
  auto address = web_address(plain);
  if (!address) return;
  const auto rest = rest_without_default_port(*address, reading_);
  if (rest.size() < address->rest.size()) add(address->with(address->host, rest));
  std::string as_written = to_lower(address->host);
  if (reading_ == UriText::characters && !is_ascii(as_written)) {
    address->host = as_written = encoded_again(as_written);
    add(address->text());
    if (!address->port.empty() && !rest.empty()) add(address->with(address->host, rest));
  }
  if (std::erase_if(address->host, is_control) > 0) add(address->text());
  follow_redirection(*address);
  add_plain_hosts(std::move(*address), as_written);
}

/// What a redirector pattern says comes first; else a URI inside the URI is taken.
void Forms::follow_redirection(const WebAddress& address) {
  const std::string text = address.text();
  for (const auto& pattern : settings_.redirectors) {
    std::optional<Regex::Span> target;
    if (pattern->first_group(text, matcher_, target) != Regex::Outcome::match || !target) continue;
    const auto found = std::string_view(text).substr(target->from, target->to - target->from);
    if (found.find('.') != std::string_view::npos) return follow(found);
  }
  if (const auto nested = nested_uri(address.rest); nested.find('.') != std::string_view::npos)
    follow(nested);
}

/// `host_as_written` is in lower case, but as it stood before controls were taken out.
void Forms::add_plain_hosts(WebAddress address, std::string_view host_as_written) {
  auto& host = address.host;
  if (const auto at = host.find('@'); at != std::string::npos && at > 0) {
    host.erase(0, at + 1);
    add(address.text());
  }
  const auto end = std::ranges::find_if(host.rbegin(), host.rend(),
                                        [](char c) { return is_alpha(c) || is_digit(c); });
  if (end != host.rbegin()) {
    host.erase(end.base(), host.end());
    add(address.text());
  }
  if (const auto plain = plain_ipv4(host)) return add(address.with(*plain, address.rest));
  add_guessed_host(address, host_as_written);
}

/// http://word leads to www.word.com in Firefox.
void Forms::add_guessed_host(const WebAddress& address, std::string_view host_as_written) {
  const bool plain_port = address.port.empty() || address.port == "80";
  if (address.scheme != "http://" || address.has_user || !plain_port) return;
  if (host_as_written == "localhost" || settings_.boundaries.is_domain_valid(host_as_written))
    return;
  auto word = host_as_written;
  if (word.starts_with("www.") && word.size() > 4) word.remove_prefix(4);
  if (word.find('.') != std::string_view::npos) return;
  add(address.with("www." + std::string(word) + ".com", address.rest));
}

}  // namespace

std::vector<std::string> canonical_forms(std::string_view uri, UriText reading,
                                         const DomainSettings& settings, Matcher& matcher) {
  return Forms(reading, settings, matcher).of(uri);
}

}  // namespace postern
