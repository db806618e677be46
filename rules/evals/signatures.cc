// DKIM.pm of SpamAssassin 4.0.1, answering from the signatures that the gateway has verified;
// without them every answer is 0, as it is where there is no network.
#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

std::string domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string() : to_lower(trim(address.substr(at + 1)));
}

/// "example.org", or ".example.org" and "*.example.org" for names below it.
struct DomainPattern {
  std::string domain;
  bool below = false;

  explicit DomainPattern(std::string_view written) : domain(to_lower(written)) {
    if (domain.starts_with("*.")) domain.erase(0, 1);
    below = domain.starts_with('.');
    if (below) domain.erase(0, 1);
  }
  bool is_below(std::string_view name) const { return below && name.ends_with('.' + domain); }
  bool matches(std::string_view name) const { return name == domain || is_below(name); }
};

std::vector<DomainPattern> patterns_of(std::span<const std::string> written) {
  return {written.begin(), written.end()};
}

/// What the signatures say about the message's authors.
struct SignatureStanding {
  explicit SignatureStanding(ScannedMessage& message)
      : least_bits(message.settings().authentication.minimum_key_bits),
        authors(message.headers().list("From:addr")) {
    for (const auto& author : authors) {
      if (auto domain = domain_of(author); !domain.empty()) author_domains.insert(domain);
    }
    const auto* const known = message.input().authentication;
    if (known == nullptr || !known->dkim) return;
    ready = true;
    for (auto signature : *known->dkim) {
      signature.domain = to_lower(signature.domain);
      valid |= signature.valid;
      if (author_domains.contains(signature.domain)) judge_author(signature);
      signatures.push_back(std::move(signature));
    }
  }

  bool is_strong(const CheckedSignature& signature) const {
    return signature.valid && !(signature.key_bits > 0 && signature.key_bits < least_bits);
  }

  template <class Accepts>
  bool any_by(const std::vector<DomainPattern>& domains, Accepts accepts) const {
    return std::ranges::any_of(signatures, [&](const CheckedSignature& signature) {
      return !signature.domain.empty() && accepts(signature) &&
             (domains.empty() || std::ranges::any_of(domains, [&](const DomainPattern& domain) {
                return domain.matches(signature.domain);
              }));
    });
  }

  bool ready = false;  // signatures were looked for
  bool valid = false;
  double least_bits;
  std::vector<std::string> authors;
  std::set<std::string, std::less<>> author_domains;
  std::set<std::string, std::less<>> confirmed;  // author domains with a valid signature
  std::set<std::string, std::less<>> undecided;  // … whose key could not be had
  std::vector<CheckedSignature> signatures;

 private:
  void judge_author(const CheckedSignature& signature) {
    if (signature.valid && signature.key_bits > 0 && signature.key_bits >= least_bits) {
      confirmed.insert(signature.domain);
    } else if (signature.transient_failure) {
      undecided.insert(signature.domain);
    }
  }
};

BindResult check_dkim_signed(const EvalArguments& arguments, const RuleSettings&) {
  return [domains = patterns_of(arguments)](ScannedMessage& message) -> double {
    const auto& standing = message.memo<SignatureStanding>();
    if (domains.empty()) return !standing.signatures.empty();
    return standing.any_by(domains, [](const auto&) { return true; });
  };
}

BindResult check_dkim_valid(const EvalArguments& arguments, const RuleSettings&) {
  return [domains = patterns_of(arguments)](ScannedMessage& message) -> double {
    const auto& standing = message.memo<SignatureStanding>();
    if (!standing.valid || domains.empty()) return standing.valid;
    return standing.any_by(domains, [&](const auto& s) { return standing.is_strong(s); });
  };
}

BindResult check_dkim_valid_author_sig(const EvalArguments& arguments, const RuleSettings&) {
  return [domains = patterns_of(arguments)](ScannedMessage& message) -> double {
    const auto& standing = message.memo<SignatureStanding>();
    return !standing.confirmed.empty() && standing.any_by(domains, [&](const auto& s) {
      return standing.is_strong(s) && standing.author_domains.contains(s.domain);
    });
  };
}

double check_dkim_valid_envelopefrom(ScannedMessage& message) {
  const auto& standing = message.memo<SignatureStanding>();
  const auto sender = domain_of(message.headers().get("EnvelopeFrom:addr"));
  if (sender.empty() || !standing.valid) return 0;
  return standing.any_by({DomainPattern(sender)},
                         [&](const auto& s) { return standing.is_strong(s); });
}

/// Whether the absence of a valid signature means something.
double check_dkim_dependable(ScannedMessage& message) {
  return message.memo<SignatureStanding>().ready;
}

/// The flag that SpamAssassin 4.0.1 answers from is never set.
double check_dkim_testing(ScannedMessage&) { return 0; }

/// Always true by RFC 5617, and so of no use: SpamAssassin answers 0.
double check_dkim_signsome(ScannedMessage&) { return 0; }

/// What the administrator says of a domain or of those above it; '\0' where he says nothing.
/// RFC 5617's own records are historic and not asked for.
char practice_of(const std::string& domain, const AuthenticationSettings& settings) {
  const auto& known = settings.practices;
  if (const auto found = known.find(domain); found != known.end()) return found->second;
  for (auto dot = domain.find('.'); dot != std::string::npos; dot = domain.find('.', dot + 1)) {
    if (const auto found = known.find('*' + domain.substr(dot)); found != known.end())
      return found->second;
  }
  const auto everyone = known.find("*");
  return everyone == known.end() ? '\0' : everyone->second;
}

