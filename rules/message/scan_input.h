// scan_input.h — what is handed to a scan.
#pragma once

#include <optional>
#include <string_view>

#include "rules/message/authentication_results.h"
#include "rules/message/checksum_reports.h"

namespace postern {

class TokenStore;

struct ScanInput {
  /// The message with our own Received field on top, so that rules see the hop to us.
  std::string_view octets;
  /// Of the SMTP transaction, "" for a bounce; without it trace fields in the message are asked.
  std::optional<std::string_view> envelope_from = std::nullopt;
  /// nullptr where the gateway checked nothing; must outlive the scan.
  const AuthenticationResults* authentication = nullptr;
  /// nullptr where nothing was learnt; must outlive the scan.
  const TokenStore* bayes = nullptr;
  ChecksumReports checksums = {};
};

}  // namespace postern
