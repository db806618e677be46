// name_spoof.cc — functions of FromNameSpoof.pm (SpamAssassin 4.0.1): From fields whose name is an
// address of somebody else: From: "boss@ours.example" <someone@elsewhere.example>.
#include <algorithm>
#include <array>
#include <cmath>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/message_addresses.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

/// The address in a name, of which more is taken than there is at its end: a name that goes on
/// with a full stop has none.
const Regex& address_in_name() {
  static const Regex pattern =
      *Regex::compile(R"(m{\b([\w.!\#$%&'*+/=?^_`\{|\}~-]+\@\w[\w-]*\.\w[\w.-]++)\b}i)");
  return pattern;
}

std::size_t other_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_digit(c) && !(c >= 'a' && c <= 'z'); }));
}

class NameSpoof {
 public:
  explicit NameSpoof(ScannedMessage& message) : message_(message) {
    if (!is_ignored()) look();
  }

  bool holds_address = false;
  bool other_address = false;
  bool other_domain = false;
  bool other_owner = false;
  bool answers_go_there = false;
  bool is_recipient = false;

 private:
  bool is_ignored() {
    const auto& settings = message_.settings().spoofs;
    const auto* const checked = message_.input().authentication;
    if (checked != nullptr && checked->dkim) {
      for (const auto& signature : *checked->dkim) {
        if (signature.valid && settings.ignored_signers.contains(to_lower(signature.domain)))
          return true;
      }
    }
    return std::ranges::any_of(settings.ignored_fields, [this](const std::string& field) {
      const auto value = message_.headers().get(field);
      return !value.empty() && value != "0";
    });
  }

  std::optional<std::string> domain_of(const std::string& address) {
    const auto place = message_.settings().domains.boundaries.uri_to_domain("mailto:" + address);
    if (!place) return {};
    return place->domain;
  }

  void look() {
    auto& headers = message_.headers();
    const auto from = to_lower(headers.get("From:addr"));
    const auto from_domain = domain_of(from);
    if (!from_domain) return;
    const auto name = to_lower(headers.get("From:name"));
    std::optional<Regex::Span> found;
    if (address_in_name().first_group(name, message_.matcher(), found) != Regex::Outcome::match ||
        !found)
      return;
    const auto address = name.substr(found->from, found->to - found->from);
    const auto domain = domain_of(address);
    if (!domain) return;
    holds_address = true;
    if (!is_close(name, address)) return;
    other_address = address != from;
    other_domain = *domain != *from_domain;
    other_owner = owner_of(address, *domain) != owner_of(from, *from_domain);
    answers_go_there = address == to_lower(headers.get("Reply-To:addr"));
    // A recipient in capitals is another one to SpamAssassin.
    const auto& recipients = message_.memo<RecipientAddresses>().as_written;
    is_recipient = std::ranges::find(recipients, address) != recipients.end();
  }

  /// Whether the name is little more than the address: what is no letter or digit counts double.
  bool is_close(const std::string& name, const std::string& address) {
    const auto extra = static_cast<double>(name.size() + other_characters(name)) -
                       static_cast<double>(address.size() + other_characters(address));
    return extra <= message_.settings().spoofs.most_extra;
  }

  /// Who is said to have it, or else the first label of its registered domain.
  std::string owner_of(const std::string& address, const std::string& domain) {
    const auto at = address.find('@');
    const auto in_domain = address.substr(0, at) + "@" + domain;
    for (const auto& written : {address, in_domain}) {
      for (const auto& [owner, addresses] : message_.settings().spoofs.owners) {
        if (addresses.matches(written)) return owner;
      }
    }
    return domain.substr(0, domain.find('.'));
  }

  ScannedMessage& message_;
};

template <bool NameSpoof::* member>
double holds(ScannedMessage& message) {
  return message.memo<NameSpoof>().*member ? 1 : 0;
}

BindResult check_fromname_spoof(const EvalArguments& arguments, const RuleSettings& settings) {
  auto level = settings.spoofs.level;
  if (!arguments.empty() && arguments[0].size() == 1 && arguments[0] >= "0" && arguments[0] <= "2")
    level = static_cast<unsigned>(arguments[0][0] - '0');
  return [level](ScannedMessage& message) -> double {
    const auto& spoof = message.memo<NameSpoof>();
    const std::array<bool, 3> differs{true, spoof.other_owner, spoof.other_domain};
    return spoof.other_address && differs.at(level) ? 1 : 0;
  };
}

constexpr std::array functions{
    EvalFunction{"check_fromname_spoof", check_fromname_spoof},
    EvalFunction{"check_fromname_different", bind_plain<holds<&NameSpoof::other_address>>},
    EvalFunction{"check_fromname_domain_differ", bind_plain<holds<&NameSpoof::other_domain>>},
    EvalFunction{"check_fromname_owners_differ", bind_plain<holds<&NameSpoof::other_owner>>},
    EvalFunction{"check_fromname_contains_email", bind_plain<holds<&NameSpoof::holds_address>>},
    EvalFunction{"check_fromname_equals_to", bind_plain<holds<&NameSpoof::is_recipient>>},
    EvalFunction{"check_fromname_equals_replyto", bind_plain<holds<&NameSpoof::answers_go_there>>},
};

}  // namespace

EvalTable name_spoof_evals() { return functions; }

}  // namespace postern
