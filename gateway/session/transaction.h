// transaction.h — one mail transaction: a single object with a single reset.
//
// MAIL makes it, and whatever ends the transaction destroys it: RSET, EHLO, STARTTLS, the end of
// DATA with any reply, an error on the way. There is no other copy of its state to forget
// (rules 14 and 15 of the field's failures).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/mail/command.h"
#include "gateway/pipeline/evidence.h"

namespace postern {

/// A recipient that was answered with 250.
struct AcceptedRecipient {
  RcptCommand command;
  std::vector<std::string> addresses;  // where the mail goes, aliases expanded
  std::string hold;                    // not empty: kept back for this recipient, and why
  bool discard = false;
};

struct MailTransaction {
  MailCommand mail;
  MessageId id;
  std::vector<AcceptedRecipient> recipients;
  std::vector<Change> changes;  // asked for at connect, helo, mail and rcpt
  std::string hold;             // for all recipients
  bool discard = false;
  std::size_t refused_recipients = 0;
};

}  // namespace postern
