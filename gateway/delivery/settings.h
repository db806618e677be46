// settings.h — what an administrator may say about deliveries, and what they all share.
//
// Names and defaults are Postfix's where the thing is the same. The smtp_ timeouts hold for LMTP
// too: a store that is slower than a stranger's server is a fault, not a preference.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/config.h"
#include "gateway/delivery/notice_settings.h"
#include "gateway/delivery/own_listeners.h"
#include "gateway/net/dns.h"
#include "gateway/net/loop.h"
#include "gateway/net/tls.h"

namespace postern {

struct DeliverySettings {
  // RFC 5321 §4.5.3.2 gives the least values for the phases; ten minutes after the final dot,
  // since giving up there delivers twice.
  milliseconds smtp_connect_timeout = seconds(30);
  milliseconds smtp_helo_timeout = seconds(300);
  milliseconds smtp_mail_timeout = seconds(300);
  milliseconds smtp_rcpt_timeout = seconds(300);
  milliseconds smtp_data_init_timeout = seconds(120);
  milliseconds smtp_data_xfer_timeout = seconds(180);
  milliseconds smtp_data_done_timeout = seconds(600);

  std::string smtp_helo_name;  // empty: the gateway's host name
  std::string smtp_tls_security_level = "may";
  std::string smtp_bind_address;
  std::string smtp_bind_address6;
  std::int64_t smtp_mx_address_limit = 5;
  std::int64_t smtp_mx_session_limit = 2;

  milliseconds smtp_connection_cache_time_limit = seconds(5);
  milliseconds smtp_connection_reuse_time_limit = seconds(300);
  std::int64_t smtp_connection_reuse_count_limit = 1000;

  bool lmtp_add_return_path = false;

  NoticeSettings notices;
};
void describe(DeliverySettings& settings, Keys& keys);

/// What every transport of one loop is given. The references outlive the transports.
struct DeliveryContext {
  Loop& loop;
  Resolver& resolver;
  std::shared_ptr<const DeliverySettings> settings;
  std::string hostname;  // ours, for HELO, file names and loops
  OwnListeners own_listeners;
  std::shared_ptr<const TlsContext> tls;  // null where TLS is off
};

}  // namespace postern
