#include "filters/antivirus/antivirus.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace postern {

extern const FilterType antivirus_filter;

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 15> signature_extensions{
    ".cvd", ".cld", ".hdb", ".hsb", ".hdu", ".hsu", ".mdb", ".msb",
    ".ndb", ".ndu", ".ldb", ".ldu", ".db",  ".yar", ".yara"};

bool holds_signatures(const fs::path& directory, std::error_code& error) {
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string extension = entry->path().extension().string();
    if (std::ranges::find(signature_extensions, extension) != signature_extensions.end())
      return true;
  }
  return false;
}

// Stands in the registry and in the gateway's configuration; the chain asks a worker instead.
class Unasked final : public FilterFactory {
 public:
  std::unique_ptr<Filter> make() const override { return std::make_unique<Filter>(); }
  bool answers(Stage stage) const override { return stage == Stage::message; }
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  AntivirusSettings settings;
  describe(settings, keys);
  const auto checked = check_database(settings);
  if (!checked) {
    keys.problem("database", checked.error().what);
    return nullptr;
  }
  if (settings.max_file_size > settings.max_scan_size) {
    keys.problem("max_file_size", "max_file_size is above max_scan_size: raise that too");
    return nullptr;
  }
  return std::make_shared<Unasked>();
}

Opinion act(const std::string& action, Reply refusal, std::string reason) {
  if (action == "reject") return refuse(Verdict::reject, std::move(refusal), std::move(reason));
  Opinion opinion;
  opinion.verdict = action == "quarantine" ? Verdict::quarantine : Verdict::pass;
  opinion.reason = std::move(reason);
  return opinion;
}

Opinion with_finding(Opinion opinion, std::string name, const std::string& text) {
  opinion.findings.push_back({std::move(name), 0, text});
  return opinion;
}

}  // namespace

constexpr FilterType antivirus_filter{
    "antivirus",
    "Scans every part of a message, and the whole, for viruses with libclamav in a cage.",
    Placement::av_worker, configure, "defer"};

void describe(AntivirusSettings& s, Keys& keys) {
  keys.list("database", s.database,
            "Signatures: directories (as freshclam fills them) and single files (.cvd .ndb .hdb "
            ".ldb .yara ...).");
  keys.text("scratch_directory", s.scratch_directory,
            "Where archives are unpacked. Needs twice max_scan_size of free space; a tmpfs is "
            "best. Belongs to "
            "the scanner alone.");
  keys.size("max_file_size", s.max_file_size, 1ULL << 20, 1000ULL << 20,
            "A part, or a file in an archive, of this size or more is not scanned: the message is "
            "unscannable.");
  keys.size("max_scan_size", s.max_scan_size, 1ULL << 20, 4000ULL << 20,
            "Octets looked at in one part with all that is packed in it; beyond, the message is "
            "unscannable.");
  keys.duration(
      "max_scan_time", s.max_scan_time, milliseconds(100), seconds(3600),
      "Time for one message; beyond, it is unscannable. Keep it below scan_deadline in [worker].");
  keys.choice("infected", s.infected, {"reject", "quarantine"},
              "What happens to a message with a virus.");
  keys.choice(
      "unscannable", s.unscannable, {"quarantine", "pass", "reject"},
      "What happens to a message that could not be looked at entirely (size, depth, damage).");
  keys.choice("encrypted", s.encrypted, {"quarantine", "pass", "reject"},
              "What happens to a message with an encrypted archive or document.");
}

Result<> check_database(const AntivirusSettings& settings) {
  if (settings.database.empty()) {
    return fail(std::errc::invalid_argument,
                "database names no signatures: without any, no virus can be found");
  }
  for (const std::string& entry : settings.database) {
    std::error_code error;
    const auto status = fs::status(entry, error);
    if (!fs::exists(status)) {
      return fail(std::errc::no_such_file_or_directory,
                  "there are no signatures in " + entry +
                      ": no such file or directory (freshclam fills /var/lib/clamav)");
    }
    if (!fs::is_directory(status)) continue;
    const bool found = holds_signatures(entry, error);
    if (error) return fail_errno("cannot read the signature directory " + entry, error.value());
    if (!found) {
      return fail(std::errc::no_such_file_or_directory,
                  "the signature directory " + entry +
                      " holds no signatures: run freshclam, or name another");
    }
  }
  return {};
}

Answer answer_to(const ScanReport& report, const AntivirusSettings& settings) {
  switch (report.outcome) {
    case ScanOutcome::clean:
      return Opinion{};
    case ScanOutcome::infected:
      return with_finding(
          act(settings.infected, reply(550, {5, 7, 1}, "Message refused: virus " + report.name),
              "virus " + report.name),
          report.name, "virus");
    case ScanOutcome::encrypted:
      return with_finding(
          act(settings.encrypted,
              reply(550, {5, 7, 1},
                    "Message refused: encrypted content cannot be scanned for viruses"),
              "encrypted: " + report.detail),
          "ANTIVIRUS_ENCRYPTED", report.detail);
    case ScanOutcome::unscannable:
      return with_finding(
          act(settings.unscannable,
              reply(550, {5, 7, 1}, "Message refused: it cannot be scanned for viruses"),
              "unscannable: " + report.detail),
          "ANTIVIRUS_UNSCANNABLE", report.detail);
    case ScanOutcome::error:
      return fail(report.unfit ? std::errc::state_not_recoverable : std::errc::io_error,
                  "antivirus: " + report.detail);
  }
  return fail(std::errc::io_error, "antivirus: no outcome");
}

}  // namespace postern
