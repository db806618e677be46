#include "filters/antivirus/scanner.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "gateway/base/unique_fd.h"
#include "gateway/mail/mime_decode.h"

namespace postern {
namespace {

namespace fs = std::filesystem;

constexpr seconds canary_period{60};
constexpr int spare_descriptors = 16;
constexpr fsfilcnt_t spare_inodes = 100;

SteadyTime now() { return std::chrono::steady_clock::now(); }

// The lowest free descriptor from `limit - spare` on: descriptors are given out from below, so that
// this one being free means that nearly all above are.
bool descriptors_are_spare() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  const int wanted = static_cast<int>(limit.rlim_cur) - spare_descriptors;
  const UniqueFd probe(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, wanted));
  return probe.get() == wanted;
}

ScanReport report(ScanOutcome outcome, std::string detail) {
  return {outcome, "", std::move(detail), false};
}
ScanReport unfit(const Error& error) { return {ScanOutcome::error, "", error.what, true}; }

void keep_worst(ScanReport& into, ScanReport other) {
  if (other.outcome > into.outcome) into = std::move(other);
}

// What can be read in two ways is scanned in all of them.
std::vector<std::string> readings(const MimePart& part) {
  std::vector<std::string> encodings{part.encoding};
  const bool ambiguous = part.anomalies.has(MimeAnomaly::duplicate_encoding) ||
                         part.anomalies.has(MimeAnomaly::unknown_encoding) ||
                         part.anomalies.has(MimeAnomaly::encoded_container);
  if (!ambiguous) return encodings;
  for (const char* other : {"7bit", "base64", "quoted-printable"}) {
    if (part.encoding != other) encodings.emplace_back(other);
  }
  return encodings;
}

}  // namespace

Result<std::unique_ptr<Scanner>> Scanner::load(const AntivirusSettings& settings,
                                               const std::string& scratch) {
  TRY(check_database(settings));
  TRY(Canary canary, make_canary());
  const std::string canary_file = scratch + "/postern-canary.hsb";
  std::ofstream out(canary_file, std::ios::binary);
  out << canary.signature;
  out.close();
  if (!out) return fail_errno("cannot write " + canary_file);

  std::vector<std::string> databases = settings.database;
  databases.push_back(canary_file);
  const EngineLimits limits{settings.max_file_size, settings.max_scan_size, settings.max_scan_time};
  auto engine = Engine::load(databases, limits, scratch);
  ::unlink(canary_file.c_str());
  if (!engine) return std::unexpected(std::move(engine).error());
  std::unique_ptr<Scanner> scanner(new Scanner(settings, std::move(canary), *std::move(engine)));
  TRY(scanner->enter(scratch));
  TRY(scanner->prove());
  return scanner;
}

Result<> Scanner::enter(const std::string& scratch) {
  TRY(engine_->set_scratch(scratch));
  scratch_ = scratch;
  return {};
}

Result<> Scanner::prove() {
  const EngineRun run = engine_->run(canary_.archive, [] { return std::string(); });
  clear_scratch();
  if (run.said != EngineRun::Said::virus || !run.name.starts_with(canary_name)) {
    const std::string around = starved();
    return fail(std::errc::state_not_recoverable,
                "the scanner misses a virus that it knows: " +
                    (around.empty() ? run.name + " " + run.noise : around));
  }
  proved_ = now();
  return {};
}

std::string Scanner::starved() const {
  struct statvfs disk{};
  if (::statvfs(scratch_.c_str(), &disk) != 0)
    return "the scratch directory " + scratch_ + " is not there";
  const std::uint64_t room = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (room < 2 * settings_.max_scan_size) {
    return "the scratch directory has " + format_size(room) + " free and needs twice max_scan_size";
  }
  // File systems without a table of inodes say that there are none at all.
  if (disk.f_files != 0 && disk.f_favail < spare_inodes)
    return "the scratch directory is out of inodes";
  if (!descriptors_are_spare()) return "too few free descriptors";
  return {};
}

// libclamav cleans up after itself; what a broken archive made it leave would count against the
// next.
bool Scanner::clear_scratch() const {
  std::error_code error;
  bool found = false;
  for (fs::directory_iterator entry(scratch_, error), end; !error && entry != end;
       entry.increment(error)) {
    found = true;
    fs::remove_all(entry->path(), error);
  }
  return !error && (!found || fs::is_empty(scratch_, error));
}

