// One transaction of SmtpClient: MAIL, RCPT, DATA, content, and who got what for an answer.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "gateway/delivery/content_wire.h"
#include "gateway/delivery/smtp_client.h"
#include "gateway/delivery/smtp_reply.h"
#include "gateway/mail/address.h"
#include "gateway/mail/command.h"

namespace postern {

// RFC 2920 §3.1: a client that sends without reading must not fill both directions. A hundred
// commands and their replies fit into any socket's buffers.
static constexpr std::size_t pipelined_group = 100;

// The commands are numbered: RSET where one is due, MAIL, one RCPT for each offered, DATA.
struct SmtpClient::Dialogue {
  explicit Dialogue(const Transaction& t) : transaction(t) {
    result.replies.resize(t.recipients.size());
  }

  const QueuedRecipient& recipient(std::size_t position) const {
    return transaction.envelope.recipients[transaction.recipients[position]];
  }
  void answer(const std::vector<std::size_t>& positions, const Reply& reply) {
    for (const std::size_t position : positions) result.replies[position] = reply;
  }
  bool is_open(std::size_t position) const { return result.replies[position].code == 0; }
  std::size_t commands() const { return data() + 1; }
  std::size_t mail() const { return reset ? 1 : 0; }
  std::size_t data() const { return mail() + 1 + offered.size(); }

  const Transaction& transaction;
  TransactionResult result;
  std::vector<std::size_t> offered;   // positions in result.replies that get a RCPT
  std::vector<std::size_t> accepted;  // those of them that still count on the content
  std::uint64_t size = 0;
  bool eight_bit = false;
  bool utf8 = false;
  bool reset = false;
  bool answered = false;
  bool mail_refused = false;
  bool go_ahead = false;  // 354
};

namespace {

bool ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Addresses come from parsers, or from an administrator's map: a control in one would be a
/// command.
bool harmless(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7f;
  });
}

struct Needs {
  ContentFacts prefix, body;
  bool utf8_header = false;
};

/// Why the message cannot go to this server at all.
std::optional<Reply> obstacle(const Transaction& t, const Needs& needs, std::uint64_t size,
                              const Capabilities& offers, const Peer& peer) {
  if (!needs.prefix.canonical || !needs.body.canonical) {
    // Ours or the disk's fault: kept, and never sent.
    return reply(451, {4, 3, 0}, "the stored content has bare CR or LF and was not sent");
  }
  if (!harmless(t.envelope.sender))
    return reply(550, {5, 1, 7}, "the sender's address has controls");
  if (offers.size_limit > 0 && size > offers.size_limit) {
    return reply(552, {5, 3, 4},
                 fmt::format("the message has {} octets, {} takes at most {}", size, peer.text(),
                             offers.size_limit));
  }
  if ((needs.utf8_header || !ascii(t.envelope.sender)) && !offers.utf8) {
    return reply(550, {5, 6, 7},
                 fmt::format("the message needs SMTPUTF8, which {} does not offer", peer.text()));
  }
  if ((needs.prefix.eight_bit || needs.body.eight_bit) && !offers.eight_bit) {
    return reply(
        554, {5, 6, 3},
        fmt::format("the message has 8-bit octets and {} does not offer 8BITMIME", peer.text()));
  }
  return std::nullopt;
}

std::optional<Reply> obstacle(const QueuedRecipient& recipient, const Capabilities& offers,
                              const Peer& peer) {
  if (!harmless(recipient.address))
    return reply(550, {5, 1, 3}, "the recipient's address has controls");
  if (!offers.utf8 && !ascii(recipient.address)) {
    return reply(553, {5, 6, 7},
                 fmt::format("the address needs SMTPUTF8, which {} does not offer", peer.text()));
  }
  return std::nullopt;
}

/// RFC 3461 §4.1. A copy for the archive never makes the next hop write to the sender.
std::string notify_words(const QueuedRecipient& recipient) {
  if (recipient.kind == RecipientKind::archive || (recipient.notify & notify_never)) return "NEVER";
  std::string out;
  const auto add = [&](std::uint8_t bit, const char* word) {
    if (!(recipient.notify & bit)) return;
    if (!out.empty()) out += ',';
    out += word;
  };
  add(notify_success, "SUCCESS");
  add(notify_failure, "FAILURE");
  add(notify_delay, "DELAY");
  return out;
}

}  // namespace

