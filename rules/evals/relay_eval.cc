// relay_eval.cc — what the way of a message says about it: trust, names that do not fit to
// addresses (Plugin/RelayEval.pm).

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/evals/tables.h"
#include "rules/headers/ip_address.h"
#include "rules/hosts/host_name.h"

namespace postern {
namespace {

using Bound = BindResult;

bool is_word_octet(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

// ---- how far the way can be trusted ----

Bound all_trusted(const EvalArguments&, const RuleSettings&) {
  return [](ScannedMessage& message) {
    const auto& relays = message.relays();
    return !relays.trusted().empty() && relays.untrusted().empty() && relays.unparseable() == 0
               ? 1.0
               : 0.0;
  };
}

Bound no_relays(const EvalArguments&, const RuleSettings&) {
  return [](ScannedMessage& message) {
    const auto& relays = message.relays();
    return relays.trusted().empty() && relays.untrusted().empty() && relays.unparseable() == 0
               ? 1.0
               : 0.0;
  };
}

Bound relays_unparseable(const EvalArguments&, const RuleSettings&) {
  return [](ScannedMessage& message) { return message.relays().unparseable() > 0 ? 1.0 : 0.0; };
}

// ---- single hops ----

/// The sender's own relay has a name, and is not on a private network. (The function's name says
/// the opposite; this is what it has always done.)
Bound sender_no_reverse(const EvalArguments&, const RuleSettings&) {
  return [](ScannedMessage& message) {
    const auto& untrusted = message.relays().untrusted();
    if (untrusted.empty()) return 0.0;
    const auto& sender = untrusted.back();
    return sender.rdns.find('.') != std::string::npos && !sender.ip_private ? 1.0 : 0.0;
  };
}

/// A "helo=" of the untrusted hops is an IPv4 address. (SpamAssassin means to spare private ones,
/// and does not: its capture is lost before that is asked.)
double numeric_helo(ScannedMessage& message) {
  const auto text = message.headers().get("X-Spam-Relays-Untrusted");
  static constexpr std::string_view key = "helo=";
  for (auto at = text.find_first_of("hH"); at != std::string_view::npos;
       at = text.find_first_of("hH", at + 1)) {
    if (!starts_with_ignoring_case(text.substr(at), key)) continue;
    if (at > 0 && is_word_octet(text[at - 1])) continue;
    const auto rest = text.substr(at + key.size());
    const auto address = rest.substr(0, rest.find_first_not_of("0123456789."));
    if (!is_ipv4_address(address)) continue;
    const char next = address.size() < rest.size() ? rest[address.size()] : ' ';
    const bool ends = (next >= '\0' && next <= ' ') ||
                      std::string_view(",;[()<>").find(next) != std::string_view::npos;
    if (ends) return 1;
  }
  return 0;
}

bool is_public_ipv4(std::string_view text) { return is_ipv4_address(text) && !is_private_ip(text); }

/// The first `octets` numbers of an IPv4 address, with the dot behind them.
std::string_view network_of(std::string_view ip, int octets) {
  std::size_t end = 0;
  for (; octets > 0; --octets) end = ip.find('.', end) + 1;
  return ip.substr(0, end);
}

double helo_ip_mismatch(ScannedMessage& message) {
  const auto differs = [](const Relay& relay) {
    return is_public_ipv4(relay.helo) && is_public_ipv4(relay.ip) &&
           !relay.ip.starts_with(network_of(relay.helo, 3));
  };
  return std::ranges::any_of(message.relays().untrusted(), differs) ? 1 : 0;
}

/// Providers whose relays all have reverse DNS, so that who says to be one and has none is not.
bool claims_a_great_provider(std::string_view helo) {
  static constexpr std::array<std::string_view, 11> providers{
      "lycos.com", "lycos.co.uk", "hotmail.com", "localhost.com", "excite.com", "caramail.com",
      "cs.com",    "aol.com",     "msn.com",     "yahoo.com",     "drizzle.com"};
  return std::ranges::any_of(providers, [helo](std::string_view provider) {
    if (helo.size() < provider.size()) return false;
    const auto before = helo.size() - provider.size();
    return equals_ignoring_case(helo.substr(before), provider) &&
           (before == 0 || helo[before - 1] == '.');
  });
}

/// Only the lowest public hop decides.
double no_rdns_dotcom_helo(ScannedMessage& message) {
  const auto& untrusted = message.relays().untrusted();
  const auto lowest = std::find_if(untrusted.rbegin(), untrusted.rend(),
                                   [](const Relay& relay) { return !relay.ip_private; });
  if (lowest == untrusted.rend()) return 0;
  return lowest->no_reverse_dns && claims_a_great_provider(lowest->helo) ? 1 : 0;
}

// ---- whether each hop names the one before ----

/// The registered domain by rule of thumb: two labels, or three below short country codes.
std::string domain_by_thumb(std::string_view name) {
  auto host = to_lower(name);
  if (std::ranges::none_of(host, is_alpha)) return host;
  auto labels = split(host, '.');
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  if (labels.size() < 2) return host;
  const auto last = labels.back();
  const auto has = [last](std::string_view code) { return last.find(code) != last.npos; };
  const bool two = last.size() >= 3 || has("ie") || has("fr") || has("de");
  if (!two && labels.size() < 3) return host;
  const auto start = labels[labels.size() - (two ? 2 : 3)].data() - host.data();
  return host.substr(static_cast<std::size_t>(start),
                     static_cast<std::size_t>(last.data() + last.size() - host.data() - start));
}

/// Words and dots, and more in front of the last dot than one octet.
bool is_plain_domain(std::string_view text) {
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size()) return false;
  if (!is_word_octet(text.front())) return false;
  return std::ranges::all_of(text.substr(dot + 1), is_word_octet) &&
         std::ranges::all_of(text.substr(0, dot),
                             [](char c) { return is_word_octet(c) || c == '.' || c == '-'; });
}

bool is_four_numbers(std::string_view text) {
  const auto pieces = split(text, '.');
  return pieces.size() == 4 && std::ranges::all_of(pieces, [](std::string_view piece) {
           return !piece.empty() && std::ranges::all_of(piece, is_digit);
         });
}

struct ForgedReceived {
  unsigned names = 0;      // hops whose receiver is not whom the hop above was reached from
  unsigned addresses = 0;  // hops whose HELO is an address of another network

