// FreeMail.pm of SpamAssassin 4.0.1: senders with a mailbox that anyone gets, and answers that go
// to another one.
#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <string>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/mail_addresses.h"
#include "rules/evals/message_addresses.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

using Addresses = std::vector<std::string>;

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// Whether `text` has the form: 'h' for a digit of base 16, others for themselves.
bool has_form(std::string_view text, std::string_view form) {
  return text.size() == form.size() && std::ranges::equal(text, form, [](char c, char f) {
           return f == 'h' ? is_hex(c) : c == f;
         });
}

/// "a=b=c", as services write whom they forward for.
bool is_forwarded(std::string_view local) {
  const auto first = local.find('=', 1);
  if (first == std::string_view::npos) return false;
  const auto second = local.find('=', first + 2);
  return second != std::string_view::npos && second + 1 < local.size();
}

/// Boxes that belong to a domain's staff or to machines, whoever the provider is. In lower case.
bool is_role(std::string_view address) {
  static constexpr std::array<std::string_view, 12> roles{
      "abuse",   "support",    "sales",      "info",         "helpdesk", "contact",
      "kontakt", "postmaster", "hostmaster", "domainmaster", "bounce-",  "bounced-"};
  static constexpr std::array<std::string_view, 3> forms{
      "request-hhhhhhhhhhhhhhhh", "hhhhhhhh.hhhhhhhh", "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"};
  const auto at = address.find('@');
  if (at == std::string_view::npos) return false;
  const auto local = address.substr(0, at);
  const auto before_last_at = address.substr(0, address.rfind('@'));
  return address.starts_with("undisclosed") || is_forwarded(before_last_at) ||
         std::ranges::find(roles, local) != roles.end() ||
         std::ranges::any_of(forms, [local](auto form) { return has_form(local, form); });
}

/// `address` in lower case.
bool is_freemail(const std::string& address, const RuleSettings& settings) {
  const auto& freemail = settings.freemail;
  const auto at = address.rfind('@');
  const auto domain = at == std::string::npos ? std::string_view(address)
                                              : std::string_view(address).substr(at + 1);
  if (address.empty() || !freemail.has_domain(domain) || freemail.exempt.contains(address) ||
      freemail.exempt.contains(domain) || is_role(address))
    return false;
  const auto authenticated = [&](std::string_view list) {
    return settings.lists.find(list)->matches(address);
  };
  return !(freemail.exempt_welcomelist_auth && authenticated("welcomelist_auth")) &&
         !(freemail.exempt_default_welcomelist_auth && authenticated("def_welcomelist_auth"));
}

Addresses lowered(const std::vector<std::string>& addresses) {
  Addresses out;
  for (const auto& address : addresses) out.push_back(to_lower(address));
  return out;
}

/// The free mailboxes that a body names. Finding them takes quoted addresses out of the body that
/// later rules see: SpamAssassin changes its text in place, and rules' hits depend on it.
class BodyFreemails {
 public:
  explicit BodyFreemails(ScannedMessage& message) {
    collect_links(message);
    collect_text(message);
    judge(message.settings());
  }

  /// Nothing where the body has so many addresses that they say nothing.
  const std::vector<std::string>* found() const { return over_maximum_ ? nullptr : &freemails_; }

 private:
  static constexpr std::size_t most_linked = 20;
  static constexpr std::size_t most_found = 40;

  void add(std::string_view address) {
    auto lower_case = to_lower(address);
    if (std::ranges::find(addresses_, lower_case) == addresses_.end())
      addresses_.push_back(std::move(lower_case));
  }

  /// Of links that the text does not show.
  void collect_links(ScannedMessage& message) {
    constexpr std::string_view mailto = "mailto:";
    const auto& boundaries = message.settings().domains.boundaries;
    for (const auto& uri : message.uris().detailed()) {
      if (!uri.types.contains("a") || uri.types.contains("parsed")) continue;
      if (!starts_with_ignoring_case(uri.raw, mailto)) continue;
      const std::string_view raw = uri.raw;
      if (const auto found = address_at(raw, mailto.size(), boundaries))
        add(raw.substr(found->from, found->to - found->from));
      if (addresses_.size() >= most_linked) return;
    }
  }

  void collect_text(ScannedMessage& message) {
    const auto& boundaries = message.settings().domains.boundaries;
    const auto& body = message.body();
    for (std::size_t i = 0; i < body.size(); ++i) {
      if (body[i].find('@') == std::string::npos && body[i].find("%40") == std::string::npos)
        continue;
      message.change_body(i, without_quoted_addresses(without_address_links(body[i]), boundaries));
      const std::string_view text = body[i];
      for (auto found = find_address(text, 0, boundaries); found;
           found = find_address(text, found->to, boundaries)) {
        add(text.substr(found->from, found->to - found->from));
        if (addresses_.size() >= most_found) return;
      }
    }
  }

  void judge(const RuleSettings& settings) {
    const auto& freemail = settings.freemail;
    double addresses = 0, freemails = 0;
    for (const auto& address : addresses_) {
      over_maximum_ |=
          ++addresses == freemail.most_body_addresses && freemail.skip_when_over_maximum;
      if (!is_freemail(address, settings)) continue;
      over_maximum_ |=
          ++freemails == freemail.most_body_freemails && freemail.skip_when_over_maximum;
      freemails_.push_back(address);
    }
  }

  Addresses addresses_;  // each once, in order of appearance
  Addresses freemails_;
  bool over_maximum_ = false;
};

