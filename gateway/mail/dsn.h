// dsn.h — the letter that tells a sender what became of the message: RFC 3461, 3462, 3464, 6533.
//
// Its reader is a person who has never heard of SMTP, and a program. The first part is for the
// person: what happened, to whom, what to do. The second part is the program's, the third says
// which message it was. Everything in it comes from outside, so nothing is trusted: no address,
// reply or header can add a field or end a part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/mail/dsn_template.h"
#include "gateway/mail/reply.h"

namespace postern {

/// RFC 3464 §2.3.3. The text of the letter follows the worst of its recipients.
enum class DsnAction : std::uint8_t { failed, delayed, delivered, relayed, expanded };

struct DsnRecipient {
  std::string address;  // the one that was tried
  std::string orcpt;    // ORCPT as received: "rfc822;bob+40example.org"; "" = none
  EnhancedCode status;  // where it says nothing, X.0.0 of the action's class is written
  DsnAction action = DsnAction::failed;
  std::string remote_mta;  // host name of the server that answered; "" = none did
  std::string diagnostic;  // Reply::line() of its answer, or our own words
  std::optional<WallTime> last_attempt;
  std::optional<WallTime> retry_until;  // for delayed
};

struct DsnRequest {
  std::string reporting_mta;  // our name
  std::string sender;         // the reverse-path; must not be null: RFC 5321 §6.1
  std::string envid;          // ENVID as received (xtext); "" = none
  WallTime arrival{};
  std::string queue_id;  // under which our log speaks of it; "" = none
  std::vector<DsnRecipient> recipients;
  std::string_view original;           // the message, or its header alone
  bool full = false;                   // RET=FULL; without it only the header is returned
  std::size_t original_limit = 50000;  // octets of it; a longer message comes back as its header
  std::string postmaster;              // address in From
  std::string message_id;              // without the angle brackets
  WallTime date{};
  DsnTemplates templates;
  milliseconds delay_warning_time{};  // the last two: for templates that name them
  milliseconds maximal_queue_lifetime{};
};

/// The message with CRLF line ends, to be sent with the null reverse-path.
std::string make_dsn(const DsnRequest& request);

}  // namespace postern
