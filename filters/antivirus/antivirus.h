// antivirus.h — the antivirus filter without its scanner: settings, and what a scan's outcome
// means.
//
// libclamav is not in here: it lives in the executable postern-av, in a cage (scanner.h). The
// gateway knows only these settings, so that a configuration is checked where it is read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/pipeline/filter.h"

namespace postern {

struct AntivirusSettings {
  std::vector<std::string> database{"/var/lib/clamav"};
  std::string scratch_directory = "/var/lib/postern/antivirus";
  std::uint64_t max_file_size = 64ULL << 20;
  std::uint64_t max_scan_size = 128ULL << 20;
  milliseconds max_scan_time = seconds(20);
  std::string infected = "reject";
  std::string unscannable = "quarantine";
  std::string encrypted = "quarantine";
};
void describe(AntivirusSettings& settings, Keys& keys);

/// Every entry of `database` exists, and a directory holds at least one file of signatures.
Result<> check_database(const AntivirusSettings& settings);

/// What a scan found, the worst last. Only `clean` says that there is no virus.
enum class ScanOutcome : std::uint8_t { clean, encrypted, unscannable, error, infected };

struct ScanReport {
  ScanOutcome outcome = ScanOutcome::clean;
  std::string name;    // infected: of the signature
  std::string detail;  // otherwise: what could not be looked at, or why the scan is worth nothing
  bool unfit = false;  // error: the scanner itself failed its test, and must not be asked again
};

/// An error becomes an error: on_failure decides, and never as if the message were clean.
Answer answer_to(const ScanReport& report, const AntivirusSettings& settings);

}  // namespace postern
