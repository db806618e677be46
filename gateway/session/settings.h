// settings.h — what an administrator tunes about receiving, under Postfix's names.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/config.h"

namespace postern {

struct SmtpdSettings {
  std::string myhostname = "localhost";
  std::string smtpd_banner;  // empty: "$myhostname ESMTP Postern"
  std::uint64_t message_size_limit = 10'240'000;
  std::int64_t smtpd_recipient_limit = 1000;
  milliseconds smtpd_timeout = seconds(300);
  milliseconds session_time_limit = seconds(1800);
  milliseconds smtpd_error_sleep_time = seconds(1);
  std::int64_t smtpd_soft_error_limit = 10;
  std::int64_t smtpd_hard_error_limit = 20;
  std::int64_t smtpd_junk_command_limit = 100;
  std::int64_t smtpd_command_limit = 1000;
  std::int64_t smtpd_min_data_rate = 500;
  std::int64_t hopcount_limit = 50;
  bool smtpd_helo_required = false;
  bool smtpd_delay_reject = true;
  bool smtpd_peername_lookup = true;
  bool smtpd_forbid_unauth_pipelining = true;
  std::string smtpd_forbid_bare_newline = "normalize";
  std::string smtpd_tls_security_level = "may";
  std::string smtpd_tls_chain_file;
  std::string smtpd_tls_key_file;
  std::vector<std::string> smtpd_authorized_xclient_hosts;
  std::uint64_t receive_memory_limit = 512ULL << 20;

  std::string banner() const;
};

void describe(SmtpdSettings& settings, Keys& keys);

}  // namespace postern
