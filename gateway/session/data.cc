// data.cc — DATA: receiving the content, and deciding about the message.
#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/mail/header.h"
#include "gateway/mail/received.h"
#include "gateway/session/session.h"

namespace postern {
namespace {

Counter& refused_messages =
    counter("postern_messages_refused_total", "Messages refused after their content was received.");
Counter& octets_received =
    counter("postern_octets_received_total", "Octets of message content received.");

/// Gives back what a message took of the common memory, on every way out.
class MemoryShare {
 public:
  explicit MemoryShare(std::atomic<std::uint64_t>& total) : total_(total) {}
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;
  ~MemoryShare() { total_ -= mine_; }
  void set(std::uint64_t octets) {
    total_ += octets - mine_;
    mine_ = octets;
  }

 private:
  std::atomic<std::uint64_t>& total_;
  std::uint64_t mine_ = 0;
};

}  // namespace

Task<Session::Next> Session::on_data(const CommandLine& command) {
  if (!transaction_) co_return co_await say(reply(503, {5, 5, 1}, "Error: need MAIL command"));
  if (!command.arguments.empty()) co_return co_await say(reply(501, {5, 5, 4}, "Syntax: DATA"));
  if (transaction_->recipients.empty()) {
    // RFC 5321 §3.3: 554 where all were refused, 503 where none was named.
    if (transaction_->refused_recipients > 0)
      co_return co_await say(reply(554, {5, 5, 1}, "Error: no valid recipients"));
    co_return co_await say(reply(503, {5, 5, 1}, "Error: need RCPT command"));
  }
  if (config_->smtpd.smtpd_forbid_unauth_pipelining && !stream_.buffered().empty()) {
    co_return co_await give_up(reply(554, {5, 5, 0}, "Error: SMTP protocol synchronization"),
                               "sent on after DATA");
  }
  if (host_.memory > config_->smtpd.receive_memory_limit) {
    forget_transaction();
    co_return co_await say(
        reply(452, {4, 3, 1}, "Insufficient system resources, please try again later"));
  }
  stream_.write("354 End data with <CR><LF>.<CR><LF>\r\n");
  if (!co_await flush()) co_return Next::close;

  Next next = Next::go_on;
  auto data = co_await receive(next);
  if (!data) co_return next;
  Reply answer = co_await decide(std::move(*data));
  // Whatever the answer, the transaction is over: there is no state that a next one could inherit.
  forget_transaction();
  if (answer.positive()) errors_ = junk_ = commands_ = 0;
  co_return co_await say(std::move(answer));
}

Task<std::optional<DataDecoder>> Session::receive(Next& next) {
  DataDecoder data(config_->smtpd.message_size_limit);
  MemoryShare share(host_.memory);
  const SteadyTime start = host_.loop.now();
  std::uint64_t received = 0;
  while (!data.complete()) {
    const std::string_view octets = co_await stream_.read_some(deadline());
    if (octets.empty()) {
      if (stream_.last_wait() == Wait::timed_out) {
        next = co_await give_up(
            reply(421, {4, 4, 2}, config_->smtpd.myhostname + " Error: timeout exceeded"),
            "timeout in DATA");
      } else {
        forget_transaction();
        next = Next::close;  // RFC 5321 §4.1.4: without the end of data there is no message
      }
      co_return std::nullopt;
    }
    const std::size_t used = data.feed(octets);
    stream_.consume(used);
    received += used;
    share.set(data.held());
    const auto allowed =
        config_->smtpd.smtpd_timeout +
        seconds(received / static_cast<std::uint64_t>(config_->smtpd.smtpd_min_data_rate));
    if (!data.complete() && host_.loop.now() - start > allowed) {
      next = co_await give_up(
          reply(421, {4, 4, 2}, config_->smtpd.myhostname + " Error: sending too slowly"),
          "smtpd_min_data_rate");
      co_return std::nullopt;
    }
  }
  octets_received.add(received);
  co_return std::move(data);
}

std::optional<Reply> Session::refuse_for_form(const DataDecoder& data) const {
  const DataDecoder::Oddities& odd = data.oddities();
  if (odd.too_large) return reply(552, {5, 3, 4}, "Message size exceeds fixed limit");
  if (odd.long_line) return reply(554, {5, 6, 0}, "Message has a line of more than 65536 octets");
  if (config_->smtpd.smtpd_forbid_bare_newline == "reject" && (odd.bare_lf || odd.bare_cr)) {
    return reply(550, {5, 5, 2}, odd.bare_lf ? "bare <LF> received" : "bare <CR> received");
  }
  return std::nullopt;
}

Task<Reply> Session::decide(DataDecoder data) {
  const auto form = refuse_for_form(data);
  Opinion opinion;
  Content content;
  std::string received;
  if (form) {
    opinion = refuse(Verdict::reject, *form, "form of the message");
  } else {
    content = std::make_shared<const std::string>(data.take());
    // RFC 5321 §6.3: a message that has been everywhere is going in circles.
    const SplitMessage split = split_message(*content);
    if (count_hops(split) >= static_cast<std::size_t>(config_->smtpd.hopcount_limit)) {
      opinion =
          refuse(Verdict::reject, reply(554, {5, 4, 6}, "Error: too many hops"), "hopcount_limit");
    } else {
      received = make_received();
      const Message message{content, received};
      opinion = co_await filters_.ask(Stage::message, evidence_, nullptr, &message);
    }
  }
  if (opinion.verdict >= Verdict::defer) {
    Reply answer = opinion.reply;
    if (answer.code == 0) {
      answer = opinion.verdict == Verdict::defer
                   ? reply(451, {4, 7, 1}, "Service unavailable, please try again later")
                   : reply(554, {5, 7, 1}, "Message refused by policy");
    }
    log_refusal(Stage::message, opinion, answer,
                transaction_->recipients.front().command.recipient.text());
    refused_messages.add();
    co_return answer;
  }
  co_return co_await accept(std::move(content), std::move(received), std::move(opinion));
}

}  // namespace postern
