// WLBLEval.pm of SpamAssassin 4.0.1: is a sender or recipient on a list? (Hosts in URIs apart.)
#include <algorithm>
#include <array>
#include <string>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/message_addresses.h"
#include "rules/evals/tables.h"
#include "rules/headers/network_set.h"

namespace postern {
namespace {

bool any_listed(const std::vector<std::string>& addresses, const AddressGlobs& list) {
  return std::ranges::any_of(addresses, [&](const auto& address) { return list.matches(address); });
}

bool sender_listed(ScannedMessage& message, std::string_view list) {
  return any_listed(message.memo<SenderAddresses>().all, *message.settings().lists.find(list));
}

bool recipient_listed(ScannedMessage& message, std::string_view list) {
  return any_listed(message.memo<RecipientAddresses>().all, *message.settings().lists.find(list));
}

double check_from_in_blocklist(ScannedMessage& message) {
  return sender_listed(message, "blocklist_from");
}
double check_to_in_blocklist(ScannedMessage& message) {
  return recipient_listed(message, "blocklist_to");
}
double check_to_in_welcomelist(ScannedMessage& message) {
  return recipient_listed(message, "welcomelist_to");
}
double check_to_in_more_spam(ScannedMessage& message) {
  return recipient_listed(message, "more_spam_to");
}
double check_to_in_all_spam(ScannedMessage& message) {
  return recipient_listed(message, "all_spam_to");
}

/// A function of a list that the rule names.
template <bool (*is_listed)(ScannedMessage&, std::string_view list)>
BindResult bind_named_list(const EvalArguments& arguments, const RuleSettings& settings) {
  if (arguments.empty()) return never_hits("the name of a list is wanted here");
  if (settings.lists.find(arguments.front()) == nullptr) {
    return never_hits(
        fmt::format("there is no list {0}: \"enlist_addrlist ({0}) address\" "
                    "makes one",
                    printable(arguments.front(), 60)));
  }
  return [list = arguments.front()](ScannedMessage& message) -> double {
    return is_listed(message, list);
  };
}

bool answer_listed(ScannedMessage& message, std::string_view list) {
  const auto address = message.headers().get("Reply-To:addr");
  return !address.empty() && message.settings().lists.find(list)->matches(to_lower(address));
}

/// The relays that vouch for a sender: the first untrusted one, since what stands below it may be
/// forged; without untrusted ones, all.
std::span<const Relay> vouching(const Relays& relays) {
  if (!relays.untrusted().empty()) return {relays.untrusted().data(), 1};
  return relays.trusted();
}

/// "[192.0.2.1]", "[192.0.2]", "[192.0.2.0]/24", "[2001:db8::/32]": what is inside; "" for names.
std::string network_of(std::string_view partner) {
  const auto end = partner.rfind(']');
  if (!partner.starts_with('[') || end == std::string_view::npos) return {};
  const auto prefix = partner.substr(end + 1);
  const bool bits = prefix.size() >= 2 && prefix.size() <= 4 && prefix[0] == '/' &&
                    std::ranges::all_of(prefix.substr(1), is_digit);
  if (!prefix.empty() && !bits) return {};
  return std::string(partner.substr(1, end - 1)) + std::string(prefix);
}

bool is_in_network(const std::string& ip, const std::string& network) {
  if (ip.empty()) return false;
  const bool dotted = std::ranges::all_of(network, [](char c) { return is_digit(c) || c == '.'; });
  if (dotted && std::ranges::count(network, '.') == 3 && !network.ends_with('.'))
    return ip == network;
  if (dotted) {
    auto prefix = network;
    while (prefix.ends_with('.')) prefix.pop_back();
    return ip.starts_with(prefix + '.');
  }
  NetworkSet set;
  return !set.add(network) && set.contains(ip);
}

bool is_relay(const Relay& relay, const std::string& partner) {
  if (const auto network = network_of(partner); !network.empty())
    return is_in_network(relay.ip, network);
  const auto name = to_lower(relay.rdns);
  return name == partner || name.ends_with('.' + partner);
}

enum class Standing { unlisted, forged, confirmed };

/// An address on a list of addresses with the relays that they come from.
Standing standing_of(const std::string& address, const PairedAddresses& list,
                     ScannedMessage& message) {
  const auto relays = vouching(message.headers().relays());
  if (relays.empty()) return Standing::unlisted;
  bool listed = false;
  for (const auto entry : list.addresses.matching(address)) {
    for (const auto& partner : list.partners.find(entry)->second) {
      listed = true;
      if (std::ranges::any_of(relays, [&](const Relay& relay) { return is_relay(relay, partner); }))
        return Standing::confirmed;
    }
  }
  const bool exempt = message.settings().lists.find("welcomelist_allows_relays")->matches(address);
  return listed && !exempt ? Standing::forged : Standing::unlisted;
}

Standing standing_of(ScannedMessage& message, std::string_view paired) {
  const auto& list = message.settings().lists.find_paired(paired);
  auto found = Standing::unlisted;
  for (const auto& address : message.memo<SenderAddresses>().all) {
    const auto standing = standing_of(address, list, message);
    if (standing == Standing::confirmed) return standing;
    if (standing == Standing::forged) found = standing;
  }
  return found;
}

/// The administrator's list: welcomelist_from, and welcomelist_from_rcvd with its relays.
struct WelcomeStanding {
  explicit WelcomeStanding(ScannedMessage& message) {
    value = sender_listed(message, "welcomelist_from")
                ? Standing::confirmed
                : standing_of(message, "welcomelist_from_rcvd");
  }
  Standing value;
};

struct DefaultStanding {
  explicit DefaultStanding(ScannedMessage& message)
      : value(standing_of(message, "def_welcomelist_from_rcvd")) {}
  Standing value;
};

double check_from_in_welcomelist(ScannedMessage& message) {
  return message.memo<WelcomeStanding>().value == Standing::confirmed;
}
double check_from_in_default_welcomelist(ScannedMessage& message) {
  return message.memo<DefaultStanding>().value == Standing::confirmed;
}
double check_forged_in_welcomelist(ScannedMessage& message) {
  return message.memo<WelcomeStanding>().value == Standing::forged &&
         message.memo<DefaultStanding>().value == Standing::unlisted;
}
double check_forged_in_default_welcomelist(ScannedMessage& message) {
  return message.memo<DefaultStanding>().value == Standing::forged &&
         message.memo<WelcomeStanding>().value == Standing::unlisted;
}

/// The envelope sender's registered domain is that of a relay that vouches for it.
double check_mailfrom_matches_rcvd(ScannedMessage& message) {
  const auto sender = message.headers().get("EnvelopeFrom:addr");
  const auto at = sender.rfind('@');
  if (at == std::string_view::npos) return 0;
  const auto host = to_lower(sender.substr(at + 1));
  const auto dot = host.find('.', 1);
  if (dot == std::string::npos || dot + 1 >= host.size()) return 0;
  const auto& boundaries = message.settings().domains.boundaries;
  const auto domain = boundaries.trim_domain(host);
  return std::ranges::any_of(vouching(message.headers().relays()), [&](const Relay& relay) {
    return !relay.rdns.empty() && boundaries.trim_domain(to_lower(relay.rdns)) == domain;
  });
}

constexpr std::array functions{
    EvalFunction{"check_forged_in_default_welcomelist",
                 bind_plain<check_forged_in_default_welcomelist>},
    EvalFunction{"check_forged_in_default_whitelist",
                 bind_plain<check_forged_in_default_welcomelist>},
    EvalFunction{"check_forged_in_welcomelist", bind_plain<check_forged_in_welcomelist>},
    EvalFunction{"check_forged_in_whitelist", bind_plain<check_forged_in_welcomelist>},
    EvalFunction{"check_from_in_blacklist", bind_plain<check_from_in_blocklist>},
    EvalFunction{"check_from_in_blocklist", bind_plain<check_from_in_blocklist>},
    EvalFunction{"check_from_in_default_welcomelist",
                 bind_plain<check_from_in_default_welcomelist>},
    EvalFunction{"check_from_in_default_whitelist", bind_plain<check_from_in_default_welcomelist>},
    EvalFunction{"check_from_in_list", bind_named_list<sender_listed>},
    EvalFunction{"check_from_in_welcomelist", bind_plain<check_from_in_welcomelist>},
    EvalFunction{"check_from_in_whitelist", bind_plain<check_from_in_welcomelist>},
    EvalFunction{"check_mailfrom_matches_rcvd", bind_plain<check_mailfrom_matches_rcvd>},
    EvalFunction{"check_replyto_in_list", bind_named_list<answer_listed>},
    EvalFunction{"check_to_in_all_spam", bind_plain<check_to_in_all_spam>},
    EvalFunction{"check_to_in_blacklist", bind_plain<check_to_in_blocklist>},
    EvalFunction{"check_to_in_blocklist", bind_plain<check_to_in_blocklist>},
    EvalFunction{"check_to_in_list", bind_named_list<recipient_listed>},
    EvalFunction{"check_to_in_more_spam", bind_plain<check_to_in_more_spam>},
    EvalFunction{"check_to_in_welcomelist", bind_plain<check_to_in_welcomelist>},
    EvalFunction{"check_to_in_whitelist", bind_plain<check_to_in_welcomelist>},
};

}  // namespace

EvalTable list_evals() { return functions; }

}  // namespace postern
