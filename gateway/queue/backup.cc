#include "gateway/queue/backup.h"

#include <algorithm>
#include <functional>
#include <string>

#include "gateway/base/bytes.h"
#include "gateway/queue/content_files.h"
#include "gateway/queue/manifest.h"
#include "gateway/queue/record.h"
#include "gateway/queue/segment_scanner.h"

namespace postern {

namespace {

constexpr std::uint64_t piece_size = 1U << 20;
/// Synced so often, or the kernel would write all of it at once, and the log's own syncs would
/// wait behind that.
constexpr std::uint64_t sync_size = 16U << 20;
/// Ten million large messages.
constexpr std::uint64_t largest_manifest = 1ULL << 30;

std::unexpected<Error> damaged(const std::string& path, std::string_view what) {
  return fail(std::errc::illegal_byte_sequence,
              "the backup is damaged: " + path + ": " + std::string(what));
}

Result<> for_each_piece(const DiskFile& file, std::uint64_t size,
                        const std::function<Result<>(std::uint64_t, std::string_view)>& use) {
  for (std::uint64_t done = 0; done < size;) {
    const auto length = std::min(piece_size, size - done);
    TRY(const auto octets, file.read(done, length));
    if (octets.size() != length)
      return fail(std::errc::illegal_byte_sequence, "it is cut short at " + std::to_string(done));
    TRY(use(done, octets));
    done += length;
  }
  return {};
}

Result<std::uint32_t> checksum_of(const DiskFile& file, std::uint64_t size) {
  std::uint32_t crc = 0;
  TRY(for_each_piece(file, size, [&](std::uint64_t, std::string_view octets) {
    crc = crc32c(octets, crc);
    return Result<>();
  }));
  return crc;
}

/// A copy on stable storage, but for its name.
Result<Manifest::File> copy_file(const DiskFile& from, std::uint64_t size, Disk& disk,
                                 const std::string& path) {
  Manifest::File out{path, size, 0};
  TRY(const auto to, disk.create(path));
  TRY(for_each_piece(from, size, [&](std::uint64_t at, std::string_view octets) -> Result<> {
    out.crc = crc32c(octets, out.crc);
    const std::string_view pieces[] = {octets};
    TRY(to->write(at, pieces));
    if ((at + octets.size()) % sync_size == 0) TRY(to->sync());
    return {};
  }));
  TRY(to->sync());
  return out;
}

Result<> make_directories(Disk& disk) {
  for (const auto* name : {"log", "content"}) TRY(disk.make_directory(name));
  return disk.sync_directory(".");
}

Result<> check_empty(Disk& disk) {
  TRY(const auto names, disk.list("."));
  for (const auto& name : names) {
    // The last is what mkfs leaves.
    if (name == "lock" || name == "lost+found") continue;
    const bool unfinished = name == restoring_path;
    return fail(std::errc::directory_not_empty,
                unfinished ? "the target holds a restore that was not finished: empty it first"
                           : "the target is not empty: it has " + printable(name));
  }
  return {};
}

struct Records {
  std::uint64_t good = 0;
  std::uint64_t damaged = 0;
};

/// All records of a segment, checksums included.
Result<Records> check_segment(const DiskFile& file, std::uint64_t size, const std::string& path) {
  TRY(const auto header, file.read(0, first_record_offset));
  const auto parsed = parse_segment_header(header);
  if (parsed.state == SegmentHeaderState::unknown_version) {
    return fail(std::errc::not_supported, path + " has format version " +
                                              std::to_string(parsed.version) +
                                              ", which this gateway does not know");
  }
  Records out;
  if (parsed.state == SegmentHeaderState::damaged) return Records{0, 1};
  SegmentScanner scanner(file, size, parsed.header.salt);
  while (const auto scanned = scanner.next()) ++(scanned->good ? out.good : out.damaged);
  if (scanner.read_failed()) return fail(std::errc::io_error, "reading " + path);
  return out;
}

bool is_segment(const std::string& path) { return path.starts_with("log/"); }

/// A backup as it is being made.
class Copying {
 public:
  Copying(Disk& from, Disk& to) : from_(from), to_(to) {}

  Result<BackupReport> run(const LogPosition& position, std::uint64_t messages, WallTime now) {
    TRY(check_empty(to_));
    TRY(make_directories(to_));
    TRY(copy_contents(position.last_id));
    TRY(copy_segments(position));
    for (const auto* name : {"content", "log"}) TRY(to_.sync_directory(name));
    TRY(read_back());
    manifest_.taken = now;
    manifest_.messages = report_.messages = messages;
    report_.files = manifest_.files.size();
    TRY(write_manifest());
    return report_;
  }

 private:
  Result<> copy_segments(const LogPosition& position) {
    for (const auto& segment : position.segments) {
      const auto path = segment_path(segment.number);
      TRY(const auto file, from_.open(path));
      TRY(auto size, file->size());
      if (segment.number == position.segment) size = position.offset;
      TRY(copy(*file, size, path));
    }
    return {};
  }