Task<TransactionResult> SmtpClient::transact(const Transaction& transaction) {
  Dialogue dialogue(transaction);
  dialogue.size = transaction.prefix.size() + transaction.body.size();
  Needs needs{examine(transaction.prefix), examine(transaction.body), false};
  dialogue.eight_bit = needs.prefix.eight_bit || needs.body.eight_bit;
  needs.utf8_header = transaction.envelope.utf8 && dialogue.eight_bit &&
                      has_8bit_header(transaction.prefix, transaction.body);
  dialogue.utf8 =
      capabilities_.utf8 && (transaction.envelope.utf8 || !ascii(transaction.envelope.sender));

  const auto none = obstacle(transaction, needs, dialogue.size, capabilities_, peer_);
  for (std::size_t i = 0; i < transaction.recipients.size(); ++i) {
    const auto reason = none ? none : obstacle(dialogue.recipient(i), capabilities_, peer_);
    if (reason) {
      dialogue.result.replies[i] = *reason;
    } else {
      dialogue.offered.push_back(i);
      if (!ascii(dialogue.recipient(i).address)) dialogue.utf8 = true;
    }
  }
  if (dialogue.offered.empty()) co_return std::move(dialogue.result);

  co_await negotiate(dialogue);
  if (usable() && dialogue.go_ahead) {
    if (dialogue.accepted.empty()) {
      co_await abandon();
    } else {
      co_await hand_over(dialogue);
    }
  }
  dialogue.result.unanswered = !dialogue.answered;
  for (const std::size_t position : dialogue.offered) {
    if (dialogue.is_open(position)) dialogue.result.replies[position] = last_;
  }
  co_return std::move(dialogue.result);
}

Task<> SmtpClient::negotiate(Dialogue& dialogue) {
  dialogue.reset = needs_reset_;
  const std::size_t total = dialogue.commands();
  const std::size_t group = capabilities_.pipelining ? pipelined_group : 1;
  std::size_t next = 0;
  while (next < total && usable() && !dialogue.mail_refused) {
    if (next == dialogue.data() && dialogue.accepted.empty()) break;
    const std::size_t until = std::min(total, next + group);
    for (std::size_t i = next; i < until; ++i) write_command(dialogue, i);
    const auto sent = co_await stream_->flush(after(settings_.smtp_mail_timeout));
    if (!sent) {
      lose("MAIL", sent.error().what);
      co_return;
    }
    for (std::size_t i = next; i < until && usable(); ++i) co_await read_answer(dialogue, i);
    next = until;
  }
}

void SmtpClient::write_command(const Dialogue& dialogue, std::size_t index) {
  if (index < dialogue.mail()) {
    stream_->write("RSET\r\n");
  } else if (index == dialogue.mail()) {
    write_mail(dialogue);
  } else if (index == dialogue.data()) {
    stream_->write("DATA\r\n");
  } else {
    write_recipient(dialogue.recipient(dialogue.offered[index - dialogue.mail() - 1]));
  }
}

void SmtpClient::write_mail(const Dialogue& dialogue) {
  const Envelope& envelope = dialogue.transaction.envelope;
  std::string line = fmt::format("MAIL FROM:<{}>", envelope.sender);
  if (capabilities_.size) line += fmt::format(" SIZE={}", dialogue.size);
  if (dialogue.eight_bit && capabilities_.eight_bit) line += " BODY=8BITMIME";
  if (dialogue.utf8) line += " SMTPUTF8";
  if (capabilities_.dsn) {
    if (!envelope.ret.empty()) line += " RET=" + envelope.ret;
    if (!envelope.envid.empty() && harmless(envelope.envid)) line += " ENVID=" + envelope.envid;
  }
  stream_->write(line);
  stream_->write("\r\n");
}

void SmtpClient::write_recipient(const QueuedRecipient& recipient) {
  stream_->write("RCPT TO:<");
  stream_->write(recipient.address);
  stream_->write(">");
  if (capabilities_.dsn) {
    if (const std::string notify = notify_words(recipient); !notify.empty()) {
      stream_->write(" NOTIFY=" + notify);
    }
    // RFC 3461 §5.2.1: without one from the sender, the address as the sender knew it.
    if (!recipient.orcpt.empty() && harmless(recipient.orcpt)) {
      stream_->write(" ORCPT=" + recipient.orcpt);
    } else if (!recipient.original.empty() && ascii(recipient.original)) {
      stream_->write(" ORCPT=rfc822;" + encode_xtext(recipient.original));
    }
  }
  stream_->write("\r\n");
}