/// A dot and two letters or more at its end.
bool is_full_domain(std::string_view domain) {
  const auto dot = domain.rfind('.');
  return dot != std::string_view::npos && dot > 0 && domain.size() - dot > 2 &&
         std::ranges::all_of(domain.substr(dot + 1),
                             [](char c) { return is_alpha(c) || c == '-'; });
}

struct PracticeQuestion {
  std::string letters;
  std::vector<DomainPattern> domains;

  double operator()(ScannedMessage& message) const {
    const auto& standing = message.memo<SignatureStanding>();
    if (!standing.ready) return 0;
    const bool practised = std::ranges::any_of(standing.author_domains, [&](const auto& domain) {
      if (!is_full_domain(domain) || standing.confirmed.contains(domain) ||
          standing.undecided.contains(domain))
        return false;
      const char practice = practice_of(domain, message.settings().authentication);
      return practice != '\0' && letters.find(practice) != std::string::npos;
    });
    return practised &&
           (domains.empty() || std::ranges::any_of(domains, [&](const DomainPattern& wanted) {
              return std::ranges::any_of(standing.author_domains, [&](const auto& domain) {
                return wanted.matches(domain);
              });
            }));
  }
};

BindResult check_dkim_adsp(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return std::unexpected("some of the letters N A D 1 2 3, or *");
  const auto& letters = arguments.front();
  return PracticeQuestion{letters == "*" ? "NAD123" : letters,
                          patterns_of(std::span(arguments).subspan(1))};
}

BindResult check_dkim_signall(const EvalArguments&, const RuleSettings&) {
  return PracticeQuestion{"A", {}};
}

/// Whether a signing domain is the one that an entry asks for; "" asks for the author's own.
bool is_wanted_signer(const std::string& signer, std::string_view partner,
                      const std::string& author) {
  if (const auto at = partner.rfind('@'); at != std::string_view::npos)
    partner.remove_prefix(at + 1);
  if (partner.empty()) return signer == domain_of(author);
  const DomainPattern pattern(partner);
  return pattern.below ? pattern.is_below(signer) : pattern.matches(signer);
}

bool is_welcome(ScannedMessage& message, std::string_view by_signer, std::string_view by_any) {
  const auto& standing = message.memo<SignatureStanding>();
  if (!standing.valid) return false;
  const auto& paired = message.settings().lists.find_paired(by_signer);
  const auto& plain = *message.settings().lists.find(by_any);
  const auto signed_for = [&](const std::string& author, std::string_view partner) {
    return standing.any_by({}, [&](const CheckedSignature& s) {
      return standing.is_strong(s) && is_wanted_signer(s.domain, partner, author);
    });
  };
  return std::ranges::any_of(standing.authors, [&](const std::string& author) {
    const auto address = to_lower(author);
    if (plain.matches(address) && signed_for(author, "")) return true;
    return std::ranges::any_of(paired.addresses.matching(address), [&](std::string_view entry) {
      return std::ranges::any_of(paired.partners.find(entry)->second,
                                 [&](const auto& partner) { return signed_for(author, partner); });
    });
  });
}

double check_for_dkim_welcomelist_from(ScannedMessage& message) {
  return is_welcome(message, "welcomelist_from_dkim", "welcomelist_auth");
}
double check_for_def_dkim_welcomelist_from(ScannedMessage& message) {
  return is_welcome(message, "def_welcomelist_from_dkim", "def_welcomelist_auth");
}

/// ARC functions know no domains: a call that names some never hits.
template <bool must_be_valid>
BindResult check_arc(const EvalArguments& arguments, const RuleSettings&) {
  return [anyone = arguments.empty()](ScannedMessage& message) -> double {
    const auto* const known = message.input().authentication;
    if (!anyone || known == nullptr || !known->arc) return 0;
    return std::ranges::any_of(*known->arc,
                               [](const auto& seal) { return seal.valid || !must_be_valid; });
  };
}

constexpr std::array functions{
    EvalFunction{"check_arc_signed", check_arc<false>},
    EvalFunction{"check_arc_valid", check_arc<true>},
    EvalFunction{"check_dkim_adsp", check_dkim_adsp},
    EvalFunction{"check_dkim_dependable", bind_plain<check_dkim_dependable>},
    EvalFunction{"check_dkim_signall", check_dkim_signall},
    EvalFunction{"check_dkim_signed", check_dkim_signed},
    EvalFunction{"check_dkim_signsome", bind_plain<check_dkim_signsome>},
    EvalFunction{"check_dkim_testing", bind_plain<check_dkim_testing>},
    EvalFunction{"check_dkim_valid", check_dkim_valid},
    EvalFunction{"check_dkim_valid_author_sig", check_dkim_valid_author_sig},
    EvalFunction{"check_dkim_valid_envelopefrom", bind_plain<check_dkim_valid_envelopefrom>},
    EvalFunction{"check_dkim_verified", check_dkim_valid},
    EvalFunction{"check_for_def_dkim_welcomelist_from",
                 bind_plain<check_for_def_dkim_welcomelist_from>},
    EvalFunction{"check_for_def_dkim_whitelist_from",
                 bind_plain<check_for_def_dkim_welcomelist_from>},
    EvalFunction{"check_for_dkim_welcomelist_from", bind_plain<check_for_dkim_welcomelist_from>},
    EvalFunction{"check_for_dkim_whitelist_from", bind_plain<check_for_dkim_welcomelist_from>},
};

}  // namespace

EvalTable signature_evals() { return functions; }

}  // namespace postern
