#include "rules/network/network_rules.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

struct ListFunction {
  std::string_view name;
  ListSubject subject;
  QuestionType type = QuestionType::a;
};

constexpr std::array list_functions{
    ListFunction{"check_rbl", ListSubject::relays},
    ListFunction{"check_rbl_txt", ListSubject::relays, QuestionType::txt},
    ListFunction{"check_rbl_from_host", ListSubject::from_hosts},
    ListFunction{"check_rbl_from_domain", ListSubject::from_domains},
    ListFunction{"check_rbl_envfrom", ListSubject::envelope_sender},
    ListFunction{"check_rbl_headers", ListSubject::headers},
    ListFunction{"check_rbl_rcvd", ListSubject::last_relay},
    ListFunction{"check_rbl_accreditor", ListSubject::accredited},
    ListFunction{"check_rbl_ns_from", ListSubject::name_server},
};

constexpr std::array<std::string_view, 22> names{"check_rbl_accreditor",
                                                 "check_rbl_ns_from",
                                                 "check_rbl",
                                                 "check_rbl_txt",
                                                 "check_rbl_from_host",
                                                 "check_rbl_from_domain",
                                                 "check_rbl_envfrom",
                                                 "check_rbl_headers",
                                                 "check_rbl_rcvd",
                                                 "check_rbl_sub",
                                                 "check_uridnsbl",
                                                 "check_dns_sender",
                                                 "check_hashbl_emails",
                                                 "check_hashbl_uris",
                                                 "check_hashbl_bodyre",
                                                 "check_hashbl_tag",
                                                 "check_hashbl_attachments",
                                                 "check_pyzor",
                                                 "check_dcc",
                                                 "check_dcc_reputation_range",
                                                 "check_razor2",
                                                 "check_razor2_range"};

std::string zone_of(std::string_view written) {
  while (written.ends_with('.')) written.remove_suffix(1);
  return to_lower(written);
}

}  // namespace

std::span<const std::string_view> network_evals() { return names; }

std::expected<void, UnboundCall> NetworkRules::add_call(std::uint32_t rule, std::string_view name,
                                                        std::string_view function,
                                                        const std::vector<std::string>& arguments,
                                                        const LookupFlags& flags) {
  if (function == "check_uridnsbl") {
    const auto lookup = settings_.uri_lists.find(name);
    if (lookup == settings_.uri_lists.end())
      return std::unexpected(fmt::format("no urirhssub or the like says which list {} asks", name));
    if (!settings_.skip_uri_lists) uri_lists_.push_back({rule, &lookup->second, flags});
    return {};
  }
  // It asks for the addresses of the sender's domain, and hits on a combination of answers that no
  // DNS server gives (a failure that has records): so it costs nothing here.
  if (function == "check_dns_sender") return {};
  if (is_checksum_function(function)) {
    auto checksum = ChecksumRule::bind(function, arguments);
    if (!checksum) return std::unexpected(checksum.error());
    checksum->rule = rule;
    checksum_rules_.push_back(*checksum);
    return {};
  }
  if (is_hash_function(function)) {
    auto list = HashList::bind(function, arguments, settings_);
    if (!list) return std::unexpected(list.error());
    list->rule = rule;
    list->raw_body = flags.raw_body;
    hash_lists_.push_back(*std::move(list));
    return {};
  }
  if (arguments.size() < 2)
    return std::unexpected(fmt::format("{} needs a set and {}", function,
                                       function == "check_rbl_sub" ? "a test" : "a zone"));
  if (settings_.skip_relay_lists) return {};
  if (function == "check_rbl_sub") {
    auto test = AnswerTest::of_relay_list(arguments[1]);
    if (!test) return std::unexpected(test.error());
    set_tests_.push_back({rule, arguments[0], *std::move(test)});
    return {};
  }
  const auto known = std::ranges::find(list_functions, function, &ListFunction::name);
  if (known == list_functions.end()) return std::unexpected("no function that asks the DNS");
  RelayList list{.rule = rule,
                 .subject = known->subject,
                 .set = arguments[0],
                 .zone = zone_of(arguments[1]),
                 .type = known->type,
                 .test = {},
                 .headers = arguments.size() > 3 ? arguments[3] : settings_.headers,
                 .accreditor = arguments.size() > 3 ? arguments[3] : std::string(),
                 .flags = flags};
  if (arguments.size() > 2 && !arguments[2].empty()) {
    auto test = AnswerTest::of_relay_list(arguments[2]);
    if (!test) return std::unexpected(test.error());
    list.test = *std::move(test);
  }
  relay_lists_.push_back(std::move(list));
  return {};
}

}  // namespace postern
