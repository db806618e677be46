// dns.h — asking the DNS, as an interface (tests bring a fake).
//
// An answer is data from strangers: the implementation decodes raw packets strictly, with limits,
// and gives up rather than guess (faults F70, F73).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/net/task.h"

namespace postern {

enum class RecordType : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28
};

/// found: records is not empty. no_such_name: NXDOMAIN. no_records: the name exists, without this
/// type. failed: SERVFAIL, timeout, nonsense; never to be read as "not found".
enum class DnsStatus { found, no_such_name, no_records, failed };

struct DnsRecord {
  std::string text;  // A, AAAA: numeric; MX, NS, PTR: host in lower case without final dot
                     // ("" = root, RFC 7505's null MX); TXT: its strings joined
  std::uint16_t preference = 0;  // MX
};

struct DnsAnswer {
  DnsStatus status = DnsStatus::failed;
  std::vector<DnsRecord> records;  // MX: sorted by preference
  std::uint32_t ttl = 0;           // seconds, the least of the records
  std::string error;               // why `failed`, for the log
  std::string authority = {};  // of a negative answer with a SOA record: the zone's primary server
};

/// What Pyzor's servers know of a message's digest.
struct DigestCount {
  std::uint64_t reported = 0;
  std::uint64_t welcome = 0;  // reported as no spam
  bool operator==(const DigestCount&) const = default;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  /// One question; aliases are followed. Answers at the latest at `deadline`.
  virtual Task<DnsAnswer> query(std::string name, RecordType type, SteadyTime deadline) = 0;
  /// How often a digest (40 digits) was reported. Nothing where no server answers in time; by
  /// itself a resolver knows no server.
  virtual Task<std::optional<DigestCount>> digest_count(std::string digest, SteadyTime deadline);
};

/// "192.0.2.1" -> "1.2.0.192.in-addr.arpa", IPv6 in nibbles; "" for anything else.
std::string reverse_name(const std::string& address);

}  // namespace postern