  explicit ForgedReceived(ScannedMessage& message) {
    std::optional<std::string> above;  // the name that the hop above gives to this one
    bool first = true;
    for (const auto& relay : message.relays().untrusted()) {
      const auto by = domain_by_thumb(relay.by);
      std::optional<std::string> from = domain_by_thumb(relay.rdns);
      if (is_plain_domain(by)) {
        const bool loopback =
            relay.ip == "127.0.0.1" && (*from == "localhost" || *from == "localhost.localdomain");
        if (loopback) from.reset();
        if (has_foreign_helo(relay)) ++addresses;
        const bool known = by == "msn.com" && above == "hotmail.com";
        if (!first && above && is_plain_domain(*above) && by != *above && !known) ++names;
      }
      above = std::move(from);
      first = false;
    }
  }

  static bool has_foreign_helo(const Relay& relay) {
    return is_four_numbers(relay.helo) && is_four_numbers(relay.ip) && relay.helo != relay.ip &&
           network_of(relay.helo, 2) != network_of(relay.ip, 2) && !is_private_ip(relay.helo);
  }
};

Bound forged_trail(const EvalArguments&, const RuleSettings&) {
  return
      [](ScannedMessage& message) { return message.memo<ForgedReceived>().names > 1 ? 1.0 : 0.0; };
}

Bound forged_ip_helo(const EvalArguments&, const RuleSettings&) {
  return [](ScannedMessage& message) {
    return message.memo<ForgedReceived>().addresses > 0 ? 1.0 : 0.0;
  };
}

// ---- a sender's domain among the hops ----

bool has_at_word_start(std::string_view text, std::string_view domain) {
  const auto folded = to_lower(text);
  const auto wanted = to_lower(domain);
  for (auto at = folded.find(wanted); at != std::string::npos; at = folded.find(wanted, at + 1)) {
    const bool before = at > 0 && is_word_octet(folded[at - 1]);
    const bool here = at < folded.size() && is_word_octet(folded[at]);
    if (before != here) return true;
  }
  return false;
}

/// ('DOMAIN', 'true' or 'false'): From is of the domain, and whether a hop's name and receiver are.
Bound from_domain_in_received(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return std::unexpected("it needs a domain: ('DOMAIN', 'true')");
  const auto& domain = arguments[0];
  auto compiled = Regex::compile(fmt::format("/ rdns=\\S*\\b{0} [^\\]]*by=\\S*\\b{0} /", domain));
  if (!compiled) return std::unexpected("its domain is no expression: " + compiled.error().what);
  compiled->compile_native();
  const auto pattern = std::make_shared<const Regex>(*std::move(compiled));
  const bool wanted = arguments.size() > 1 && arguments[1] == "true";
  return [pattern, domain, wanted](ScannedMessage& message) {
    auto& headers = message.headers();
    if (!has_at_word_start(headers.get("From:addr"), domain)) return 0.0;
    std::string hops(headers.get("X-Spam-Relays-Trusted"));
    hops.append("\n").append(headers.get("X-Spam-Relays-Untrusted"));
    const bool found = pattern->matches(hops, message.matcher()) == Regex::Outcome::match;
    return found == wanted ? 1.0 : 0.0;
  };
}

template <double (*answer)(ScannedMessage&)>
Bound plain(const EvalArguments&, const RuleSettings&) {
  return answer;
}

double never(ScannedMessage&) { return 0; }

constexpr std::array<EvalFunction, 11> functions{{
    {"check_all_trusted", all_trusted},
    {"check_no_relays", no_relays},
    {"check_relays_unparseable", relays_unparseable},
    {"check_for_sender_no_reverse", sender_no_reverse},
    {"check_for_numeric_helo", plain<numeric_helo>},
    {"helo_ip_mismatch", plain<helo_ip_mismatch>},
    {"check_for_no_rdns_dotcom_helo", plain<no_rdns_dotcom_helo>},
    {"check_for_forged_received_trail", forged_trail},
    {"check_for_forged_received_ip_helo", forged_ip_helo},
    {"check_for_from_domain_in_received_headers", from_domain_in_received},
    {"check_for_illegal_ip", plain<never>},  // retired; old rules still name it
}};

}  // namespace

EvalTable relay_evals() { return functions; }

}  // namespace postern
