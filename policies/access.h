// access.h — what an access table's result means: access(5) as far as it is a decision.
//
//   OK, 12345, RELAY            accept for this list        DUNNO    as if there were no entry
//   REJECT [text]  5NN [text]   refuse for good             521      ... and hang up
//   DEFER [text]   4NN [text]   refuse for now              421      ... and hang up
//   DEFER_IF_PERMIT [text]      refuse for now if the rest would accept
//   DEFER_IF_REJECT [text]      refuse for now if the rest would refuse for good
//   DISCARD [text]              say yes, deliver nothing    HOLD [text]  accept, keep in the queue
//   WARN [text]  INFO [text]    only a line in the log
//   PREPEND Name: value         add a header field
//   REDIRECT address            deliver there instead       BCC address  deliver there, too
//
// A text may begin with an enhanced status code ("550 5.7.1 Go away"). FILTER is refused: which
// filters a message passes is the pipeline's configuration. Other words are an error that names the
// map, so the caller answers 451 4.3.5 and not by chance.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "gateway/mail/reply.h"
#include "policies/map.h"

namespace postern {

/// What the entry is about; it words the reply and fits the enhanced code.
enum class AccessSubject { client, helo, sender, recipient };

struct AccessContext {
  AccessSubject subject = AccessSubject::client;
  std::string shown;  // in replies: "mail.example.org[192.0.2.1]", the HELO name, the address
};

struct AccessAction {
  enum class Kind {
    dunno,
    ok,
    reject,           // reply, hang_up
    defer,            // reply, hang_up
    defer_if_permit,  // reply
    defer_if_reject,  // reply
    discard,
    hold,
    warn,
    info,
    prepend,   // text is "Name: value"
    redirect,  // text is an address
    bcc        // text is an address
  };
  Kind kind = Kind::dunno;
  Reply reply;
  bool hang_up = false;
  std::string text;  // what stood behind the verb
  std::string map;   // where it was found: for the log
  std::string key;
};

/// The outcome of a list of maps. `decision` is dunno, ok, reject, defer or discard. `notes` are
/// the actions that do not decide, in the order in which they were found; they hold in any case.
struct AccessResult {
  AccessAction decision;
  std::vector<AccessAction> notes;
};

Result<AccessAction> parse_access_action(std::string_view value, const AccessContext& context);

/// Each map in turn is one check: its first matching key answers for it. A map that answers with
/// dunno or with a note leaves the decision to the next. An error of a map ends the search.
Result<AccessResult> check_access(const MapList& maps, std::span<const LookupKey> keys,
                                  const AccessContext& context);

/// For loading: every value of the maps that can be read ahead is understood, or a problem.
void check_access_values(const MapList& maps, std::vector<Problem>& problems);

/// The code as it may be said about that subject: its class follows the reply's code, and address
/// codes of the other direction (5.1.1 about a sender) become their counterpart (RFC 3463 §3.2).
EnhancedCode fit_enhanced(EnhancedCode code, std::uint16_t reply_code, AccessSubject subject);

}  // namespace postern
