// session.h — the SMTP dialogue with one client, as one coroutine.
//
// RFC 5321 with PIPELINING (2920), SIZE (1870), 8BITMIME (6152), ENHANCEDSTATUSCODES (2034),
// STARTTLS (3207), SMTPUTF8 (6531) and DSN (3461); XCLIENT for trusted front ends.
//
// A session answers; what it is answered with is decided elsewhere: relaying and recipients by
// policies/recipients, everything else by the pipeline. Once 250 was said after DATA the message is
// on stable storage: the spool's completion is awaited before the reply is written, and there is
// no other place where that reply is made.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/base/clock.h"
#include "gateway/mail/command.h"
#include "gateway/mail/data_decoder.h"
#include "gateway/net/stream.h"
#include "gateway/pipeline/chain.h"
#include "gateway/queue/spool.h"
#include "gateway/session/settings.h"
#include "gateway/session/transaction.h"
#include "policies/policies.h"

namespace postern {

/// One configuration generation: a session keeps the one that it began with.
struct SessionConfig {
  SmtpdSettings smtpd;
  std::shared_ptr<const Chain> chain;
  std::shared_ptr<const Policies> policies;
  NetworkList xclient_hosts;
  std::shared_ptr<const TlsContext> tls;  // null: no STARTTLS
};

/// What a session needs of the process; lives longer than every session.
struct SessionHost {
  Loop& loop;
  Resolver& dns;
  const Clock& clock;
  Spool& spool;
  MessageIdSource& ids;
  std::atomic<std::uint64_t>& memory;  // octets of messages in reception, over all loops
  /// Called when a message is on stable storage; from the commit thread, must not block.
  std::function<void(std::shared_ptr<const Envelope>, Content)> queued;
};

class Session {
 public:
  /// Both ends of the connection.
  struct Ends {
    Endpoint client;
    Endpoint server;
  };
  Session(SessionHost& host, std::shared_ptr<const SessionConfig> config, Socket socket, Ends ends);
  ~Session();

  /// The whole dialogue; returns when the connection is over.
  Task<void> run();
  /// At shutdown: the client hears 421 (RFC 5321 §3.8), now or when its transaction has ended.
  void drain();

 private:
  enum class Next { go_on, close };

  // session.cc
  Task<bool> greet();
  Task<Next> serve_command(std::string_view line, bool bare_lf);
  Task<Next> dispatch(const CommandLine& command);
  Task<Next> say(Reply answer);
  Task<Next> give_up(Reply answer, const char* why);
  Task<bool> flush();
  void forget_transaction();
  SteadyTime deadline() const;

  // hello.cc
  bool in_network(const NetworkList& list) const;
  Task<void> look_up_client_name();
  Task<Next> on_hello(const CommandLine& command);
  Task<Next> on_starttls(const CommandLine& command);
  Task<Next> on_xclient(const CommandLine& command);
  std::string ehlo_reply() const;

  // envelope_commands.cc
  Task<Next> on_mail(const CommandLine& command);
  Task<Next> on_rcpt(const CommandLine& command);
  Task<std::optional<Reply>> judge(Stage stage);
  Reply take_recipient(RcptCommand command, std::vector<std::string> addresses, Opinion opinion);

  // data.cc
  Task<Next> on_data(const CommandLine& command);
  Task<std::optional<DataDecoder>> receive(Next& next);
  Task<Reply> decide(DataDecoder data);
  std::optional<Reply> refuse_for_form(const DataDecoder& data) const;

  // acceptance.cc
  Task<Reply> accept(Content content, std::string received, Opinion opinion);
  Task<Result<>> commit(std::shared_ptr<const Envelope> envelope, Content content);
  std::string make_received() const;
  void log_refusal(Stage stage, const Opinion& opinion, const Reply& answer,
                   std::string_view recipient) const;

  SessionHost& host_;
  std::shared_ptr<const SessionConfig> config_;
  Stream stream_;
  ChainRun filters_;
  Evidence evidence_;
  std::unique_ptr<MailTransaction> transaction_;
  std::optional<Opinion> refused_early_;  // at connect, HELO or MAIL; said at RCPT
  std::vector<Change> session_changes_;   // asked for before MAIL
  SteadyTime started_;
  bool connect_judged_ = false;
  bool trusted_front_end_ = false;  // may send XCLIENT
  bool draining_ = false;
  std::int64_t errors_ = 0, junk_ = 0, commands_ = 0;
};

}  // namespace postern
