#include "gateway/queue/damage.h"

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/queue/content_files.h"
#include "gateway/queue/record.h"

namespace postern {

namespace {

constexpr Event record_damaged{"spool_record_damaged", Level::error,
                               "A record of the spool is damaged and its message may be lost; the "
                               "octets were copied to file= below the spool directory. Check the "
                               "disk and the machine's memory."};
constexpr Event unreadable{"spool_segment_unreadable", Level::error,
                           "The disk gave an error for a segment; its messages are served as far "
                           "as they could be read. Check the disk, then restart."};
constexpr Event segment_damaged{"spool_segment_damaged", Level::error,
                                "A segment's header is damaged, so that none of its records can be "
                                "read; it was moved to file=."};
constexpr Event content_damaged{"spool_content_damaged", Level::error,
                                "The file with the content of a large message is missing, or not "
                                "what was written: the message is lost. What there is of it was "
                                "moved to file=. Check the disk."};

Counter& damaged =
    counter("postern_spool_damaged_records_total", "Records found damaged and set aside.");

}  // namespace

SetAside record_damage(Disk& disk, const DiskFile* file, std::uint32_t segment,
                       std::uint64_t offset, std::uint64_t size) {
  const auto kept =
      file == nullptr ? SetAside::failed : set_aside(disk, *file, segment, offset, size);
  if (kept == SetAside::known) return kept;
  damaged.add();
  log(record_damaged, {{"segment", segment},
                       {"offset", offset},
                       {"size", size},
                       {"file", kept == SetAside::saved ? corrupt_path(segment, offset) : ""}});
  return kept;
}

void segment_unreadable(std::uint32_t segment, std::string_view error) {
  log(unreadable, {{"segment", segment}, {"error", error}});
}

bool segment_damage(Disk& disk, std::uint32_t segment, std::uint64_t size) {
  const auto path = segment_path(segment);
  const auto to = corrupt_segment_path(segment);
  damaged.add();
  const auto moved = disk.rename(path, to);
  log(segment_damaged, {{"segment", segment},
                        {"size", size},
                        {"file", moved ? to : path},
                        {"error", moved ? "" : moved.error().what}});
  return moved.has_value();
}

bool content_damage(Disk& disk, MessageId id, std::uint64_t size) {
  const auto path = content_path(id);
  const auto to = "corrupt/" + id.text();
  damaged.add();
  auto moved = disk.rename(path, to);
  if (moved) moved = disk.sync_directory("corrupt");
  if (moved) moved = disk.sync_directory("content");
  const bool missing = !moved && moved.error().code == std::errc::no_such_file_or_directory;
  log(content_damaged, {{"queue", id.text()},
                        {"size", size},
                        {"file", moved ? to : ""},
                        {"error", moved ? "" : moved.error().what}});
  return moved || missing;
}

}  // namespace postern
