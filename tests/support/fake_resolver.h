// fake_resolver.h — a zone in memory for tests: what is not in it does not exist.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/net/dns.h"

namespace postern::test {

class FakeResolver final : public Resolver {
 public:
  void add(const std::string& name, RecordType type, std::string text,
           std::uint16_t preference = 0) {
    auto& answer = zone_[{name, type}];
    answer.status = DnsStatus::found;
    answer.records.push_back({std::move(text), preference});
    answer.ttl = 300;
  }
  void fail(const std::string& name, RecordType type) {
    zone_[{name, type}] = {DnsStatus::failed, {}, 0, "SERVFAIL"};
  }

  Task<DnsAnswer> query(std::string name, RecordType type, SteadyTime) override {
    asked.push_back(name);
    const auto found = zone_.find({name, type});
    if (found != zone_.end()) co_return found->second;
    for (const auto& [key, answer] : zone_) {
      if (key.first == name) co_return DnsAnswer{DnsStatus::no_records, {}, 60, ""};
    }
    co_return DnsAnswer{DnsStatus::no_such_name, {}, 60, ""};
  }

  std::vector<std::string> asked;

 private:
  std::map<std::pair<std::string, RecordType>, DnsAnswer> zone_;
};

}  // namespace postern::test
