#include "filters/spf/check.h"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "filters/spf/macro.h"
#include "filters/spf/record.h"
#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/net/dns_message.h"

namespace postern::spf {
namespace {

// RFC 7208 §4.6.4.
constexpr unsigned most_terms = 10;
constexpr unsigned most_void_lookups = 2;
constexpr std::size_t most_names = 10;  // of one MX or PTR answer

constexpr std::size_t longest_explanation = 400;  // octets; it has to fit into a reply

constexpr std::array<std::string_view, 7> result_names = {
    "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
constexpr std::array<std::string_view, 8> mechanism_names = {"all", "include", "a",   "mx",
                                                             "ptr", "ip4",     "ip6", "exists"};

bool asks(Mechanism mechanism) {
  return mechanism != Mechanism::all && mechanism != Mechanism::ip4 && mechanism != Mechanism::ip6;
}

bool same_bits(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
    return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool is_at_or_below(std::string_view name, std::string_view domain) {
  if (equals_ignoring_case(name, domain)) return true;
  return name.size() > domain.size() && name[name.size() - domain.size() - 1] == '.' &&
         equals_ignoring_case(name.substr(name.size() - domain.size()), domain);
}

/// §7.1 "%_": a blank may stand in a name, though resolvers refuse it.
bool can_be_asked(std::string name) {
  std::ranges::replace(name, ' ', '_');
  return question_name(name).has_value();
}

/// §4.3: a name without a local part speaks for its postmaster.
std::string identity(const Question& question) {
  const std::string& sender = question.sender.empty() ? question.helo : question.sender;
  if (sender.find('@') == std::string::npos) return "postmaster@" + sender;
  return sender.starts_with('@') ? "postmaster" + sender : sender;
}

std::string shown(const Directive& directive) {
  std::string out(mechanism_names[static_cast<std::size_t>(directive.mechanism)]);
  if (!directive.domain.empty()) out += ':' + directive.domain;
  return out;
}

/// Why an evaluation cannot go on: temperror or permerror.
struct Trouble {
  SpfResult result;
  std::string reason;
};
using Matched = std::expected<bool, Trouble>;

std::unexpected<Trouble> permanent(std::string reason) {
  return std::unexpected(Trouble{SpfResult::permerror, std::move(reason)});
}

std::unexpected<Trouble> temporary(const std::string& name, const DnsAnswer& answer) {
  return std::unexpected(Trouble{SpfResult::temperror, name + ": " + answer.error});
}

/// One evaluation with its counters. The records of include and redirect are evaluated by further
/// coroutines; their depth is bounded by the number of terms.
class Evaluation {
 public:
  Evaluation(Resolver& dns, const Question& question, SteadyTime deadline)
      : dns_(dns), deadline_(deadline), client_(question.client) {
    values_.sender = identity(question);
    values_.helo = question.helo;
    values_.receiver = question.receiver.empty() ? "unknown" : question.receiver;
    values_.client = question.client;
    values_.now = question.now;
  }

  Task<Outcome> run() {
    std::string domain(domain_of(values_.sender));
    co_return co_await check_host(std::move(domain), true);
  }

 private:
  Task<Outcome> check_host(std::string domain, bool explain) {
    if (domain.starts_with('[') || !question_name(domain)) {
      co_return Outcome{SpfResult::none, "", printable(domain) + " is no domain name"};
    }
    std::string name = domain;
    const DnsAnswer answer = co_await ask(std::move(name), RecordType::txt);
    if (answer.status == DnsStatus::failed)
      co_return Outcome{SpfResult::temperror, "", domain + ": " + answer.error};
    const DnsRecord* found = nullptr;
    for (const DnsRecord& record : answer.records) {
      if (!is_record(record.text)) continue;
      if (found != nullptr)
        co_return Outcome{SpfResult::permerror, "", domain + " has several records"};
      found = &record;
    }
    if (found == nullptr) co_return Outcome{SpfResult::none, "", domain + " has no record"};
    const auto record = parse_record(found->text);
    if (!record) co_return Outcome{SpfResult::permerror, "", domain + ": " + record.error().what};
    co_return co_await evaluate(*record, std::move(domain), explain);
  }

  Task<Outcome> evaluate(const Record& record, std::string domain, bool explain) {
    for (const Directive& directive : record.directives) {
      values_.domain = domain;
      const Matched matched = co_await matches(directive);
      if (!matched) co_return Outcome{matched.error().result, "", matched.error().reason};
      if (!*matched) continue;
      Outcome outcome{directive.result, "", shown(directive) + " of " + domain};
      if (directive.result == SpfResult::fail && explain && !record.explanation.empty()) {
        values_.domain = domain;
        outcome.explanation = co_await explanation(record.explanation);
      }
      co_return outcome;
    }
    if (record.redirect.empty())
      co_return Outcome{SpfResult::neutral, "", "nothing matched in " + domain};
    if (!count_term()) co_return Outcome{SpfResult::permerror, "", too_many_terms()};
    values_.domain = domain;
    std::string target = co_await target_name(record.redirect);
    Outcome outcome = co_await check_host(std::move(target), explain);
    if (outcome.result == SpfResult::none) outcome.result = SpfResult::permerror;  // §6.1
    co_return outcome;
  }

  Task<Matched> matches(const Directive& directive) {
    if (asks(directive.mechanism) && !count_term()) co_return permanent(too_many_terms());
    switch (directive.mechanism) {
      case Mechanism::all:
        co_return true;
      case Mechanism::ip4:
        co_return client_.is_v4() &&
            same_bits(client_.octets(), directive.address, directive.length4);
      case Mechanism::ip6:
        co_return !client_.is_v4() &&
            same_bits(client_.octets(), directive.address, directive.length6);
      default:
        break;
    }
    std::string target = co_await target_name(directive.domain);
    switch (directive.mechanism) {
      case Mechanism::include:
        co_return co_await included(std::move(target));
      case Mechanism::a:
        co_return co_await has_address(std::move(target), directive);
      case Mechanism::mx:
        co_return co_await exchanges(std::move(target), directive);
      case Mechanism::ptr:
        co_return co_await is_named(std::move(target));
      default:
        co_return co_await exists(std::move(target));
    }
  }

  /// §5.2.
  Task<Matched> included(std::string target) {
    const Outcome inner = co_await check_host(std::move(target), false);
    switch (inner.result) {
      case SpfResult::pass:
        co_return true;
      case SpfResult::temperror:
        co_return std::unexpected(Trouble{SpfResult::temperror, inner.reason});
      case SpfResult::permerror:
      case SpfResult::none:
        co_return permanent("include: " + inner.reason);
      case SpfResult::fail:
      case SpfResult::softfail:
      case SpfResult::neutral:
        break;
    }
    co_return false;
  }

  /// §5.3.
  Task<Matched> has_address(std::string name, const Directive& directive) {
    const RecordType type = client_.is_v4() ? RecordType::a : RecordType::aaaa;
    std::string asked = name;
    const DnsAnswer answer = co_await ask(std::move(asked), type);
    if (answer.status == DnsStatus::failed) co_return temporary(name, answer);
    if (!count_void(answer)) co_return permanent(too_many_voids());
    co_return std::ranges::any_of(answer.records, [&](const DnsRecord& record) {
      const auto address = IpAddress::parse(record.text);
      return address &&
             client_.same_prefix(*address, client_.is_v4() ? directive.length4 : directive.length6);
    });
  }

  /// §5.4: the hosts that are asked for have a limit of their own.
  Task<Matched> exchanges(std::string name, const Directive& directive) {
    std::string asked = name;
    const DnsAnswer answer = co_await ask(std::move(asked), RecordType::mx);
    if (answer.status == DnsStatus::failed) co_return temporary(name, answer);
    if (!count_void(answer)) co_return permanent(too_many_voids());
    if (answer.records.size() > most_names) co_return permanent(name + " has over ten MX records");
    for (const DnsRecord& record : answer.records) {
      if (record.text.empty()) continue;  // RFC 7505 §3: no host at all
      std::string host = record.text;
      const Matched matched = co_await has_address(std::move(host), directive);
      if (!matched || *matched) co_return matched;
    }
    co_return false;
  }

  /// §5.5.
  Task<Matched> is_named(std::string target) {
    co_await find_validated_names();
    co_return std::ranges::any_of(
        *validated_names_, [&](const std::string& name) { return is_at_or_below(name, target); });
  }

  /// §5.7: A records, whatever the client's family.
  Task<Matched> exists(std::string name) {
    std::string asked = name;
    const DnsAnswer answer = co_await ask(std::move(asked), RecordType::a);
    if (answer.status == DnsStatus::failed) co_return temporary(name, answer);
    if (!count_void(answer)) co_return permanent(too_many_voids());
    co_return answer.status == DnsStatus::found;
  }

  /// §5.5: the names of the client that lead back to it. What fails on the way is left out.
  Task<> find_validated_names() {
    if (validated_names_) co_return;
    validated_names_.emplace();
    std::string reverse = client_.reversed() + (client_.is_v4() ? ".in-addr.arpa" : ".ip6.arpa");
    const DnsAnswer names = co_await ask(std::move(reverse), RecordType::ptr);
    const RecordType type = client_.is_v4() ? RecordType::a : RecordType::aaaa;
    const std::size_t count = std::min(names.records.size(), most_names);
    for (std::size_t i = 0; i < count; ++i) {
      std::string name = names.records[i].text;
      const DnsAnswer addresses = co_await ask(std::move(name), type);
      const bool back = std::ranges::any_of(addresses.records, [&](const DnsRecord& record) {
        return IpAddress::parse(record.text) == client_;
      });
      if (back) validated_names_->push_back(names.records[i].text);
    }
  }

  /// §7.2: the domain itself, else a name below it, else any.
  std::string best_validated_name() const {
    const auto pick = [&](auto fits) -> const std::string* {
      const auto found = std::ranges::find_if(*validated_names_, fits);
      return found == validated_names_->end() ? nullptr : &*found;
    };
    const std::string& domain = values_.domain;
    const auto* best = pick([&](const auto& n) { return equals_ignoring_case(n, domain); });
    if (best == nullptr) best = pick([&](const auto& n) { return is_at_or_below(n, domain); });
    if (best == nullptr) best = pick([](const auto&) { return true; });
    return best == nullptr ? "unknown" : *best;
  }

  Task<> prepare_macros(std::string_view text) {
    if (!wants_validated_name(text)) co_return;
    co_await find_validated_names();
    values_.validated_name = best_validated_name();
  }

  /// The name that a domain-spec stands for; the current domain where there is none.
  Task<std::string> target_name(std::string_view domain_spec) {
    if (domain_spec.empty()) co_return values_.domain;
    co_await prepare_macros(domain_spec);
    co_return expand_domain(domain_spec, values_);
  }

  /// §6.2: whatever goes wrong, there is just no explanation.
  Task<std::string> explanation(std::string_view domain_spec) {
    std::string name = co_await target_name(domain_spec);
    const DnsAnswer answer = co_await ask(std::move(name), RecordType::txt);
    if (answer.status != DnsStatus::found || answer.records.size() != 1) co_return "";
    const std::string& text = answer.records.front().text;
    if (text.size() > longest_record || !valid_macros(text, MacroPlace::explanation)) co_return "";
    co_await prepare_macros(text);
    std::string out = expand_macros(text, values_);
    out.resize(std::min(out.size(), longest_explanation));
    std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
    co_return out;
  }

  /// §4.8: what cannot be a name in the DNS does not exist; nobody is asked.
  Task<DnsAnswer> ask(std::string name, RecordType type) {
    if (!can_be_asked(name)) co_return DnsAnswer{DnsStatus::no_such_name, {}, 0, ""};
    co_return co_await dns_.query(std::move(name), type, deadline_);
  }

  bool count_term() { return ++terms_ <= most_terms; }
  bool count_void(const DnsAnswer& answer) {
    return answer.status == DnsStatus::found || ++void_lookups_ <= most_void_lookups;
  }
  static std::string too_many_terms() { return "over ten terms that ask the DNS"; }
  static std::string too_many_voids() { return "over two questions without an answer"; }

  Resolver& dns_;
  SteadyTime deadline_;
  IpAddress client_;
  MacroValues values_;
  unsigned terms_ = 0;
  unsigned void_lookups_ = 0;
  std::optional<std::vector<std::string>> validated_names_;
};

}  // namespace

Task<Outcome> check(Resolver& dns, Question question, SteadyTime deadline) {
  Evaluation evaluation(dns, question, deadline);
  co_return co_await evaluation.run();
}

std::string_view result_name(SpfResult result) {
  return result_names[static_cast<std::size_t>(result)];
}

}  // namespace postern::spf
