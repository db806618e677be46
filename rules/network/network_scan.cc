// network_scan.cc — questions gathered and answers told apart; who asks what is in the files
// relay_questions, uri_questions and query_questions.
#include <algorithm>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/hosts/host_name.h"
#include "rules/network/network_rules.h"

namespace postern {
namespace {

// A message has about twenty hosts and as many relays; what goes beyond is an attack on the lists.
constexpr std::size_t most_questions = 450;

}  // namespace

NetworkScan::NetworkScan(const NetworkRules& rules, ScannedMessage& message,
                         std::set<std::string, std::less<>> closed)
    : rules_(rules), message_(message), closed_(std::move(closed)) {
  if (rules_.empty()) return;
  ask_relay_lists();
  ask_uri_lists();
  ask_hash_lists();
  ask_checksums();
  ask_queries();
}

std::vector<NetworkQuestion> NetworkScan::take_questions() {
  std::vector<NetworkQuestion> out;
  for (auto& [question, asked] : asked_) {
    if (!std::exchange(asked.taken, true)) out.push_back(question);
  }
  return out;
}

void NetworkScan::ask(std::string name, QuestionType type, Interest interest) {
  if (is_fully_qualified(name)) ask_as_written(std::move(name), type, std::move(interest));
}

void NetworkScan::ask_as_written(std::string name, QuestionType type, Interest interest) {
  while (name.ends_with('.')) name.pop_back();
  name = to_lower(name);
  if (!may_ask(name)) return;
  NetworkQuestion question{std::move(name), type};
  const auto known = asked_.find(question);
  if (known != asked_.end()) {
    known->second.interests.push_back(std::move(interest));
  } else if (asked_.size() < most_questions) {
    asked_[std::move(question)].interests.push_back(std::move(interest));
  }
}

/// The name itself and what is above it: the nearest word on it decides (dns_query_restriction); a
/// zone that has told us to stay away is not asked for a while (dns_block_rule).
bool NetworkScan::may_ask(std::string_view name) const {
  const auto& restrictions = rules_.settings().restrictions;
  if (restrictions.empty() && closed_.empty()) return true;
  bool closed = false;
  for (std::string_view zone = name;;) {
    if (const auto known = restrictions.find(zone); known != restrictions.end())
      return !known->second && !closed;
    closed = closed || closed_.contains(zone);
    const auto dot = zone.find('.');
    if (dot == std::string_view::npos) break;
    zone.remove_prefix(dot + 1);
  }
  const auto all = restrictions.find("*");
  return !closed && (all == restrictions.end() || !all->second);
}

void NetworkScan::answer(const NetworkQuestion& question, const NetworkAnswer& answer) {
  const auto known = asked_.find(question);
  if (known == asked_.end()) return;
  if (question.service == NetworkService::pyzor) return take_pyzor(answer);
  // Each answer counts once; what it leads to may ask the same question on behalf of others.
  const std::vector<Interest> interests = std::exchange(known->second.interests, {});
  for (const Interest& interest : interests) {
    if (interest.relay_list != nullptr) take_relay_list(*interest.relay_list, answer);
    if (interest.of_name_server != nullptr && !answer.authority.empty())
      ask(answer.authority + "." + interest.of_name_server->zone, QuestionType::a,
          {.relay_list = interest.of_name_server});
    if (interest.hash_list != nullptr) take_hash_list(*interest.hash_list, answer);
    if (interest.uri_list != nullptr) take_uri_list(*interest.uri_list, answer);
    if (interest.query != nullptr) take_query(*interest.query, question.type, answer);
    if (!interest.of_servers.empty()) take_servers(interest.of_servers, answer);
    for (const auto* list : interest.of_addresses) {
      for (const auto& address : answer.records) ask_uri_list(*list, address);
    }
  }
}

/// A listing answers with an address in 127/8, or says something (Dns.pm, process_dnsbl_result).
void NetworkScan::take_relay_list(const NetworkRules::RelayList& list,
                                  const NetworkAnswer& answer) {
  for (const auto& record : answer.records) {
    if (list.type == QuestionType::a && !record.starts_with("127.")) continue;
    if (list.test.holds(record, message_.matcher())) hits_[list.rule] = 1;
    for (const auto& test : rules_.set_tests()) {
      if (test.set == list.set && test.test.holds(record, message_.matcher())) hits_[test.rule] = 1;
    }
  }
}

/// An address need not be one: what is asked for is often a mail address as it stands.
void NetworkScan::ask_hash_lists() {
  for (const auto& list : rules_.hash_lists()) {
    const auto labels = list.subject == HashSubject::tag
                            ? tag_hashes(list, tag_values(list.tag), message_)
                            : hashes(list, message_);
    for (const auto& label : labels)
      ask_as_written(label + "." + list.zone, QuestionType::a, {.hash_list = &list});
  }
}

void NetworkScan::take_hash_list(const HashList& list, const NetworkAnswer& answer) {
  for (const auto& record : answer.records) {
    if (list.test.holds(record, message_.matcher())) hits_[list.rule] = 1;
  }
}

void NetworkScan::take_uri_list(const NetworkRules::UriList& list, const NetworkAnswer& answer) {
  for (const auto& record : answer.records) {
    const bool address = list.lookup->type == QuestionType::a;
    if (list.lookup->test.takes_everything() && address && !record.starts_with("127.")) continue;
    if (list.lookup->test.holds(record, message_.matcher())) hits_[list.rule] = 1;
  }
}

void NetworkScan::take_query(const NetworkRules::Query& query, QuestionType,
                             const NetworkAnswer& answer) {
  const AnswerTest& test = query.query->test;
  if (test.holds_for(answer.status)) hits_[query.rule] = 1;
  for (const auto& record : answer.records) {
    if (test.holds(record, message_.matcher())) hits_[query.rule] = 1;
  }
}

void NetworkScan::take_servers(const std::vector<const NetworkRules::UriList*>& lists,
                               const NetworkAnswer& answer) {
  const auto& boundaries = message_.settings().domains.boundaries;
  // Only lists that are asked about addresses (tflags a) follow a name server to its address:
  // SpamAssassin 4.0.1 forgets those that ask about name servers alone.
  Interest addresses;
  for (const auto& list : rules_.uri_lists()) {
    if (list.lookup->what == UriListLookup::What::addresses && list.flags.of_address)
      addresses.of_addresses.push_back(&list);
  }
  for (const auto& server : answer.records) {
    if (!addresses.of_addresses.empty()) ask(server, QuestionType::a, addresses);
    for (const auto* list : lists) {
      if (list->lookup->what == UriListLookup::What::servers)
        ask_uri_list(*list, boundaries.trim_domain(server));
      if (list->lookup->what == UriListLookup::What::server_names) ask_uri_list(*list, server);
    }
  }
}

}  // namespace postern
