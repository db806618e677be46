#include "gateway/pipeline/rule_lookups.h"

#include <chrono>
#include <utility>

namespace postern {
namespace {

NetworkAnswer::Status status_of(DnsStatus status) {
  using Status = NetworkAnswer::Status;
  switch (status) {
    case DnsStatus::found:
      return Status::found;
    case DnsStatus::no_such_name:
      return Status::no_such_name;
    case DnsStatus::no_records:
      return Status::no_records;
    case DnsStatus::failed:
      return Status::failed;
  }
  return Status::failed;
}

NetworkAnswer network_answer(const DnsAnswer& answer) {
  NetworkAnswer out;
  out.status = status_of(answer.status);
  out.authority = answer.authority;
  for (const DnsRecord& record : answer.records) out.records.push_back(record.text);
  return out;
}

}  // namespace

void RuleLookups::send() {
  for (auto& question : scan_.questions()) group_.spawn(ask(std::move(question)));
}

Task<> RuleLookups::ask(NetworkQuestion question) {
  if (question.service == NetworkService::pyzor) co_return co_await ask_pyzor(std::move(question));
  // The numbers of both enumerations are those of the DNS.
  const auto type = static_cast<RecordType>(question.type);
  const DnsAnswer answer = co_await resolver_.query(question.name, type, deadline_);
  scan_.answer(question, network_answer(answer));
  send();
}

Task<> RuleLookups::ask_pyzor(NetworkQuestion question) {
  const auto count = co_await resolver_.digest_count(question.name, deadline_);
  if (!count) co_return;
  scan_.answer(question, {.status = NetworkAnswer::Status::found,
                          .records = {},
                          .authority = {},
                          .reported = count->reported,
                          .welcome = count->welcome});
}

SteadyTime lookup_deadline(const RuleSet& rules) {
  const std::chrono::duration<double> patience(rules.settings().lookups.timeout);
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<SteadyTime::duration>(patience);
}

}  // namespace postern
