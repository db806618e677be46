// lookup_settings.h — what rule files say about asking the DNS: the lists for URIs (urirhssub and
// its kin), askdns, what must not be asked, and how long to wait.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/base/setting.h"
#include "rules/network/answer_test.h"
#include "rules/network/checksum_settings.h"
#include "rules/network/hash_list_settings.h"

namespace postern {

/// One list that is asked about the hosts of URIs, by the name of its rule.
struct UriListLookup {
  enum class What : std::uint8_t {
    addresses,     // uridnsbl: the addresses of the host, or of its name servers
    domains,       // urirhsbl: the registered domain itself, or the host (tflags notrim)
    servers,       // urinsrhsbl: the domains of its name servers
    server_names,  // urifullnsrhsbl: their full names
  };
  What what = What::domains;
  std::string zone;
  QuestionType type = QuestionType::a;
  AnswerTest test;
};

/// One askdns rule: a name with _TAGS_ in it.
struct DnsQuery {
  std::string name;
  std::vector<QuestionType> types;
  AnswerTest test;
};

struct LookupSettings {
  bool skip_relay_lists = false;  // skip_rbl_checks
  bool skip_uri_lists = false;    // skip_uribl_checks
  bool skip_mailto = true;        // uridnsbl_skip_mailto
  unsigned most_domains = 20;     // uridnsbl_max_domains
  double timeout = 15;            // seconds: rbl_timeout
  double block_time = 300;        // seconds: dns_block_time
  std::string headers =
      "EnvelopeFrom,Reply-To,Disposition-Notification-To,X-WebmailclientIP,"
      "X-Source-IP";                                            // rbl_headers
  std::set<std::string, std::less<>> skipped_domains;           // uridnsbl_skip_domain
  std::map<std::string, UriListLookup, std::less<>> uri_lists;  // by rule
  std::map<std::string, DnsQuery, std::less<>> queries;         // by rule
  std::map<std::string, bool, std::less<>> restrictions;  // dns_query_restriction: name, denied
  std::map<std::string, std::set<std::string>, std::less<>> blocking;  // dns_block_rule: zones
  HashListSettings hash_lists;
  ChecksumSettings checksums;
};

SettingTable lookup_directives();

/// `askdns`, which also defines a rule. False: the line had no effect.
bool add_dns_query(SettingLine& line, RuleSettings& settings);

}  // namespace postern
