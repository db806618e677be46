// envelope_commands.cc — MAIL and RCPT: who sends, to whom, and whether we take it.
#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/session/session.h"

namespace postern {
namespace {

constexpr Event refused{
    "refused", Level::info,
    "A policy or filter refused. reason= says which entry, list or rule; stage= and to= for whom."};

Counter& refused_recipients =
    counter("postern_recipients_refused_total", "Recipients that were answered with 4yz or 5yz.");

Reply usual_reply(Verdict verdict) {
  if (verdict == Verdict::defer)
    return reply(450, {4, 7, 1}, "Service unavailable, please try again later");
  if (verdict == Verdict::hang_up)
    return reply(421, {4, 7, 0}, "Service not available, closing transmission channel");
  return reply(554, {5, 7, 1}, "Service unavailable; refused by policy");
}

std::string reason_of(RecipientAnswer::Kind kind) {
  switch (kind) {
    case RecipientAnswer::Kind::accepted:
      return "accepted";
    case RecipientAnswer::Kind::relay_denied:
      return "relay access denied";
    case RecipientAnswer::Kind::unknown_user:
      return "unknown user";
    case RecipientAnswer::Kind::temporary_error:
      return "recipient lookup failed";
  }
  return "";
}

}  // namespace

void Session::log_refusal(Stage stage, const Opinion& opinion, const Reply& answer,
                          std::string_view recipient) const {
  const std::string id = transaction_ ? evidence_.id.text() : "";
  log(refused, {{"session", evidence_.connection.session},
                {"queue", id},
                {"stage", stage_name(stage)},
                {"client", evidence_.connection.client.host},
                {"helo", evidence_.helo},
                {"from", "<" + evidence_.sender.address + ">"},
                {"to", recipient},
                {"reason", opinion.reason},
                {"reply", answer.line()}});
}

// Asks the filters of a stage without a recipient. A refusal is returned only where it must be said
// at once; with smtpd_delay_reject it is kept for RCPT, where postmaster still gets through.
Task<std::optional<Reply>> Session::judge(Stage stage) {
  if (stage == Stage::connect) {
    if (connect_judged_) co_return std::nullopt;
    connect_judged_ = true;
  }
  Opinion opinion = co_await filters_.ask(stage, evidence_);
  auto& changes = transaction_ ? transaction_->changes : session_changes_;
  changes.insert(changes.end(), opinion.changes.begin(), opinion.changes.end());
  const Verdict verdict = opinion.verdict;
  if (verdict < Verdict::quarantine) co_return std::nullopt;
  if (verdict < Verdict::defer ||
      (verdict < Verdict::hang_up && config_->smtpd.smtpd_delay_reject)) {
    if (!refused_early_ || refused_early_->verdict < verdict) refused_early_ = std::move(opinion);
    co_return std::nullopt;
  }
  Reply answer = opinion.reply.code != 0 ? opinion.reply : usual_reply(verdict);
  log_refusal(stage, opinion, answer, "");
  co_return answer;
}

Task<Session::Next> Session::on_mail(const CommandLine& command) {
  if (evidence_.helo.empty() && config_->smtpd.smtpd_helo_required) {
    co_return co_await say(reply(503, {5, 5, 1}, "Error: send HELO/EHLO first"));
  }
  if (transaction_) co_return co_await say(reply(503, {5, 5, 1}, "Error: nested MAIL command"));
  auto parsed = parse_mail(command.arguments);
  if (!parsed) co_return co_await say(parsed.error());
  const std::uint64_t size = parsed->size;
  if (size > config_->smtpd.message_size_limit) {
    co_return co_await say(reply(552, {5, 3, 4}, "Message size exceeds fixed limit"));
  }
  if (!host_.spool.has_room(size)) {
    co_return co_await say(reply(452, {4, 3, 1}, "Insufficient system storage"));
  }
  if (!host_.spool.healthy()) {
    co_return co_await say(reply(451, {4, 3, 0}, "Mail queue temporarily unavailable"));
  }
  auto refusal = co_await judge(Stage::connect);  // a client may come without HELO
  if (refusal) co_return co_await say(*refusal);

  transaction_ = std::make_unique<MailTransaction>();
  transaction_->mail = std::move(*parsed);
  transaction_->id = host_.ids.next();
  transaction_->changes = session_changes_;
  evidence_.id = transaction_->id;
  evidence_.sender = {transaction_->mail.sender.text(), size, transaction_->mail.utf8,
                      transaction_->mail.eight_bit};
  refusal = co_await judge(Stage::mail);
  if (refusal) {
    forget_transaction();
    co_return co_await say(*refusal);
  }
  co_return co_await say(reply(250, {2, 1, 0}, "Ok"));
}

Task<Session::Next> Session::on_rcpt(const CommandLine& command) {
  if (!transaction_) co_return co_await say(reply(503, {5, 5, 1}, "Error: need MAIL command"));
  auto parsed = parse_rcpt(command.arguments, transaction_->mail.utf8);
  if (!parsed) co_return co_await say(parsed.error());
  if (transaction_->recipients.size() >=
      static_cast<std::size_t>(config_->smtpd.smtpd_recipient_limit)) {
    co_return co_await say(reply(452, {4, 5, 3}, "Error: too many recipients"));
  }
  const std::string address = parsed->recipient.text();

  // Whether we relay at all is asked first, and of no filter: no accept can open a relay.
  RecipientAnswer permitted =
      config_->policies->recipients.answer(parsed->recipient, evidence_.connection.trusted);
  Opinion opinion;
  if (!permitted.accepted()) {
    const Verdict verdict = permitted.reply.temporary() ? Verdict::defer : Verdict::reject;
    opinion = refuse(verdict, permitted.reply,
                     permitted.error.empty() ? reason_of(permitted.kind) : permitted.error);
  } else if (refused_early_ && refused_early_->verdict >= Verdict::defer &&
             !equals_ignoring_case(parsed->recipient.local, "postmaster")) {
    opinion = *refused_early_;
  } else {
    const RecipientFacts facts{address};
    opinion = co_await filters_.ask(Stage::rcpt, evidence_, &facts);
    if (refused_early_ && opinion.verdict < Verdict::defer &&
        refused_early_->verdict < Verdict::defer) {
      Opinion early = *refused_early_;
      early.changes.clear();  // they are the transaction's already
      merge(opinion, std::move(early));
    }
  }
  if (opinion.verdict >= Verdict::defer) {
    Reply answer = opinion.reply.code != 0 ? opinion.reply : usual_reply(opinion.verdict);
    log_refusal(Stage::rcpt, opinion, answer, address);
    refused_recipients.add();
    ++transaction_->refused_recipients;
    co_return co_await say(std::move(answer));
  }
  evidence_.recipients.push_back({address});
  RcptCommand recipient = std::move(*parsed);
  std::vector<std::string> addresses = std::move(permitted.final_recipients);
  Reply answer = take_recipient(std::move(recipient), std::move(addresses), std::move(opinion));
  co_return co_await say(std::move(answer));
}

Reply Session::take_recipient(RcptCommand command, std::vector<std::string> addresses,
                              Opinion opinion) {
  AcceptedRecipient accepted;
  accepted.command = std::move(command);
  accepted.addresses = std::move(addresses);
  accepted.discard = opinion.verdict == Verdict::discard;
  if (opinion.verdict == Verdict::quarantine) {
    accepted.hold = opinion.reason.empty() ? "held by a filter" : opinion.reason;
  }
  for (Change& change : opinion.changes) {
    if (change.kind == Change::Kind::redirect) {
      accepted.addresses = {change.value};
    } else {
      transaction_->changes.push_back(std::move(change));
    }
  }
  transaction_->recipients.push_back(std::move(accepted));
  return reply(250, {2, 1, 5}, "Ok");
}

}  // namespace postern
