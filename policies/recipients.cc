#include "policies/recipients.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "gateway/base/bytes.h"
#include "policies/address_lookup.h"

namespace postern {

struct RecipientPolicy::Recipient {
  std::string text;  // "user@example.org"
  std::string local;
  std::string domain;
  bool postmaster = false;
};

namespace {

/// The addresses in an alias' value, between commas and blanks outside of double quotes.
std::vector<std::string_view> split_addresses(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool end = i == text.size();
    if (!end && text[i] == '\\') {
      ++i;
    } else if (!end && text[i] == '"') {
      quoted = !quoted;
    } else if (end || (!quoted && (text[i] == ',' || is_space(text[i])))) {
      if (i > start) out.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  if (start < text.size()) out.push_back(text.substr(start));  // behind a final backslash
  return out;
}

/// An alias' target in full: "@example.net" keeps the local part, "user" is at this host.
Result<std::string> complete_target(std::string_view target, std::string_view local,
                                    const std::string& myhostname) {
  std::string text(target);
  if (target.starts_with('@')) {
    text = std::string(local) + text;
  } else if (target.find('@') == std::string_view::npos) {
    text += "@" + myhostname;
  }
  const auto address = parse_address(text);
  if (!address || address->domain.empty()) {
    return fail(std::errc::invalid_argument,
                "\"" + printable(target) + "\" is not an address: write user@example.org or " +
                    "@example.org, with commas in between");
  }
  return address->text();
}

Result<std::vector<std::string>> parse_targets(std::string_view value, std::string_view local,
                                               const std::string& myhostname) {
  std::vector<std::string> targets;
  for (const std::string_view word : split_addresses(value)) {
    TRY(auto target, complete_target(word, local, myhostname));
    targets.push_back(std::move(target));
  }
  if (targets.empty()) {
    return fail(std::errc::invalid_argument, "the alias has no address: remove it or name one");
  }
  return targets;
}

/// user+ext@domain from user@domain: an extension that no table knows stays with the mail.
std::string with_extension(const std::string& address, std::string_view extension,
                           std::string_view delimiters) {
  const std::size_t at = address.rfind('@');
  const std::string_view local = std::string_view(address).substr(0, at);
  if (local.ends_with('"') || !split_extension(local, delimiters).extension.empty()) return address;
  return std::string(local).append(extension).append(address, at);
}

bool routes_onward(std::string_view local) {
  return local.find_first_of("@%!") != std::string_view::npos;
}

RecipientAnswer refuse(RecipientAnswer::Kind kind, Reply reply) {
  return {kind, std::move(reply), {}, {}};
}

}  // namespace

RecipientPolicy RecipientPolicy::open(const PolicySettings& settings, std::string_view myhostname,
                                      std::shared_ptr<const DomainList> relay_domains,
                                      std::vector<Problem>& problems) {
  RecipientPolicy policy;
  policy.myhostname_ = to_lower(myhostname);
  policy.delimiters_ = settings.recipient_delimiter;
  policy.relay_domains_ = std::move(relay_domains);
  policy.alias_domains_ =
      DomainList::open(settings.virtual_alias_domains, DomainList::Subdomains::no, problems);
  policy.relay_recipients_ = MapList::open(settings.relay_recipient_maps, problems);
  policy.aliases_ = MapList::open(settings.virtual_alias_maps, problems);
  policy.expansion_limit_ = static_cast<std::size_t>(settings.virtual_alias_expansion_limit);
  policy.recursion_limit_ = static_cast<std::size_t>(settings.virtual_alias_recursion_limit);

  const std::string host = policy.myhostname_.empty() ? "localhost" : policy.myhostname_;
  for (const auto& map : policy.aliases_.maps()) {
    map->each_value([&](const std::string& where, std::string_view value) {
      const auto targets = parse_targets(value, "someone", host);
      if (!targets) problems.push_back({where, targets.error().what});
    });
  }
  return policy;
}

Result<RecipientPolicy::Domain> RecipientPolicy::classify(std::string_view domain) const {
  TRY(const bool alias, alias_domains_.contains(domain));
  if (alias) return Domain::alias;
  if (relay_domains_) {
    TRY(const bool relay, relay_domains_->contains(domain));
    if (relay) return Domain::relay;
  }
  if (equals_ignoring_case(domain, myhostname_)) return Domain::own_name;
  return Domain::foreign;
}

Result<bool> RecipientPolicy::is_ours(std::string_view domain) const {
  TRY(const Domain kind, classify(domain));
  return kind != Domain::foreign;
}

Result<std::optional<std::vector<std::string>>> RecipientPolicy::aliases_of(
    const std::string& address) const {
  if (aliases_.empty()) return std::nullopt;
  TRY(const auto match, aliases_.find(alias_keys(address, delimiters_)));
  if (!match) return std::nullopt;
  const std::string_view local = std::string_view(address).substr(0, address.rfind('@'));
  auto targets = parse_targets(match->value, local, myhostname_);
  if (!targets) {
    return fail_at(match->map + ", entry for \"" + printable(match->key, 80) + "\"",
                   std::move(targets).error());
  }
  const std::string_view extension = split_extension(local, delimiters_).extension;
  if (!extension.empty() && match->key == without_extension(address, delimiters_)) {
    for (std::string& target : *targets) target = with_extension(target, extension, delimiters_);
  }
  return std::move(*targets);
}

/// Breadth first, each address once: a loop ends where it began. An address that stands among its
/// own targets is meant as "and to the mailbox of that name, too".
Result<std::vector<std::string>> RecipientPolicy::expand(const std::string& address) const {
  struct Step {
    std::string address;
    std::size_t depth = 0;
  };
  std::vector<Step> steps = {{address, 0}};
  std::unordered_set<std::string> seen = {to_lower(address)};
  std::vector<std::string> finals;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step step = steps[i];
    TRY(const auto targets, aliases_of(step.address));
    if (!targets) {
      finals.push_back(step.address);
      continue;
    }
    if (step.depth >= recursion_limit_) {
      return fail(std::errc::too_many_symbolic_link_levels, "aliases of <" + printable(address) +
                                                                "> are nested deeper than " +
                                                                "virtual_alias_recursion_limit");
    }
    for (const std::string& target : *targets) {
      if (equals_ignoring_case(target, step.address)) {
        finals.push_back(step.address);
      } else if (seen.insert(to_lower(target)).second) {
        steps.push_back({target, step.depth + 1});
      }
    }
    if (steps.size() - i + finals.size() > expansion_limit_ + 1) {
      return fail(std::errc::argument_list_too_long, "<" + printable(address) +
                                                         "> expands to more addresses than " +
                                                         "virtual_alias_expansion_limit");
    }
  }
  if (finals.empty()) {
    return fail(std::errc::too_many_symbolic_link_levels,
                "the aliases of <" + printable(address) + "> form a loop without an end");
  }
  std::unordered_set<std::string> kept;
  std::erase_if(finals,
                [&kept](const std::string& final) { return !kept.insert(to_lower(final)).second; });
  return finals;
}

Result<bool> RecipientPolicy::known(const Recipient& recipient, Domain domain) const {
  if (!aliases_.empty()) {
    TRY(const auto alias, aliases_.find(alias_keys(recipient.text, delimiters_)));
    if (alias) return true;
  }
  if (domain != Domain::relay) return false;
  TRY(const auto listed, relay_recipients_.find(alias_keys(recipient.text, delimiters_)));
  return listed.has_value();
}

std::string RecipientPolicy::reader_of_postmaster(const Recipient& recipient, Domain domain) const {
  // Our own name may be a relay domain only as a subdomain of one; no store has mailboxes for it.
  const bool own = equals_ignoring_case(recipient.domain, myhostname_);
  const bool nowhere_to_go = own || domain == Domain::own_name || domain == Domain::alias;
  if (!nowhere_to_go || !relay_domains_ || !relay_domains_->first_name()) return recipient.text;
  return "postmaster@" + *relay_domains_->first_name();
}

Result<RecipientAnswer> RecipientPolicy::decide(Recipient recipient, bool may_relay) const {
  using Kind = RecipientAnswer::Kind;
  const std::string shown = "<" + recipient.text + ">: ";
  TRY(const Domain domain, classify(recipient.domain));
  if (domain == Domain::foreign) {
    if (!may_relay) {
      return refuse(Kind::relay_denied, reply(554, {5, 7, 1}, shown + "Relay access denied"));
    }
  } else {
    TRY(const bool listed, known(recipient, domain));
    const bool open_domain = domain == Domain::relay && relay_recipients_.empty();
    if (!listed && recipient.postmaster) {
      recipient.text = reader_of_postmaster(recipient, domain);
    } else if (!listed && !open_domain) {
      return refuse(Kind::unknown_user,
                    reply(550, {5, 1, 1}, shown + "Recipient address rejected: User unknown"));
    } else if (!listed && !may_relay && routes_onward(recipient.local)) {
      return refuse(Kind::relay_denied, reply(554, {5, 7, 1}, shown + "Relay access denied"));
    }
  }
  RecipientAnswer answer;
  TRY(answer.final_recipients, expand(recipient.text));
  return answer;
}

RecipientAnswer RecipientPolicy::answer(const Address& address, bool may_relay) const {
  Recipient recipient;
  recipient.local = address.local;
  recipient.domain = address.domain;
  recipient.postmaster = equals_ignoring_case(address.local, "postmaster");
  recipient.text = address.text();
  if (recipient.domain.empty()) {
    // Only <postmaster> may come without a domain (RFC 5321 §4.1.1.3).
    recipient.domain = myhostname_;
    recipient.text += "@" + myhostname_;
  }
  auto answer = decide(recipient, may_relay);
  if (answer) return std::move(*answer);
  auto refusal =
      refuse(RecipientAnswer::Kind::temporary_error,
             reply(451, {4, 3, 0}, "<" + recipient.text + ">: Temporary lookup failure"));
  refusal.error = answer.error().what;
  return refusal;
}

}  // namespace postern
