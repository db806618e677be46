// network_rules.h — rules that ask the DNS, bound to their numbers; and one message's questions.
//
// DNSEval.pm, URIDNSBL.pm, AskDNS.pm, Dns.pm and the restrictions of AsyncLoop.pm of SpamAssassin
// 4.0.1. All that can be asked is asked at once; some answers (a name server's name, an address)
// lead to further questions. A question that several rules have is asked once.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/message/scanned_message.h"
#include "rules/network/answer_test.h"
#include "rules/network/checksum_rule.h"
#include "rules/network/hash_list.h"
#include "rules/network/lookup_settings.h"
#include "rules/network/question.h"

namespace postern {

/// tflags that decide what is asked.
struct LookupFlags {
  bool nice = false;          // trusted relays may be asked about, too
  bool domains_only = false;  // no IP addresses
  bool ips_only = false;
  bool whole_host = false;      // notrim: the full host name instead of the registered domain
  bool of_address = false;      // a: the host's address
  bool of_name_server = false;  // ns
  bool raw_body = false;        // a rawbody rule: no flag, and of as much weight
};

/// check_rbl and its kin: whom to ask about.
enum class ListSubject : std::uint8_t {
  relays,           // check_rbl, check_rbl_txt
  from_hosts,       // check_rbl_from_host
  from_domains,     // check_rbl_from_domain
  envelope_sender,  // check_rbl_envfrom
  headers,          // check_rbl_headers
  last_relay,       // check_rbl_rcvd
  accredited,       // check_rbl_accreditor: relays, of a message that names an accreditor
  name_server,      // check_rbl_ns_from: of the envelope sender's domain
};

class NetworkRules {
 public:
  explicit NetworkRules(const LookupSettings& settings) : settings_(settings) {}

  struct RelayList {
    std::uint32_t rule = 0;
    ListSubject subject = ListSubject::relays;
    std::string set;  // "zen-lastexternal": its end says which relays
    std::string zone;
    QuestionType type = QuestionType::a;
    AnswerTest test;
    std::string headers;     // for `headers`: names with commas between them
    std::string accreditor;  // for `accredited`, in lower case
    LookupFlags flags;
  };
  struct SetTest {  // check_rbl_sub: looks at what others asked
    std::uint32_t rule = 0;
    std::string set;
    AnswerTest test;
  };
  struct UriList {
    std::uint32_t rule = 0;
    const UriListLookup* lookup = nullptr;
    LookupFlags flags;
  };
  struct Query {
    std::uint32_t rule = 0;
    const DnsQuery* query = nullptr;
  };

  /// Binds `function(arguments)` of a rule; the functions are those of network_evals(). What is
  /// wrong with the arguments, where it cannot.
  std::expected<void, UnboundCall> add_call(std::uint32_t rule, std::string_view name,
                                            std::string_view function,
                                            const std::vector<std::string>& arguments,
                                            const LookupFlags& flags);
  /// An askdns rule.
  void add_query(std::uint32_t rule, const DnsQuery& query) { queries_.push_back({rule, &query}); }

  bool empty() const {
    return relay_lists_.empty() && hash_lists_.empty() && uri_lists_.empty() && queries_.empty() &&
           checksum_rules_.empty();
  }
  const LookupSettings& settings() const { return settings_; }
  const std::vector<RelayList>& relay_lists() const { return relay_lists_; }
  const std::vector<SetTest>& set_tests() const { return set_tests_; }
  const std::vector<HashList>& hash_lists() const { return hash_lists_; }
  const std::vector<ChecksumRule>& checksum_rules() const { return checksum_rules_; }
  const std::vector<UriList>& uri_lists() const { return uri_lists_; }
  const std::vector<Query>& queries() const { return queries_; }

 private:
  const LookupSettings& settings_;
  std::vector<RelayList> relay_lists_;
  std::vector<SetTest> set_tests_;
  std::vector<HashList> hash_lists_;
  std::vector<ChecksumRule> checksum_rules_;
  std::vector<UriList> uri_lists_;
  std::vector<Query> queries_;
};

/// Names of the functions that add_call() binds.
std::span<const std::string_view> network_evals();

/// The questions of one message, and what their answers come to.
class NetworkScan {
 public:
  /// `closed`: zones that must not be asked now (dns_block_rule).
  NetworkScan(const NetworkRules& rules, ScannedMessage& message,
              std::set<std::string, std::less<>> closed = {});

  /// What has not been asked yet; to be called again after answers, until nothing comes.
  std::vector<NetworkQuestion> take_questions();
  void answer(const NetworkQuestion& question, const NetworkAnswer& answer);

  /// Rules that hit, and how often.
  const std::map<std::uint32_t, unsigned>& hits() const { return hits_; }

 private:
  /// Who wants to know, and what for.
  struct Interest {
    const NetworkRules::RelayList* relay_list = nullptr;
    const NetworkRules::RelayList* of_name_server = nullptr;
    const NetworkRules::UriList* uri_list = nullptr;
    const HashList* hash_list = nullptr;
    const NetworkRules::Query* query = nullptr;
    std::vector<const NetworkRules::UriList*> of_servers = {};    // NS
    std::vector<const NetworkRules::UriList*> of_addresses = {};  // A of a host or a name server
  };
  struct Asked {
    bool taken = false;
    std::vector<Interest> interests;
  };

  void ask(std::string name, QuestionType type, Interest interest);
  void ask_as_written(std::string name, QuestionType type, Interest interest);
  bool may_ask(std::string_view name) const;

  void ask_relay_lists();
  void ask_about_relays(const NetworkRules::RelayList& list);
  void ask_about_hosts(const NetworkRules::RelayList& list,
                       const std::vector<std::string>& addresses);
  void ask_about_host(const NetworkRules::RelayList& list, std::string_view host);
  void ask_about_field(const NetworkRules::RelayList& list, const std::string& field);
  void ask_for_name_server(const NetworkRules::RelayList& list);
  std::vector<std::string> relays_for(const NetworkRules::RelayList& list);

  void ask_hash_lists();
  void ask_checksums();

  void ask_uri_lists();
  std::map<std::string, std::string> uri_hosts();
  void ask_about_uri_host(const std::string& host, const std::string& domain);
  void ask_uri_list(const NetworkRules::UriList& list, const std::string& about);

  void ask_queries();
  std::vector<std::string> names_of(const DnsQuery& query);
  std::vector<std::string> tag_values(std::string_view tag);

  void take_relay_list(const NetworkRules::RelayList& list, const NetworkAnswer& answer);
  void take_hash_list(const HashList& list, const NetworkAnswer& answer);
  void take_pyzor(const NetworkAnswer& answer);
  void take_uri_list(const NetworkRules::UriList& list, const NetworkAnswer& answer);
  void take_query(const NetworkRules::Query& query, QuestionType type, const NetworkAnswer& answer);
  void take_servers(const std::vector<const NetworkRules::UriList*>& lists,
                    const NetworkAnswer& answer);

  const NetworkRules& rules_;
  ScannedMessage& message_;
  std::set<std::string, std::less<>> closed_;
  std::map<std::string, std::string> uri_hosts_;  // host: registered domain
  std::map<NetworkQuestion, Asked> asked_;
  std::set<std::pair<std::uint32_t, std::string>> about_;  // (rule, what) that uri lists were asked
  std::map<std::uint32_t, unsigned> hits_;
};

}  // namespace postern
