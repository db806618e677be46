// hash_values.cc — what lists of digests are asked about in one message: addresses, links, pieces
// of text, tags, attachments (HashBL.pm, check_hashbl_*).
#include <algorithm>
#include <set>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/evals/mail_addresses.h"
#include "rules/evals/message_addresses.h"
#include "rules/headers/ip_address.h"
#include "rules/hosts/host_name.h"
#include "rules/network/hash_list.h"

namespace postern {
namespace {

using Strings = std::vector<std::string>;

// Of one text; more than a list is ever asked about.
constexpr std::size_t most_matches = 1000;

/// Each once, in the order in which it was found.
class Found {
 public:
  void add(std::string value) {
    if (known_.insert(value).second) values_.push_back(std::move(value));
  }
  Strings take() { return std::move(values_); }

 private:
  std::set<std::string> known_;
  Strings values_;
};

bool is_skipped(std::string_view host, const RuleSettings& settings) {
  const auto& skipped = settings.lookups.skipped_domains;
  return skipped.contains(to_lower(host)) ||
         skipped.contains(to_lower(settings.domains.boundaries.trim_domain(host)));
}

/// The digests, without what hashbl_ignore names, by itself or by its digest.
Strings digested(const HashList& list, Strings values, const RuleSettings& settings) {
  const auto& ignored = settings.lookups.hash_lists.ignored;
  if (values.size() > list.options.most) values.resize(list.options.most);
  Strings out;
  for (const auto& value : values) {
    if (ignored.contains(to_lower(value))) continue;
    auto label = digest_label(list.options.digest, value);
    if (!ignored.contains(to_lower(label))) out.push_back(std::move(label));
  }
  return out;
}

// ---- addresses ----

struct Address {
  std::string_view user;
  std::string_view domain;
};
Address split_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return {address, {}};
  return {address.substr(0, at), address.substr(at + 1)};
}

void find_by_pattern(std::string_view text, ScannedMessage& message, Found& found) {
  const auto& settings = message.settings();
  const auto& pattern = *settings.lookups.hash_lists.address;
  for (const auto& groups : pattern.named_groups(text, most_matches, message.matcher())) {
    const auto address =
        std::ranges::find(groups, HashListSettings::address_group, &Regex::NamedGroup::name);
    const auto top =
        std::ranges::find(groups, HashListSettings::top_group, &Regex::NamedGroup::name);
    const bool known = top == groups.end() || settings.domains.boundaries.is_top(top->text);
    if (known && address != groups.end()) found.add(address->text);
  }
}

void find_addresses(std::string_view text, ScannedMessage& message, Found& found) {
  if (message.settings().lookups.hash_lists.address) return find_by_pattern(text, message, found);
  const auto& boundaries = message.settings().domains.boundaries;
  for (auto next = find_address(text, 0, boundaries); next;
       next = find_address(text, next->to, boundaries))
    found.add(std::string(text.substr(next->from, next->to - next->from)));
}

std::string without_quoted(std::string text, ScannedMessage& message) {
  const auto& quoted = message.settings().lookups.hash_lists.quoted_address;
  if (!quoted) return without_quoted_addresses(text, message.settings().domains.boundaries);
  std::string out;
  std::size_t done = 0;
  Regex::Span span;
  while (quoted->find(text, done, false, message.matcher(), span) == Regex::Outcome::match &&
         !span.empty()) {
    out.append(text, done, span.from - done) += ' ';
    done = span.to;
  }
  return out.append(text, done);
}

/// Links to mailboxes, which the text does not show, and the text as a whole.
std::string text_of_body(const HashOptions& options, ScannedMessage& message) {
  constexpr std::string_view scheme = "mailto:";
  std::string out;
  for (const auto& uri : message.uris().detailed()) {
    const bool hidden = uri.types.contains("a") && !uri.types.contains("parsed");
    if (hidden && uri.raw.size() > scheme.size() && starts_with_ignoring_case(uri.raw, scheme))
      out.append(uri.raw, scheme.size()) += '\n';
  }
  std::string body;
  for (const auto& line : message.body()) body += line;
  if (options.no_uri) body = without_address_links(body);
  if (options.no_quote) body = without_quoted(std::move(body), message);
  return out += body;
}

Strings addresses_in(std::string_view place, const HashOptions& options, ScannedMessage& message) {
  if (place == "ALLFROM") return message.memo<SenderAddresses>().as_written;
  Found found;
  if (place == "body") {
    find_addresses(text_of_body(options, message), message, found);
  } else if (const auto source = parse_header_source(place)) {
    if (const auto& value = message.headers().get(*source)) find_addresses(*value, message, found);
  }
  return found.take();
}

std::set<std::string> own_recipients(ScannedMessage& message) {
  std::set<std::string> out;
  for (const std::string_view field :
       {"X-Original-To:addr", "Apparently-To:addr", "Delivered-To:addr", "Envelope-To:addr"}) {
    for (const auto& address : message.headers().list(field)) out.insert(to_lower(address));
  }
  out.erase("");
  return out;
}

/// What is asked of an address; nothing where the address is not to be asked about.
std::string asked_of(const HashList& list, const std::string& address, ScannedMessage& message) {
  const HashOptions& options = list.options;
  const auto [user, domain] = split_address(address);
  if (list.welcome->matches(address, message.matcher()) == Regex::Outcome::match) return {};
  if (list.acl.empty() && is_skipped(domain, message.settings())) return {};
  std::string out;
  if (options.host || options.domain) {
    out = options.domain ? message.settings().domains.boundaries.trim_domain(domain) : domain;
  } else {
    out = user;
    if (options.no_dot) std::erase(out, '.');
    if (options.no_tag) out.resize(std::min(out.find('+'), out.size()));
    if (!options.user) out.append("@").append(domain);
  }
  return options.keep_case ? out : to_lower(out);
}

Strings mail_addresses(const HashList& list, ScannedMessage& message) {
  const auto& settings = message.settings().lookups.hash_lists;
  Found found;
  bool text_was_searched = false;
  for (const auto piece : split(list.headers, '/')) {
    const auto place = trim(piece);
    text_was_searched = text_was_searched || place != "ALLFROM";
    for (auto& address : addresses_in(place, list.options, message)) {
      const auto [user, domain] = split_address(address);
      if (domain.empty()) continue;
      if (const auto alias = settings.domain_aliases.find(to_lower(domain));
          alias != settings.domain_aliases.end())
        address = std::string(user) + "@" + alias->second;
      if (!list.acl.empty() && list.acl != "all" &&
          !settings.admits(list.acl, split_address(address).domain))
        continue;
      found.add(std::move(address));
    }
  }
  // Whom the message is for is known only where text was searched (HashBL.pm, _parse_emails).
  const auto ours = text_was_searched ? own_recipients(message) : std::set<std::string>{};
  Found asked;
  for (const auto& address : found.take()) {
    if (ours.contains(address)) continue;
    if (auto value = asked_of(list, address, message); !value.empty()) asked.add(std::move(value));
  }
  return asked.take();
}

// ---- links, text, attachments ----

Strings links(const HashList& list, ScannedMessage& message) {
  Found found;
  for (const auto& uri : message.uris().detailed()) {
    if (starts_with_ignoring_case(uri.raw, "mailto:") || uri.hosts.empty()) continue;
    if (!uri.types.contains("a") && !uri.types.contains("parsed")) continue;
    const auto skipped = [&](const std::string& host) {
      return is_skipped(host, message.settings());
    };
    if (std::ranges::any_of(uri.hosts, skipped)) continue;
    for (const auto& form : uri.cleaned) found.add(list.options.keep_case ? form : to_lower(form));
  }
  return found.take();
}

Strings pieces_of_text(const HashList& list, ScannedMessage& message) {
  Found found;
  for (const auto& line : list.raw_body ? message.rawbody() : message.body()) {
    for (auto& piece : list.pattern->first_groups(line, most_matches, message.matcher())) {
      std::string value = list.options.keep_case ? std::move(piece) : to_lower(piece);
      if (list.options.digits) std::erase_if(value, [](char c) { return !is_digit(c); });
      if (!value.empty()) found.add(std::move(value));
    }
  }
  return found.take();
}

/// Digests, already: those are what must differ, and what hashbl_ignore is asked about.
Strings attachments(const HashList& list, ScannedMessage& message) {
  const HashOptions& options = list.options;
  const auto& ignored = message.settings().lookups.hash_lists.ignored;
  Found found;
  for (const auto i : message.parts().leaves()) {
    const Part& part = message.parts().all()[i];
    const auto& octets = part.decoded();
    if (octets.empty() || ignored.contains(to_lower(part.type)) ||
        ignored.contains(to_lower(part.name)))
      continue;
    if (octets.size() < options.smallest) continue;
    // SpamAssassin 4.0.1 measures against minsize in both cases.
    if (options.has_largest && octets.size() > options.smallest) continue;
    found.add(digest_label(options.digest, octets));
  }
  auto out = found.take();
  if (out.size() > options.most) out.resize(options.most);
  std::erase_if(out, [&](const auto& label) { return ignored.contains(to_lower(label)); });
  return out;
}

/// A tag's value as it is asked for; nothing where it is of another kind than the rule wants.
std::string asked_of_tag(const HashOptions& options, std::string value,
                         const RuleSettings& settings) {
  const bool ipv4 = is_ipv4_address(value);
  if (is_ip_address(value)) {
    if ((options.ipv4 && !ipv4) || (options.ipv6 && ipv4)) return {};
    return options.reversed ? reversed_ip(value).value_or("") : value;
  }
  if (options.ip || options.ipv4 || options.ipv6) return {};
  const bool qualified = is_fully_qualified(value);
  if (options.qualified && !qualified) return {};
  if (qualified && is_skipped(value, settings)) return {};
  const auto& boundaries = settings.domains.boundaries;
  if (options.known_top && !boundaries.is_domain_valid(value)) return {};
  return options.trimmed && qualified ? boundaries.trim_domain(value) : value;
}

}  // namespace

Strings hashes(const HashList& list, ScannedMessage& message) {
  switch (list.subject) {
    case HashSubject::emails:
      return digested(list, mail_addresses(list, message), message.settings());
    case HashSubject::uris:
      return digested(list, links(list, message), message.settings());
    case HashSubject::body:
      return digested(list, pieces_of_text(list, message), message.settings());
    case HashSubject::attachments:
      return attachments(list, message);
    case HashSubject::tag:
      return {};
  }
  return {};
}

Strings tag_hashes(const HashList& list, Strings values, const ScannedMessage& message) {
  Found found;
  for (auto& value : values) {
    auto asked =
        asked_of_tag(list.options, list.options.keep_case ? std::move(value) : to_lower(value),
                     message.settings());
    if (!asked.empty()) found.add(std::move(asked));
  }
  return digested(list, found.take(), message.settings());
}

}  // namespace postern
