#include "gateway/session/session.h"

#include <array>

#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/base/metrics.h"

namespace postern {
namespace {

constexpr Event session_ended{"session-ended", Level::debug,
                              "A connection is over. reason= says how; nothing needs doing."};
constexpr Event session_cut{"session-cut", Level::info,
                            "We ended a session with 421 or hung up. reason= names the limit; "
                            "raise it if good clients meet it."};

Counter& sessions_total = counter("postern_sessions_total", "SMTP sessions begun.");
Gauge& sessions_open = gauge("postern_sessions_open", "SMTP sessions open now.");
Counter& session_errors =
    counter("postern_session_errors_total", "Replies of 4yz and 5yz to commands.");

constexpr std::size_t longest_command = 4096;  // RFC 5321 §4.5.3.1.4 asks for 512 and extensions

}  // namespace

Session::Session(SessionHost& host, std::shared_ptr<const SessionConfig> config, Socket socket,
                 Ends ends)
    : host_(host),
      config_(std::move(config)),
      stream_(std::move(socket)),
      filters_(config_->chain, host.loop, host.dns, host.clock),
      started_(host.loop.now()) {
  evidence_.connection.session = host_.ids.next().text();
  evidence_.connection.client = std::move(ends.client);
  evidence_.connection.server = std::move(ends.server);
  evidence_.connection.client_name = "unknown";
  evidence_.connection.trusted = in_network(config_->policies->mynetworks);
  trusted_front_end_ = in_network(config_->xclient_hosts);
  sessions_total.add();
  sessions_open.add(1);
}

Session::~Session() { sessions_open.add(-1); }

SteadyTime Session::deadline() const { return host_.loop.now() + config_->smtpd.smtpd_timeout; }

void Session::forget_transaction() {
  transaction_.reset();
  evidence_.id = {};
  evidence_.sender = {};
  evidence_.recipients.clear();
  evidence_.findings.clear();
}

void Session::drain() {
  draining_ = true;
  if (!transaction_) stream_.stop_reading();
}

Task<void> Session::run() {
  bool open = co_await greet();
  while (open) {
    const auto line = co_await stream_.read_line(longest_command, deadline());
    switch (line.how) {
      case Stream::Line::complete:
      case Stream::Line::bare_lf:
        open = co_await serve_command(line.text, line.how == Stream::Line::bare_lf) == Next::go_on;
        break;
      case Stream::Line::too_long:
        open = co_await give_up(reply(500, {5, 5, 2}, "Line too long"), "command line too long") ==
               Next::go_on;
        break;
      case Stream::Line::timed_out:
        open = co_await give_up(
                   reply(421, {4, 4, 2}, config_->smtpd.myhostname + " Error: timeout exceeded"),
                   "timeout") == Next::go_on;
        break;
      case Stream::Line::closed:
        open = false;
        break;
    }
    // Whoever is in a transaction may end it; all others go now, by drain() or by themselves.
    if (draining_ && !transaction_ && (open || line.how == Stream::Line::closed)) {
      co_await give_up(reply(421, {4, 3, 2}, config_->smtpd.myhostname + " Service shutting down"),
                       "shutdown");
      open = false;
    }
  }
  log(session_ended,
      {{"session", evidence_.connection.session}, {"client", evidence_.connection.client.host}});
}

Task<bool> Session::greet() {
  if (config_->smtpd.smtpd_peername_lookup) co_await look_up_client_name();
  // Of a front end that speaks for others nothing is judged before it has said for whom.
  if (!trusted_front_end_) {
    const auto refusal = co_await judge(Stage::connect);
    if (refusal) {
      co_await give_up(*refusal, "refused at connect");
      co_return false;
    }
  }
  // RFC 5321 §4.3.1: whoever talks before the greeting is no mail client.
  if (config_->smtpd.smtpd_forbid_unauth_pipelining && !stream_.buffered().empty()) {
    co_await give_up(reply(554, {5, 5, 0}, "Error: SMTP protocol synchronization"),
                     "talked before the greeting");
    co_return false;
  }
  stream_.write("220 " + config_->smtpd.banner() + "\r\n");
  co_return co_await flush();
}

Task<bool> Session::flush() {
  const auto sent = co_await stream_.flush(deadline());
  co_return sent.has_value();
}

// Replies of a pipelined group leave together: RFC 2920 §3.2.
Task<Session::Next> Session::say(Reply answer) {
  if (answer.temporary() || answer.permanent()) {
    ++errors_;
    session_errors.add();
    if (errors_ > config_->smtpd.smtpd_hard_error_limit) {
      co_return co_await give_up(
          reply(421, {4, 7, 0}, config_->smtpd.myhostname + " Error: too many errors"),
          "too many errors");
    }
  }
  if (errors_ > config_->smtpd.smtpd_soft_error_limit) {
    co_await host_.loop.sleep_until(host_.loop.now() + config_->smtpd.smtpd_error_sleep_time);
  }
  stream_.write(answer.wire());
  if (answer.code == 421 || answer.code == 521) {
    co_await flush();
    co_return Next::close;
  }
  if (stream_.buffered().find('\n') == std::string_view::npos || stream_.unsent() > 16384) {
    if (!co_await flush()) co_return Next::close;
  }
  co_return Next::go_on;
}

Task<Session::Next> Session::give_up(Reply answer, const char* why) {
  forget_transaction();
  log(session_cut, {{"session", evidence_.connection.session},
                    {"client", evidence_.connection.client.host},
                    {"reason", why},
                    {"reply", answer.line()}});
  stream_.write(answer.wire());
  co_await flush();
  co_return Next::close;
}

Task<Session::Next> Session::serve_command(std::string_view line, bool bare_lf) {
  const SmtpdSettings& smtpd = config_->smtpd;
  if (++commands_ > smtpd.smtpd_command_limit) {
    co_return co_await give_up(
        reply(421, {4, 7, 0}, smtpd.myhostname + " Error: too many commands"), "too many commands");
  }
  if (host_.loop.now() - started_ > smtpd.session_time_limit) {
    co_return co_await give_up(reply(421, {4, 4, 2}, smtpd.myhostname + " Error: session too long"),
                               "session_time_limit");
  }
  if (bare_lf && smtpd.smtpd_forbid_bare_newline == "reject") {
    co_return co_await give_up(reply(550, {5, 5, 2}, "Error: bare <LF> received"),
                               "bare LF in a command");
  }
  // The stream's buffer moves with the next read; the command must outlive it.
  const std::string own(line);
  const CommandLine command = parse_command(own);
  co_return co_await dispatch(command);
}

Task<Session::Next> Session::dispatch(const CommandLine& command) {
  const bool counts_as_junk = command.verb == Verb::noop || command.verb == Verb::rset ||
                              command.verb == Verb::vrfy || command.verb == Verb::help;
  if (counts_as_junk && ++junk_ > config_->smtpd.smtpd_junk_command_limit) ++errors_;
  const bool encryption_missing =
      config_->smtpd.smtpd_tls_security_level == "encrypt" && !stream_.tls();

  switch (command.verb) {
    case Verb::helo:
    case Verb::ehlo:
      co_return co_await on_hello(command);
    case Verb::starttls:
      co_return co_await on_starttls(command);
    case Verb::noop:
      co_return co_await say(reply(250, {2, 0, 0}, "Ok"));
    case Verb::quit:
      stream_.write(reply(221, {2, 0, 0}, "Bye").wire());
      if (stream_.buffered().empty()) {
        static_cast<void>(co_await stream_.flush_and_end(deadline()));
      } else {
        co_await flush();
      }
      co_return Next::close;
    case Verb::rset:
      if (!command.arguments.empty()) co_return co_await say(reply(501, {5, 5, 4}, "Syntax: RSET"));
      forget_transaction();
      co_return co_await say(reply(250, {2, 0, 0}, "Ok"));
    case Verb::xclient:
      co_return co_await on_xclient(command);
    default:
      break;
  }
  // RFC 3207 §4: only the commands above may come before encryption where it is required.
  if (encryption_missing) {
    co_return co_await say(reply(530, {5, 7, 0}, "Must issue a STARTTLS command first"));
  }
  switch (command.verb) {
    case Verb::mail:
      co_return co_await on_mail(command);
    case Verb::rcpt:
      co_return co_await on_rcpt(command);
    case Verb::data:
      co_return co_await on_data(command);
    case Verb::vrfy:
      // RFC 5321 §7.3: an edge does not tell who exists; RCPT will.
      co_return co_await say(
          reply(252, {2, 0, 0}, "Cannot VRFY user, but will accept message and attempt delivery"));
    case Verb::help:
      co_return co_await say(
          reply(214, {2, 0, 0}, "RFC 5321; HELO EHLO MAIL RCPT DATA RSET NOOP QUIT VRFY STARTTLS"));
    case Verb::unknown: {
      // HTTP and the like: a browser made to talk to us must not get far.
      if (const std::string name = to_lower(command.name);
          name == "get" || name == "post" || name == "connect") {
        co_return co_await give_up(reply(421, {4, 7, 0}, "Error: this is a mail server"),
                                   "not an SMTP client");
      }
      co_return co_await say(reply(500, {5, 5, 2}, "Error: command not recognized"));
    }
    default:
      co_return co_await say(reply(502, {5, 5, 1}, "Error: command not implemented"));
  }
}

}  // namespace postern
