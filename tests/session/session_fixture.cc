#include "tests/session/session_fixture.h"

#include <poll.h>
#include <sys/socket.h>

namespace postern::test {
namespace {

class ScriptedFilter final : public Filter {
 public:
  explicit ScriptedFilter(Script script) : script_(std::move(script)) {}
  Task<Answer> on_connect(Context) override { co_return script_.opinion; }
  Task<Answer> on_helo(Context) override { co_return script_.opinion; }
  Task<Answer> on_mail(Context) override { co_return script_.opinion; }
  Task<Answer> on_rcpt(Context, RecipientFacts) override { co_return script_.opinion; }
  Task<Answer> on_message(Context, Message) override { co_return script_.opinion; }

 private:
  Script script_;
};

class ScriptedFactory final : public FilterFactory {
 public:
  explicit ScriptedFactory(Script script) : script_(std::move(script)) {}
  std::unique_ptr<Filter> make() const override {
    return std::make_unique<ScriptedFilter>(script_);
  }
  bool answers(Stage stage) const override { return stage == script_.stage; }

 private:
  Script script_;
};

}  // namespace

SessionFixture::SessionFixture()
    : host_{loop_,
            dns_,
            clock_,
            spool,
            ids_,
            memory_,
            [this](std::shared_ptr<const Envelope> envelope, Content) {
              queued.push_back(std::move(envelope));
            }} {
  smtpd.myhostname = "mx.example.org";
  smtpd.smtpd_peername_lookup = false;
  smtpd.smtpd_error_sleep_time = milliseconds(0);
  policy.relay_domains.entries = {"example.org"};
  policy.relay_recipient_maps.entries = {"inline:{rcpt@example.org=ok, other@example.org=ok}"};
  policy.mynetworks.entries = {"192.0.2.0/24"};
}

SessionFixture::~SessionFixture() {
  client_.reset();
  while (!ended_) loop_.poll();
}

void SessionFixture::begin() {
  std::vector<Step> steps;
  for (const Script& script : filters)
    steps.push_back({"scripted", std::make_shared<ScriptedFactory>(script), {}});
  std::vector<Problem> problems;
  auto config = std::make_shared<SessionConfig>();
  config->smtpd = smtpd;
  config->chain = std::make_shared<const Chain>(std::move(steps));
  config->policies = open_policies(policy, smtpd.myhostname, problems);
  int pair[2];
  if (!problems.empty() ||
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
    std::abort();
  client_.reset(pair[0]);
  session_ = std::make_unique<Session>(host_, std::move(config), Socket(loop_, UniqueFd(pair[1])),
                                       Session::Ends{});
  struct Run {
    static Task<void> whole(Session& session, bool& ended) {
      co_await session.run();
      ended = true;
    }
  };
  group_.spawn(Run::whole(*session_, ended_));
  greeting = read_replies();
}

// The session is served until it has nothing more to do: everything here happens on one thread.
std::string SessionFixture::read_replies() {
  std::string out;
  for (int quiet = 0; quiet < 3;) {
    loop_.poll();
    char piece[65536];
    const ssize_t n = ::recv(client_.get(), piece, sizeof piece, 0);
    if (n > 0) {
      out.append(piece, static_cast<std::size_t>(n));
      quiet = 0;
    } else {
      ++quiet;
    }
  }
  if (ended_) session_.reset();  // closes the connection, as the listener would
  return out;
}

std::string SessionFixture::say(std::string_view octets) {
  std::string out;
  while (!octets.empty() && !ended_) {
    const ssize_t n = ::send(client_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (n > 0) octets.remove_prefix(static_cast<std::size_t>(n));
    out += read_replies();
  }
  return out;
}

std::string SessionFixture::send_mail(std::string_view content) {
  say("EHLO client.example.net\r\n");
  say("MAIL FROM:<sender@example.net>\r\nRCPT TO:<rcpt@example.org>\r\n");
  say("DATA\r\n");
  return say(std::string(content) + "\r\n.\r\n");
}

}  // namespace postern::test
