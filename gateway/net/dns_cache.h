// dns_cache.h — answers kept for their time to live, bounded in number and in octets.
//
// Strangers choose what is asked, and how long the answers are: the least recently used go first.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>

#include "gateway/net/dns_message.h"

namespace postern {

class DnsCache {
 public:
  /// At most `entries` answers and 512 octets for each of them on average; 0 = keeps nothing.
  explicit DnsCache(std::size_t entries) : most_(entries) {}

  /// The answer with what is left of its ttl, or nullptr; valid until the next call.
  const DecodedAnswer* find(const std::string& name, RecordType type, SteadyTime now);
  void store(const std::string& name, RecordType type, const DecodedAnswer& answer, SteadyTime now);
  std::size_t size() const { return index_.size(); }

 private:
  struct Entry {
    std::string key;
    DecodedAnswer answer;
    SteadyTime expires;
    std::size_t octets;
  };
  using Entries = std::list<Entry>;  // the most recently used first
  void drop(Entries::iterator entry);

  std::size_t most_;
  std::size_t octets_ = 0;
  Entries entries_;
  std::map<std::string, Entries::iterator> index_;  // ordered: strangers choose the keys
};

}  // namespace postern
