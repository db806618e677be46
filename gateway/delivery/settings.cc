#include "gateway/delivery/settings.h"

namespace postern {
namespace {

constexpr milliseconds shortest = seconds(1);
constexpr milliseconds longest = std::chrono::hours(1);

void describe_timeouts(DeliverySettings& s, Keys& keys) {
  keys.duration("smtp_connect_timeout", s.smtp_connect_timeout, shortest, longest,
                "How long a connection may take to be made before the next address is tried.");
  keys.duration("smtp_helo_timeout", s.smtp_helo_timeout, shortest, longest,
                "How long to wait for the greeting, for HELO, EHLO or LHLO, and for STARTTLS.");
  keys.duration("smtp_mail_timeout", s.smtp_mail_timeout, shortest, longest,
                "How long to wait for the reply to MAIL.");
  keys.duration("smtp_rcpt_timeout", s.smtp_rcpt_timeout, shortest, longest,
                "How long to wait for the reply to each RCPT.");
  keys.duration("smtp_data_init_timeout", s.smtp_data_init_timeout, shortest, longest,
                "How long to wait for the reply to DATA.");
  keys.duration("smtp_data_xfer_timeout", s.smtp_data_xfer_timeout, shortest, longest,
                "How long a piece of the content may take to be accepted by the connection.");
  keys.duration("smtp_data_done_timeout", s.smtp_data_done_timeout, shortest, longest,
                "How long to wait for the reply to the final dot. A shorter time than the server "
                "needs makes it receive the message again and again.");
}

void describe_connections(DeliverySettings& s, Keys& keys) {
  keys.text("smtp_helo_name", s.smtp_helo_name,
            "The name in HELO, EHLO and LHLO. Empty: the gateway's host name.");
  keys.choice("smtp_tls_security_level", s.smtp_tls_security_level, {"none", "may"},
              "may: encrypt where the server offers STARTTLS, whatever its certificate, and go on "
              "in plain text where that fails. none: never.");
  keys.text("smtp_bind_address", s.smtp_bind_address,
            "The IPv4 address to connect from. Empty: the system chooses.");
  keys.text("smtp_bind_address6", s.smtp_bind_address6,
            "The IPv6 address to connect from. Empty: the system chooses.");
  keys.integer("smtp_mx_address_limit", s.smtp_mx_address_limit, 1, 100,
               "At most this many addresses of a destination are tried in one attempt.");
  keys.integer("smtp_mx_session_limit", s.smtp_mx_session_limit, 1, 100,
               "At most this many servers that answer are talked to in one attempt.");
  keys.duration("smtp_connection_cache_time_limit", s.smtp_connection_cache_time_limit,
                milliseconds(0), longest,
                "How long an idle connection is kept for the next message. Zero keeps none.");
  keys.duration("smtp_connection_reuse_time_limit", s.smtp_connection_reuse_time_limit, shortest,
                std::chrono::hours(24), "A connection older than this carries no further message.");
  keys.integer("smtp_connection_reuse_count_limit", s.smtp_connection_reuse_count_limit, 1, 1000000,
               "A connection carries at most this many messages.");
}

}  // namespace

void describe(DeliverySettings& settings, Keys& keys) {
  describe_timeouts(settings, keys);
  describe_connections(settings, keys);
  keys.flag("lmtp_add_return_path", settings.lmtp_add_return_path,
            "Put a Return-Path field on top of messages for LMTP, for a store that writes none. "
            "Dovecot and Cyrus write their own.");
  describe(settings.notices, keys);
}

}  // namespace postern
