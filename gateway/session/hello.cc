// hello.cc — who the client is: its name in the DNS, HELO and EHLO, STARTTLS, XCLIENT.
#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/session/session.h"

namespace postern {
namespace {
constexpr Event tls_failed{
    "tls-handshake-failed", Level::info,
    "STARTTLS did not come about. Often a scanner; when it is a good peer, error= tells why."};
constexpr milliseconds name_lookup_limit = seconds(5);
constexpr milliseconds handshake_limit = seconds(30);
}  // namespace

// A list that cannot be asked trusts nobody.
bool Session::in_network(const NetworkList& list) const {
  const auto address = IpAddress::parse(evidence_.connection.client.host);
  if (!address) return false;
  const auto contained = list.contains(*address);
  return contained && *contained;
}

// PTR, and the name's addresses must contain the client's again: an unverified PTR is anybody's
// claim.
Task<void> Session::look_up_client_name() {
  const SteadyTime until = host_.loop.now() + name_lookup_limit;
  const std::string address = evidence_.connection.client.host;
  const std::string question = reverse_name(address);
  evidence_.connection.client_name = "unknown";
  if (question.empty()) co_return;
  const DnsAnswer names = co_await host_.dns.query(question, RecordType::ptr, until);
  if (names.status != DnsStatus::found) co_return;
  const std::string name = names.records.front().text;
  if (!valid_domain(name)) co_return;
  const RecordType type = address.find(':') == std::string::npos ? RecordType::a : RecordType::aaaa;
  const DnsAnswer back = co_await host_.dns.query(name, type, until);
  for (const DnsRecord& record : back.records) {
    if (record.text == address) evidence_.connection.client_name = name;
  }
}

std::string Session::ehlo_reply() const {
  std::string lines = config_->smtpd.myhostname + "\nPIPELINING\nSIZE " +
                      std::to_string(config_->smtpd.message_size_limit) +
                      "\n8BITMIME\nENHANCEDSTATUSCODES\nSMTPUTF8\nDSN";
  if (config_->tls && !stream_.tls()) lines += "\nSTARTTLS";
  if (trusted_front_end_) lines += "\nXCLIENT NAME ADDR PORT HELO PROTO DESTADDR DESTPORT";
  return lines;
}

Task<Session::Next> Session::on_hello(const CommandLine& command) {
  const bool esmtp = command.verb == Verb::ehlo;
  const auto words_given = words(command.arguments);
  if (words_given.size() != 1) {
    co_return co_await say(
        reply(501, {}, std::string("Syntax: ") + (esmtp ? "EHLO" : "HELO") + " hostname"));
  }
  if (esmtp && config_->smtpd.smtpd_forbid_unauth_pipelining && !stream_.buffered().empty()) {
    co_return co_await give_up(reply(554, {5, 5, 0}, "Error: SMTP protocol synchronization"),
                               "sent on after EHLO");
  }
  forget_transaction();  // RFC 5321 §4.1.4: EHLO in mid-session is RSET
  evidence_.helo = printable(words_given.front(), 255);
  evidence_.esmtp = esmtp;
  auto refusal = co_await judge(Stage::connect);
  if (!refusal) refusal = co_await judge(Stage::helo);
  if (refusal) co_return co_await say(*refusal);
  co_return co_await say(esmtp ? reply(250, {}, ehlo_reply())
                               : reply(250, {}, config_->smtpd.myhostname));
}

Task<Session::Next> Session::on_starttls(const CommandLine& command) {
  if (!config_->tls || config_->smtpd.smtpd_tls_security_level == "none") {
    co_return co_await say(reply(502, {5, 5, 1}, "Error: command not implemented"));
  }
  if (!command.arguments.empty()) co_return co_await say(reply(501, {5, 5, 4}, "Syntax: STARTTLS"));
  if (stream_.tls()) co_return co_await say(reply(503, {5, 5, 1}, "Error: TLS already active"));
  // What came in the clear behind STARTTLS would be taken as said under TLS (CVE-2011-0411).
  if (!stream_.buffered().empty()) {
    co_return co_await give_up(reply(554, {5, 5, 0}, "Error: SMTP protocol synchronization"),
                               "sent on after STARTTLS");
  }
  stream_.write(reply(220, {2, 0, 0}, "Ready to start TLS").wire());
  if (!co_await flush()) co_return Next::close;
  const SteadyTime until = host_.loop.now() + handshake_limit;
  const auto done = co_await stream_.start_tls_server(*config_->tls, until);
  if (!done) {
    log(tls_failed, {{"session", evidence_.connection.session},
                     {"client", evidence_.connection.client.host},
                     {"error", done.error().what}});
    co_return Next::close;
  }
  // RFC 3207 §4.2: everything the client said before is forgotten.
  forget_transaction();
  evidence_.helo.clear();
  evidence_.esmtp = false;
  evidence_.connection.tls = true;
  evidence_.connection.tls_protocol = stream_.tls_protocol();
  evidence_.connection.tls_cipher = stream_.tls_cipher();
  co_return Next::go_on;
}

// Postfix' XCLIENT: a trusted front end, or a test, says who the client really is. The session
// begins anew, as if that client had just connected.
Task<Session::Next> Session::on_xclient(const CommandLine& command) {
  if (!trusted_front_end_)
    co_return co_await say(reply(550, {5, 7, 0}, "Error: insufficient authorization"));
  if (transaction_)
    co_return co_await say(reply(503, {5, 5, 1}, "Error: MAIL transaction in progress"));
  const auto attributes = parse_xclient(command.arguments);
  if (!attributes) co_return co_await say(reply(501, {5, 5, 4}, attributes.error().what));

  ConnectionFacts& facts = evidence_.connection;
  bool named = false;
  for (const auto& [name, value] : *attributes) {
    const bool unavailable = equals_ignoring_case(value, "[UNAVAILABLE]") ||
                             equals_ignoring_case(value, "[TEMPUNAVAIL]");
    if (name == "ADDR") {
      const std::string plain = starts_with_ignoring_case(value, "IPV6:") ? value.substr(5) : value;
      const auto address = IpAddress::parse(plain);
      if (!address && !unavailable)
        co_return co_await say(reply(501, {5, 5, 4}, "Bad ADDR value: " + printable(value)));
      if (address) facts.client.host = address->text();
    } else if (name == "NAME") {
      named = true;
      facts.client_name = unavailable ? "unknown" : to_lower(printable(value, 255));
    } else if (name == "PORT") {
      if (const auto port = parse_number(value, 65535))
        facts.client.port = static_cast<std::uint16_t>(*port);
    } else if (name == "HELO") {
      evidence_.helo = unavailable ? "" : printable(value, 255);
    } else if (name == "PROTO") {
      evidence_.esmtp = equals_ignoring_case(value, "ESMTP");
    }
  }
  facts.trusted = in_network(config_->policies->mynetworks);
  refused_early_.reset();
  session_changes_.clear();
  connect_judged_ = false;
  if (!named && config_->smtpd.smtpd_peername_lookup) co_await look_up_client_name();
  const auto refusal = co_await judge(Stage::connect);
  if (refusal) co_return co_await give_up(*refusal, "refused at connect");
  co_return co_await say(reply(220, {}, config_->smtpd.banner()));
}

}  // namespace postern
