#include "gateway/session/settings.h"

namespace postern {

std::string SmtpdSettings::banner() const {
  return smtpd_banner.empty() ? myhostname + " ESMTP Postern" : smtpd_banner;
}

void describe(SmtpdSettings& s, Keys& keys) {
  keys.text("myhostname", s.myhostname,
            "Our name in the greeting, in EHLO, in Received fields and in bounces. Must be a name "
            "that the "
            "DNS gives for this host.");
  keys.text("smtpd_banner", s.smtpd_banner,
            "The greeting after 220; must begin with the host's name (RFC 5321 §4.3.1). Empty: "
            "\"<myhostname> ESMTP Postern\".");
  keys.size(
      "message_size_limit", s.message_size_limit, 1024, 1ULL << 30,
      "Largest message that is taken, in octets; announced with SIZE, refused with 552 above.");
  keys.integer(
      "smtpd_recipient_limit", s.smtpd_recipient_limit, 100, 50000,
      "Recipients in one transaction; further ones are told 452 and come in another (RFC 5321 "
      "§4.5.3.1.8 asks for at least 100).");
  keys.duration("smtpd_timeout", s.smtpd_timeout, seconds(1), seconds(3600),
                "How long we wait for a command, or for more data. RFC 5321 §4.5.3.2.7 asks for "
                "five minutes; "
                "lower it while under attack.");
  keys.duration(
      "session_time_limit", s.session_time_limit, seconds(10), seconds(86400),
      "A session ends with 421 after this time, whatever it does: slow clients cannot hold "
      "connections for ever. Checked between commands, never inside a message.");
  keys.duration("smtpd_error_sleep_time", s.smtpd_error_sleep_time, milliseconds(0), seconds(60),
                "Delay before every reply once a client has made smtpd_soft_error_limit errors.");
  keys.integer("smtpd_soft_error_limit", s.smtpd_soft_error_limit, 1, 100000,
               "Errors after which replies are delayed.");
  keys.integer("smtpd_hard_error_limit", s.smtpd_hard_error_limit, 1, 100000,
               "Errors after which the session ends with 421.");
  keys.integer(
      "smtpd_junk_command_limit", s.smtpd_junk_command_limit, 1, 100000,
      "NOOP, RSET, VRFY and the like that a client may send without delivering mail, before each "
      "further one counts as an error.");
  keys.integer("smtpd_command_limit", s.smtpd_command_limit, 100, 1000000,
               "Commands in one session between two accepted messages; more end it with 421.");
  keys.integer("smtpd_min_data_rate", s.smtpd_min_data_rate, 1, 1000000,
               "Octets a second that a client must manage on average while sending a message, "
               "after the first "
               "smtpd_timeout.");
  keys.integer(
      "hopcount_limit", s.hopcount_limit, 10, 1000,
      "So many Received fields in a message show a loop: it is refused (554 5.4.6).");
  keys.flag("smtpd_helo_required", s.smtpd_helo_required, "Refuse MAIL before HELO or EHLO (503).");
  keys.flag("smtpd_delay_reject", s.smtpd_delay_reject,
            "Say what was refused at connect, HELO or MAIL only in answer to RCPT, so that the log "
            "knows the "
            "recipient and clients that ignore early refusals go away.");
  keys.flag("smtpd_peername_lookup", s.smtpd_peername_lookup,
            "Look up the client's name (PTR, and back). Off: every client is \"unknown\".");
  keys.flag(
      "smtpd_forbid_unauth_pipelining", s.smtpd_forbid_unauth_pipelining,
      "Hang up on clients that send on after EHLO, DATA or STARTTLS without waiting for the answer "
      "(RFC 2920 §3.1): spam software, and attempts at smuggling.");
  keys.choice("smtpd_forbid_bare_newline", s.smtpd_forbid_bare_newline, {"normalize", "reject"},
              "A bare LF or CR in a message never ends it. normalize: bare LF becomes CRLF, a "
              "stray CR a blank. "
              "reject: the message is refused with 550 5.5.2.");
  keys.choice("smtpd_tls_security_level", s.smtpd_tls_security_level, {"none", "may", "encrypt"},
              "none: no STARTTLS. may: offered where a certificate is configured. encrypt: "
              "required (530).");
  keys.text("smtpd_tls_chain_file", s.smtpd_tls_chain_file,
            "PEM file: our certificate first, then its issuers.");
  keys.text("smtpd_tls_key_file", s.smtpd_tls_key_file,
            "PEM file: the key of smtpd_tls_chain_file.");
  keys.list(
      "smtpd_authorized_xclient_hosts", s.smtpd_authorized_xclient_hosts,
      "Addresses or networks of trusted front ends that may say with XCLIENT who the client is.");
  keys.size("receive_memory_limit", s.receive_memory_limit, 16ULL << 20, 1ULL << 40,
            "Octets of messages in reception that are kept in memory, over all sessions; beyond it "
            "DATA is "
            "answered with 452.");
}

}  // namespace postern
