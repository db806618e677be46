#include "rules/uris/message_uris.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/uris/canonical_uri.h"
#include "rules/uris/octets_of_uris.h"
#include "rules/uris/text_uris.h"

namespace postern {
namespace {

constexpr std::size_t longest_uri = 8192;  // Constants.pm, MAX_URI_LENGTH
constexpr std::size_t most_uris = 8192;

void insert_sorted(std::vector<std::string>& list, const std::string& entry) {
  const auto at = std::ranges::lower_bound(list, entry);
  if (at == list.end() || *at != entry) list.insert(at, entry);
}

/// Where the value of the next "d=" tag starts at or behind `at`, npos where there is none.
std::size_t domain_tag(std::string_view field, std::size_t at) {
  for (at = field.find('=', at); at != std::string_view::npos; at = field.find('=', at + 1)) {
    auto name = at;
    while (name > 0 && is_space(field[name - 1])) --name;
    const bool is_tag = name > 0 && field[name - 1] == 'd' &&
                        (name == 1 || !uri_octet::is(field[name - 2], uri_octet::in_word));
    if (is_tag && at + 1 < field.size() && field[at + 1] != ';') return at + 1;
  }
  return std::string_view::npos;
}

/// Of characters up to U+00FF, one each.
std::string as_octets(std::string_view utf8) {
  std::string out;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto octet = static_cast<unsigned char>(utf8[at]);
    if (octet < 0xc0 || at + 1 == utf8.size())
      out.push_back(utf8[at]);
    else
      out.push_back(static_cast<char>(((octet & 3) << 6) | (utf8[++at] & 0x3f)));
  }
  return out;
}

std::string without_white_space(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return !is_space(c); });
  return out;
}

/// How a URI was found.
struct Source {
  std::set<std::string, std::less<>> types;
  UriText reading = UriText::octets;
  bool only_with_domain = false;  // dropped where no form of it has a valid host
  bool from_signature = false;    // a domain and no URI: no canonical forms
};

/// URIs on their way into a list, each raw one once.
class Gathering {
 public:
  Gathering(const DomainSettings& domains, Matcher& matcher)
      : domains_(domains), matcher_(matcher) {}

  void add_from_body(const std::vector<std::string>& body);
  void add_from_html(const HtmlText& html);
  void add_from_signature(std::string_view field);

  std::vector<Uri> take() { return std::move(detailed_); }
  bool truncated() const { return truncated_; }

 private:
  void add(const std::string& raw, const Source& source);

  const DomainSettings& domains_;
  Matcher& matcher_;
  std::map<std::string, std::size_t, std::less<>> numbers_;  // by raw URI, in detailed_
  std::vector<Uri> detailed_;
  bool truncated_ = false;
};

void Gathering::add_from_body(const std::vector<std::string>& body) {
  TextUris uris(domains_.boundaries);
  for (const auto& text : body) uris.add(text);
  for (const auto& found : uris.found()) {
    Source source{.types = {"parsed"}, .only_with_domain = true};
    if (found.schemeless) source.types.insert("schemeless");
    if (found.unlinked) source.types.insert("unlinked");
    add(found.uri, source);
  }
}

void Gathering::add_from_html(const HtmlText& html) {
  truncated_ = truncated_ || html.uri_truncated;
  for (const auto& link : html.uris) {
    Source source{.types = {link.types.begin(), link.types.end()},
                  .reading = link.unicode ? UriText::characters : UriText::octets};
    // One that only an anchor's text names has no element, and counts as found in text.
    if (source.types.empty()) source.types.insert("parsed");
    const std::string uri = link.unicode ? link.uri : as_octets(link.uri);
    add(uri, source);
    const auto number = numbers_.find(uri);
    if (number == numbers_.end()) continue;
    std::set<std::string_view> seen;
    for (const auto& text : link.anchor_text) {
      if (seen.insert(text).second) detailed_[number->second].anchor_text.push_back(text);
    }
  }
}

void Gathering::add_from_signature(std::string_view field) {
  for (auto at = domain_tag(field, 0); at != std::string_view::npos; at = domain_tag(field, at)) {
    const auto end = std::min(field.find(';', at), field.size());
    // A name of its own, so that it does not fall together with a link to that domain.
    add("domainkeys:" + without_white_space(field.substr(at, end - at)),
        {.types = {"domainkeys", "nocanon", "noclean"},
         .only_with_domain = true,
         .from_signature = true});
    at = end;
  }
}

void Gathering::add(const std::string& raw, const Source& source) {
  auto forms = source.from_signature ? std::vector<std::string>{raw}
                                     : canonical_forms(raw, source.reading, domains_, matcher_);
  std::vector<RegistryBoundaries::Location> locations;
  for (auto& form : forms) {
    if (form.size() > longest_uri) {
      truncated_ = true;
      form.resize(longest_uri);
    }
    if (auto location = domains_.boundaries.uri_to_domain(form))
      locations.push_back(std::move(*location));
  }
  if (source.only_with_domain && locations.empty()) return;
  if (!numbers_.contains(raw)) {
    if (detailed_.size() == most_uris) return;
    numbers_.emplace(raw, detailed_.size());
    detailed_.emplace_back().raw = raw;
  }
  auto& uri = detailed_[numbers_.find(raw)->second];
  if (!source.from_signature) {
    for (auto& form : forms) {
      if (std::ranges::find(uri.cleaned, form) == uri.cleaned.end())
        uri.cleaned.push_back(std::move(form));
    }
  }
  for (const auto& location : locations) {
    insert_sorted(uri.domains, location.domain);
    insert_sorted(uri.hosts, location.host);
  }
  uri.types.insert(source.types.begin(), source.types.end());
}

std::vector<std::string> unique_forms(const std::vector<Uri>& uris) {
  std::vector<std::string> out;
  for (const auto& uri : uris) out.insert(out.end(), uri.cleaned.begin(), uri.cleaned.end());
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

}  // namespace

MessageUris::MessageUris(const MessageParts& parts, const std::vector<std::string>& body,
                         const DomainSettings& domains, Matcher& matcher) {
  Gathering uris(domains, matcher);
  uris.add_from_body(body);
  for (const auto leaf : parts.leaves()) {
    if (const auto& html = parts.all()[leaf].rendered().html) uris.add_from_html(*html);
  }
  if (domains.parse_dkim_uris) {
    for (const std::string_view name : {"DomainKey-Signature", "DKIM-Signature"}) {
      for (const auto& field : parts.fields()) {
        if (equals_ignoring_case(field.name, name)) uris.add_from_signature(field.value);
      }
    }
  }
  truncated_ = uris.truncated();
  detailed_ = uris.take();
  unique_ = unique_forms(detailed_);
}

}  // namespace postern