Task<> SmtpClient::read_answer(Dialogue& dialogue, std::size_t index) {
  if (index < dialogue.mail()) {
    const Reply answer = co_await read_reply("RSET", settings_.smtp_mail_timeout);
    if (!broken_ && !succeeded(answer)) lose("RSET", "refused: " + answer.line());
    needs_reset_ = false;
    co_return;  // says nothing of this message: does not count as an answer to it
  }
  const bool data = index == dialogue.data();
  const bool mail = index == dialogue.mail();
  const char* const stage = mail ? "MAIL" : data ? "DATA" : "RCPT";
  const milliseconds patience = mail   ? settings_.smtp_mail_timeout
                                : data ? settings_.smtp_data_init_timeout
                                       : settings_.smtp_rcpt_timeout;
  const Reply answer = co_await read_reply(stage, patience);
  // 421 to MAIL is how a server says that the connection lay idle for too long.
  if (broken_ || (leaving_ && mail)) co_return;
  dialogue.answered = true;

  if (mail) {
    needs_reset_ = succeeded(answer);
    dialogue.mail_refused = !succeeded(answer);
    if (dialogue.mail_refused)
      dialogue.answer(dialogue.offered, failed(bounded(answer), peer_.text()));
  } else if (data) {
    dialogue.go_ahead = answer.code / 100 == 3;
    if (dialogue.go_ahead) co_return;
    if (succeeded(answer)) {
      lose("DATA", "unexpected reply: " + answer.line());
    } else {
      dialogue.answer(std::exchange(dialogue.accepted, {}), bounded(answer));
    }
  } else if (!dialogue.mail_refused) {
    const std::size_t position = dialogue.offered[index - dialogue.mail() - 1];
    if (succeeded(answer)) {
      dialogue.accepted.push_back(position);
    } else {
      dialogue.result.replies[position] = failed(bounded(answer), peer_.text());
    }
  }
}

// DATA was sent before the answers to RCPT were known, all of them were no, and the server wants
// content nevertheless. RFC 2920 §3.1: it gets a lone dot; what it answers is about nobody.
Task<> SmtpClient::abandon() {
  if (peer_.dialect == Dialect::lmtp) {
    // RFC 2033 §4.2 has one reply for each accepted recipient: with none, nobody knows how many.
    broken_ = true;
    stream_->shut();
    co_return;
  }
  stream_->write(".\r\n");
  const auto sent = co_await stream_->flush(after(settings_.smtp_data_xfer_timeout));
  if (!sent) {
    lose("the final dot", sent.error().what);
    co_return;
  }
  const Reply ignored = co_await read_reply("the final dot", settings_.smtp_data_done_timeout);
  needs_reset_ = false;
}

Task<> SmtpClient::hand_over(Dialogue& dialogue) {
  const std::array<std::string_view, 2> pieces{dialogue.transaction.prefix,
                                               dialogue.transaction.body};
  bool dot_sent = false;
  const auto sent =
      co_await send_content(*stream_, pieces, settings_.smtp_data_xfer_timeout, dot_sent);
  if (!sent) {
    lose("the content", sent.error().what);
    dialogue.result.ambiguous = dot_sent;
    co_return;
  }
  needs_reset_ = false;
  ++transactions_;
  // RFC 2033 §4.2: LMTP answers once for each accepted recipient, in their order; SMTP for all.
  // A 421 for one does not take back what follows for others, so reading goes on.
  const bool each = peer_.dialect == Dialect::lmtp;
  Reply answer;
  for (std::size_t i = 0; i < dialogue.accepted.size(); ++i) {
    if (each || i == 0)
      answer = co_await read_reply("the final dot", settings_.smtp_data_done_timeout);
    if (answer.code / 100 == 3) lose("the final dot", "unexpected reply: " + answer.line());
    if (broken_) break;
    dialogue.result.replies[dialogue.accepted[i]] = bounded(answer);
  }
  dialogue.result.ambiguous = broken_;
}

}  // namespace postern
