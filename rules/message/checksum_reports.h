// checksum_reports.h — what DCC and Razor say of a message, brought to a scan by whoever asked
// them.
#pragma once

#include <cstdint>
#include <optional>

namespace postern {

/// How often the message's checksums were reported; DCC's "many" is 999999.
struct DccReport {
  std::uint32_t body = 0;
  std::uint32_t fuz1 = 0;
  std::uint32_t fuz2 = 0;
  std::optional<std::uint32_t> reputation = std::nullopt;  // percent of bulk from the last relay
};

struct RazorReport {
  bool spam = false;
  std::optional<std::uint32_t> confidence = std::nullopt;  // percent, the highest of all parts
};

struct ChecksumReports {
  std::optional<DccReport> dcc;
  std::optional<RazorReport> razor;
};

}  // namespace postern
