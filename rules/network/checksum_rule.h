// checksum_rule.h — rules that look at what Pyzor, DCC and Razor say of a message.
//
// Pyzor is asked by the scan itself, as the DNS is. DCC and Razor were asked before, by filters in
// the gateway, and what they said is in the scan's input.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "rules/evals/eval.h"
#include "rules/message/checksum_reports.h"
#include "rules/network/checksum_settings.h"

namespace postern {

struct ChecksumRule {
  enum class Kind : std::uint8_t { pyzor, dcc, dcc_reputation, razor, razor_range };
  std::uint32_t rule = 0;
  Kind kind = Kind::pyzor;
  std::string engine = {};  // razor_range: "" for the highest of all
  double least = 0;         // the ranges, both ends in them
  double most = 100;

  static std::expected<ChecksumRule, UnboundCall> bind(std::string_view function,
                                                       const std::vector<std::string>& arguments);
  /// For all but Pyzor.
  bool holds(const ChecksumReports& reports, const ChecksumSettings& settings) const;
};

/// Names of the functions that bind() takes.
bool is_checksum_function(std::string_view name);

/// Whether check_pyzor hits on these counts (Pyzor.pm, _check_result).
bool is_reported(std::uint64_t reported, std::uint64_t welcome, const ChecksumSettings& settings);

}  // namespace postern
