// recipients.h — whether mail to an address is accepted, and whose it is in the end.
//
// Whether relaying is allowed at all is decided here, apart from every filter and every spam rule:
// a recipient is ours, or the client may relay, or the answer is 554.
//
//   postmaster         <postmaster>, and postmaster@ any domain of ours: always accepted (RFC 5321
//                      §4.5.1). It goes where the tables say. Where they are silent, <postmaster>
//                      and postmaster@myhostname and @ an alias domain become postmaster@ the first
//                      name in relay_domains, so that somebody reads it.
//   virtual alias      any address with an entry in virtual_alias_maps is known and expanded
//   alias domain       without an entry: 550 User unknown
//   relay domain       relay_recipient_maps must have the address or its @domain; no maps: accepted
//   foreign            554 Relay access denied, unless the client may relay
//
// user%other@ours and "user@other"@ours (source routes by another name) are relaying unless a table
// lists the address.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "gateway/mail/address.h"
#include "gateway/mail/reply.h"
#include "policies/domain_list.h"
#include "policies/map.h"
#include "policies/settings.h"

namespace postern {

struct RecipientAnswer {
  enum class Kind { accepted, relay_denied, unknown_user, temporary_error };

  Kind kind = Kind::accepted;
  Reply reply;  // unless accepted: what to say to the client
  /// Where accepted: who gets the mail. At least one, no two equal (without regard to case).
  std::vector<std::string> final_recipients;
  std::string error;  // of a temporary error: for the log, with the map that failed

  bool accepted() const { return kind == Kind::accepted; }
};

class RecipientPolicy {
 public:
  static RecipientPolicy open(const PolicySettings& settings, std::string_view myhostname,
                              std::shared_ptr<const DomainList> relay_domains,
                              std::vector<Problem>& problems);

  /// `may_relay`: the client is in mynetworks (or authenticated). Unknown users of our own domains
  /// are refused to such a client, too.
  RecipientAnswer answer(const Address& recipient, bool may_relay) const;

  /// Whether mail to that domain is accepted from everyone.
  Result<bool> is_ours(std::string_view domain) const;

 private:
  enum class Domain { foreign, own_name, alias, relay };
  struct Recipient;

  Result<Domain> classify(std::string_view domain) const;
  Result<RecipientAnswer> decide(Recipient recipient, bool may_relay) const;
  Result<bool> known(const Recipient& recipient, Domain domain) const;
  Result<std::vector<std::string>> expand(const std::string& address) const;
  Result<std::optional<std::vector<std::string>>> aliases_of(const std::string& address) const;
  std::string reader_of_postmaster(const Recipient& recipient, Domain domain) const;

  std::string myhostname_;
  std::string delimiters_;
  std::shared_ptr<const DomainList> relay_domains_;
  DomainList alias_domains_;
  MapList relay_recipients_;
  MapList aliases_;
  std::size_t expansion_limit_ = 1000;
  std::size_t recursion_limit_ = 1000;
};

}  // namespace postern