/// An optional regular expression, written without delimiters, that an address must match too.
class AddressFilter {
 public:
  static std::expected<AddressFilter, std::string> compile(const EvalArguments& arguments,
                                                           std::size_t number) {
    AddressFilter filter;
    if (number >= arguments.size()) return filter;
    auto regex = Regex::compile(delimited(arguments[number]));
    if (!regex) return std::unexpected(regex.error().what);
    regex->compile_native();
    filter.regex_ = std::make_shared<const Regex>(*std::move(regex));
    return filter;
  }

  bool passes(const std::string& address, ScannedMessage& message) const {
    return !regex_ || regex_->matches(address, message.matcher()) == Regex::Outcome::match;
  }

 private:
  static std::string delimited(std::string_view expression) {
    std::string out = "/";
    for (std::size_t i = 0; i < expression.size(); ++i) {
      if (expression[i] == '/') out += '\\';
      out += expression[i];
      if (expression[i] == '\\' && i + 1 < expression.size()) out += expression[++i];
    }
    return out + '/';
  }

  std::shared_ptr<const Regex> regex_;
};

bool any_freemail(const Addresses& addresses, const AddressFilter& filter,
                  ScannedMessage& message) {
  return std::ranges::any_of(addresses, [&](const auto& address) {
    return is_freemail(address, message.settings()) && filter.passes(address, message);
  });
}

BindResult check_freemail_header(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return std::unexpected("the name of a header field is wanted here");
  auto filter = AddressFilter::compile(arguments, 1);
  if (!filter) return std::unexpected(std::move(filter.error()));
  return [field = arguments.front() + ":addr",
          filter = *std::move(filter)](ScannedMessage& message) -> double {
    return any_freemail(lowered(message.headers().list(field)), filter, message);
  };
}

BindResult check_freemail_from(const EvalArguments& arguments, const RuleSettings&) {
  auto filter = AddressFilter::compile(arguments, 0);
  if (!filter) return std::unexpected(std::move(filter.error()));
  return [filter = *std::move(filter)](ScannedMessage& message) -> double {
    return any_freemail(message.memo<SenderAddresses>().all, filter, message);
  };
}

BindResult check_freemail_body(const EvalArguments& arguments, const RuleSettings&) {
  auto filter = AddressFilter::compile(arguments, 0);
  if (!filter) return std::unexpected(std::move(filter.error()));
  return [filter = *std::move(filter)](ScannedMessage& message) -> double {
    if (message.settings().freemail.empty()) return 0;
    const auto* const found = message.memo<BodyFreemails>().found();
    return found != nullptr && std::ranges::any_of(*found, [&](const auto& address) {
             return filter.passes(address, message);
           });
  };
}

/// Envelope senders of machines: what is answered to them says nothing.
const Regex& bulk_sender() {
  static const Regex compiled = [] {
    auto regex = Regex::compile(
        "/(?:^(?:post|host|domain)master|^double-bounce"
        "|^(?:sentto|owner|return|(?:gr)?bounced?)-.+|-(?:request|bounces?|admin|owner)"
        "|\\b(?:do[._-t]?)?no[._-t]?repl(?:y|ies)|.+=.+)@/i");
    assert(regex);
    regex->compile_native();
    return *std::move(regex);
  }();
  return compiled;
}

bool is_bulk(ScannedMessage& message) {
  return message.settings().freemail.skip_bulk_senders &&
         bulk_sender().matches(message.headers().get("EnvelopeFrom"), message.matcher()) ==
             Regex::Outcome::match;
}

/// Who writes and where answers go, and which of the two are free mailboxes.
struct Correspondents {
  explicit Correspondents(ScannedMessage& message)
      : authors(lowered(message.headers().list("From:addr"))),
        answered(lowered(message.headers().list("Reply-To:addr"))) {
    const auto free = [&](const auto& address) { return is_freemail(address, message.settings()); };
    author_is_free = std::ranges::any_of(authors, free);
    answered_is_free = std::ranges::any_of(answered, free);
  }

  bool differ() const {
    return std::ranges::none_of(authors, [this](const auto& author) {
      return std::ranges::find(answered, author) != answered.end();
    });
  }

  Addresses authors, answered;
  bool author_is_free = false, answered_is_free = false;
};

/// `only_answers`: Reply-To must be there; else From serves where it is not.
double check_replies(ScannedMessage& message, bool only_answers) {
  if (message.settings().freemail.empty()) return 0;
  const Correspondents people(message);
  const bool hit = people.author_is_free && people.answered_is_free && people.differ();
  if (!hit) {
    if (only_answers && !people.answered_is_free) return 0;
    if (!people.answered.empty() && !people.answered_is_free) return 0;
    if (!only_answers && !people.author_is_free) return 0;
  }
  if (is_bulk(message)) return 0;
  if (hit) return 1;

  const auto* const found = message.memo<BodyFreemails>().found();
  if (found == nullptr) return 0;
  const auto& own = only_answers || people.answered_is_free ? people.answered : people.authors;
  return std::ranges::any_of(*found, [&](const auto& other) {
    return std::ranges::any_of(own, [&](const auto& address) { return address != other; });
  });
}

BindResult check_freemail_replyto(const EvalArguments& arguments, const RuleSettings&) {
  const std::string what = arguments.empty() ? "replyto" : arguments.front();
  if (what != "replyto" && what != "reply") {
    return std::unexpected("the argument is 'replyto' or 'reply'");
  }
  bulk_sender();
  return [only_answers = what == "replyto"](ScannedMessage& message) -> double {
    return check_replies(message, only_answers);
  };
}

constexpr std::array functions{
    EvalFunction{"check_freemail_body", check_freemail_body},
    EvalFunction{"check_freemail_from", check_freemail_from},
    EvalFunction{"check_freemail_header", check_freemail_header},
    EvalFunction{"check_freemail_replyto", check_freemail_replyto},
};

}  // namespace

EvalTable freemail_evals() { return functions; }

}  // namespace postern