ScanReport Scanner::judge(const EngineRun& run, const std::string& what) const {
  const std::string name = run.name;
  if (run.said == EngineRun::Said::virus) {
    if (name.starts_with("Heuristics.Limits.Exceeded"))
      return report(ScanOutcome::unscannable, what + ": " + name);
    if (name.starts_with("Heuristics.Encrypted"))
      return report(ScanOutcome::encrypted, what + ": " + name);
    return {ScanOutcome::infected, name, what, false};
  }
  if (!run.starved.empty()) return report(ScanOutcome::error, run.starved);
  if (run.said == EngineRun::Said::error) return report(ScanOutcome::error, what + ": " + name);
  if (run.entered == 0 || run.left < run.entered)
    return report(ScanOutcome::error, what + " was not visited");
  if (run.said == EngineRun::Said::limit)
    return report(ScanOutcome::unscannable, what + ": " + name);
  if (!run.oversized.empty())
    return report(ScanOutcome::unscannable, what + ": too large: " + run.oversized);
  if (!run.encrypted.empty()) return report(ScanOutcome::encrypted, what + ": " + run.encrypted);
  return {};
}

ScanReport Scanner::scan_once(std::string_view octets, const std::string& what,
                              std::string& noise) {
  if (!clear_scratch())
    return report(ScanOutcome::error, "the scratch directory cannot be emptied");
  EngineRun run = engine_->run(octets, [this] { return starved(); });
  if (run.starved.empty()) run.starved = starved();
  noise = run.noise;
  return judge(run, what);
}

ScanReport Scanner::scan_file(std::string_view octets, const std::string& what) {
  if (octets.empty()) return {};
  if (octets.size() >= settings_.max_file_size)
    return report(ScanOutcome::unscannable, what + " is too large");
  std::string noise;
  ScanReport first = scan_once(octets, what, noise);
  if (first.outcome == ScanOutcome::infected) return first;
  if (std::string around = starved(); !around.empty())
    return report(ScanOutcome::error, std::move(around));
  if (first.outcome != ScanOutcome::error && noise.empty()) return first;
  // The library complained or failed. Where the scanner still finds its canary and complains again,
  // it is the content that it cannot read; a hiccup of the machine is over by then.
  if (const auto proof = prove(); !proof) return unfit(proof.error());
  if (first.outcome == ScanOutcome::error) return first;
  ScanReport second = scan_once(octets, what, noise);
  if (noise.empty() || second.outcome >= ScanOutcome::error) return second;
  return report(ScanOutcome::unscannable, what + ": " + noise);
}

ScanReport Scanner::scan_part(std::string_view message, const MimePart& part, std::size_t index) {
  const std::string what = "part " + std::to_string(index) + " (" + part.media_type() + ")";
  ScanReport worst;
  for (const std::string& encoding : readings(part)) {
    const std::string octets =
        decode_body(part.body.of(message), encoding, settings_.max_file_size);
    keep_worst(worst, scan_file(octets, what));
  }
  return worst;
}

ScanReport Scanner::scan(std::string_view message, SteadyTime until) {
  const SteadyTime begin = now();
  until = std::min(until, begin + settings_.max_scan_time);
  if (begin - proved_ > canary_period) {
    if (const auto proof = prove(); !proof) return unfit(proof.error());
  }
  if (const std::string around = starved(); !around.empty())
    return report(ScanOutcome::error, around);

  const MimeTree tree = parse_mime(message);
  ScanReport worst;
  if (tree.anomalies.has(MimeAnomaly::too_deep) ||
      tree.anomalies.has(MimeAnomaly::too_many_parts)) {
    worst = report(ScanOutcome::unscannable, "more parts than are taken apart");
  }
  for (std::size_t i = 0; i < tree.parts.size() && worst.outcome != ScanOutcome::infected; ++i) {
    if (!tree.parts[i].leaf()) continue;
    if (now() >= until) {
      keep_worst(worst,
                 report(ScanOutcome::unscannable, "its parts take longer than max_scan_time"));
      return worst;
    }
    keep_worst(worst, scan_part(message, tree.parts[i], i));
  }
  if (worst.outcome != ScanOutcome::infected)
    keep_worst(worst, scan_file(message, "the whole message"));
  return worst;
}

}  // namespace postern
