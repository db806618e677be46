// zone.h — a resolver that answers from a zone in memory, for `postern verify`: what is not in it
// does not exist, and names and types can be marked as failing.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/net/dns.h"

namespace postern {

class ZoneResolver final : public Resolver {
 public:
  /// Names compare without case; a final dot does not count. MX hosts and PTR names get the form
  /// that dns.h promises.
  void add(std::string_view name, RecordType type, DnsRecord record);
  /// The name exists, perhaps without any record.
  void add_name(std::string_view name);
  /// Questions of that type fail.
  void fail(std::string_view name, RecordType type, std::string error);
  /// Questions of every type that has no record of its own fail.
  void fail_others(std::string_view name, std::string error);

  /// Never waits. Aliases are followed, at most 16; a circle of them is an answer `failed`.
  Task<DnsAnswer> query(std::string name, RecordType type, SteadyTime deadline) override;

 private:
  using Key = std::pair<std::string, RecordType>;
  std::map<Key, std::vector<DnsRecord>> records_;
  std::map<Key, std::string> failures_;
  std::map<std::string, std::string> other_failures_;
  std::set<std::string> names_;
};

/// The type of that name; nothing for those that are never asked for here.
std::optional<RecordType> record_type(std::string_view name);

/// Reads a zone written as for BIND (RFC 1035 §5.1): "name [ttl] [class] type data", comments,
/// quotes, parentheses. All names are absolute, with or without a final dot. Records of types that
/// are never asked for only make their names exist. Marks for tests: "name TYPE SERVFAIL", "name
/// TYPE TIMEOUT", and the same without a type for all types that have no record; "name NXDOMAIN".
/// An error names the line.
Result<> read_zone(std::string_view text, ZoneResolver& zone);

}  // namespace postern