  /// All that were there at the moment still are. Those that came later have no record here and
  /// may be half written; most are known by their ids, and a start deletes the others.
  Result<> copy_contents(MessageId last) {
    TRY(const auto names, from_.list("content"));
    for (const auto& name : names) {
      const auto id = MessageId::parse(name);
      if (!id || *id > last) continue;
      const auto file = from_.open(content_path(*id));
      if (!file && file.error().code == std::errc::no_such_file_or_directory) continue;
      if (!file) return std::unexpected(file.error());
      TRY(const auto size, (*file)->size());
      TRY(copy(**file, size, content_path(*id)));
    }
    return {};
  }

  Result<> copy(const DiskFile& file, std::uint64_t size, const std::string& path) {
    TRY(auto copied, copy_file(file, size, to_, path));
    report_.octets += copied.size;
    manifest_.files.push_back(std::move(copied));
    return {};
  }

  Result<> read_back() {
    for (const auto& copied : manifest_.files) {
      TRY(const auto file, to_.open(copied.path));
      TRY(const auto crc, checksum_of(*file, copied.size));
      if (crc != copied.crc) return damaged(copied.path, "it is not what was written");
      if (!is_segment(copied.path)) continue;
      TRY(const auto records, check_segment(*file, copied.size, copied.path));
      report_.records += records.good;
      report_.damaged += records.damaged;
    }
    return {};
  }

  Result<> write_manifest() {
    const auto text = manifest_.encode();
    const std::string_view pieces[] = {text};
    TRY(const auto file, to_.create(manifest_path));
    TRY(file->write(0, pieces));
    TRY(file->sync());
    return to_.sync_directory(".");
  }

  Disk& from_;
  Disk& to_;
  Manifest manifest_;
  BackupReport report_;
};

class Restoring {
 public:
  Restoring(Disk& from, Disk& to) : from_(from), to_(to) {}

  Result<RestoreReport> run() {
    TRY(const auto manifest, read_manifest());
    TRY(to_.lock("lock"));
    TRY(check_empty(to_));
    for (const auto& file : manifest.files) TRY(verify(file));
    TRY(put_marker());
    TRY(make_directories(to_));
    for (const auto& file : manifest.files) TRY(copy(file));
    for (const auto* name : {"content", "log"}) TRY(to_.sync_directory(name));
    TRY(to_.remove(restoring_path));
    TRY(to_.sync_directory("."));
    report_.messages = manifest.messages;
    report_.taken = manifest.taken;
    return report_;
  }

 private:
  Result<Manifest> read_manifest() {
    const auto file = from_.open(manifest_path);
    if (!file && file.error().code == std::errc::no_such_file_or_directory) {
      return fail(std::errc::no_such_file_or_directory,
                  "this is no finished backup: it has no manifest");
    }
    if (!file) return std::unexpected(file.error());
    TRY(const auto size, (*file)->size());
    if (size > largest_manifest) return damaged(manifest_path, "it is too long");
    TRY(const auto text, (*file)->read(0, size));
    return Manifest::parse(text);
  }

  Result<> verify(const Manifest::File& wanted) {
    const auto file = from_.open(wanted.path);
    if (!file && file.error().code == std::errc::no_such_file_or_directory)
      return damaged(wanted.path, "it is missing");
    if (!file) return std::unexpected(file.error());
    TRY(const auto size, (*file)->size());
    if (size != wanted.size) return damaged(wanted.path, "the size is wrong");
    TRY(const auto crc, checksum_of(**file, size));
    if (crc != wanted.crc) return damaged(wanted.path, "the checksum is wrong");
    if (!is_segment(wanted.path)) return {};
    TRY(const auto records, check_segment(**file, size, wanted.path));
    report_.records += records.good;
    report_.damaged += records.damaged;
    return {};
  }

  Result<> copy(const Manifest::File& wanted) {
    TRY(const auto file, from_.open(wanted.path));
    TRY(const auto copied, copy_file(*file, wanted.size, to_, wanted.path));
    if (copied.crc != wanted.crc) return damaged(wanted.path, "it changed while it was read");
    ++report_.files;
    report_.octets += copied.size;
    return {};
  }

  Result<> put_marker() {
    TRY(const auto file, to_.create(restoring_path));
    TRY(file->sync());
    return to_.sync_directory(".");
  }

  Disk& from_;
  Disk& to_;
  RestoreReport report_;
};

}  // namespace

Result<BackupReport> copy_spool(Disk& from, Disk& to, const LogPosition& position,
                                std::uint64_t messages, WallTime now) {
  return Copying(from, to).run(position, messages, now);
}

Result<RestoreReport> restore(Disk& from, Disk& to) { return Restoring(from, to).run(); }

}  // namespace postern
