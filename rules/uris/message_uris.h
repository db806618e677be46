// message_uris.h — the URIs of a message as uri rules and uri eval functions see them: found in the
// rendered text and in HTML, in raw and canonical forms, with the targets of redirections.
//
// PerMsgStatus.pm's get_uri_detail_list and Util.pm's uri_list_canonicalize of SpamAssassin 4.0.1.
// Limits: 8192 octets a URI; at most 8192 of them (the number is a bound of ours).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/parts/message_parts.h"
#include "rules/uris/domain_settings.h"

namespace postern {

/// One URI as it was written, and what it comes to.
struct Uri {
  std::string raw;                           // with a scheme put in front where text had none
  std::set<std::string, std::less<>> types;  // "a", "img", "parsed", …
  std::vector<std::string> cleaned;          // canonical forms, redirection targets among them;
                                             // none of domains in DKIM signatures
  std::vector<std::string> anchor_text;
  std::vector<std::string> domains;  // registered domains of the cleaned forms, sorted
  std::vector<std::string> hosts;    // full host names, sorted
};

class MessageUris {
 public:
  MessageUris(const MessageParts& parts, const std::vector<std::string>& body,
              const DomainSettings& domains, Matcher& matcher);

  const std::vector<Uri>& detailed() const { return detailed_; }
  /// What uri rules are matched against: each once, sorted (SpamAssassin's order is random).
  const std::vector<std::string>& unique() const { return unique_; }
  bool truncated() const { return truncated_; }  // one was cut: check_uri_truncated

 private:
  std::vector<Uri> detailed_;
  std::vector<std::string> unique_;
  bool truncated_ = false;
};

}  // namespace postern
