#include "gateway/queue/recovery.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/queue/content_files.h"
#include "gateway/queue/payload.h"
#include "gateway/queue/segment_scanner.h"
#include "gateway/queue/set_aside.h"

namespace postern {

namespace {

constexpr Event record_damaged{"spool_record_damaged", Level::error,
                               "A record of the spool is damaged and its message may be lost; the "
                               "octets were copied to file= below "
                               "the spool directory. Check the disk and the machine's memory."};
constexpr Event segment_damaged{"spool_segment_damaged", Level::error,
                                "A segment's header is damaged, so that none of its records can be "
                                "read; it was moved to file=."};
constexpr Event segment_unreadable{"spool_segment_unreadable", Level::error,
                                   "The disk gave an error for a segment; its messages are served "
                                   "as far as they could be read. Check the "
                                   "disk, then restart."};
constexpr Event content_missing{"spool_content_missing", Level::error,
                                "The file with the content of a large message is missing or has "
                                "the wrong size: the message is lost."};
constexpr Event tail_cut{"spool_tail_cut", Level::warning,
                         "A crash cut off a batch that had not been acknowledged; nothing is lost "
                         "and nothing is to be done."};

Counter& damaged_records = counter("postern_spool_damaged_records_total",
                                   "Records that recovery found damaged and set aside.");

struct Segment {
  std::uint32_t number = 0;
  std::shared_ptr<DiskFile> file;
  std::uint64_t size = 0;
  SegmentHeader header;
};

struct Stretch {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t end() const { return offset + size; }
};

/// What the replay of one segment found beside its records.
struct Replayed {
  std::vector<Stretch> bad;
  std::uint64_t durable = first_record_offset;  // the most that a record in it says
  bool read_failed = false;
};

class Recovery {
 public:
  Recovery(Disk& disk, LogFiles& files, Index& index, RecoveryReport& report)
      : disk_(disk), files_(files), index_(index), report_(report) {}

  Result<LogState> run() {
    TRY(find_segments());
    for (std::size_t i = 0; i < segments_.size(); ++i)
      replay(segments_[i], i + 1 == segments_.size());
    check_contents();
    report_.messages = index_.size();
    return std::move(state_);
  }

 private:
  Result<> find_segments();
  Result<> look_at(std::uint32_t number);
  void drop_unheaded(const Segment& segment);
  void replay(const Segment& segment, bool newest);
  Replayed scan(const Segment& segment);
  bool apply(const Scanned& scanned, std::uint32_t segment);
  bool apply_message(const Scanned& scanned, std::uint32_t segment);
  void judge(const Segment& segment, bool newest, const Replayed& replayed);
  void report_damage(const Segment& segment, const Stretch& bad, bool read_failed);
  void cut(const Segment& segment, const Replayed& replayed, const std::vector<Stretch>& torn);
  void check_contents();
  bool lost_content(const Location& location, MessageId id, std::uint64_t wanted);
  void saw(MessageId id) { report_.last_id = std::max(report_.last_id, id); }

  Disk& disk_;
  LogFiles& files_;
  Index& index_;
  RecoveryReport& report_;
  LogState state_;
  std::vector<Segment> segments_;  // in order, with a good header and records
  std::vector<Segment> unheaded_;
  std::map<std::uint64_t, std::uint32_t> durable_;  // segment: what its successor's header says
  bool damage_seen_ = false;  // something that was acknowledged may not be in the index
};

/// Looks at all headers before anything is changed: a log of a later version stays as it is.
Result<> Recovery::find_segments() {
  TRY(const auto names, disk_.list("log"));
  std::set<std::uint32_t> numbers;
  for (const auto& name : names) {
    if (const auto number = parse_segment_name(name)) numbers.insert(*number);
  }
  for (const auto number : numbers) {
    TRY(look_at(number));
    state_.next_segment = number + 1;
  }
  for (const auto& segment : unheaded_) drop_unheaded(segment);
  // Begun, but nothing was written: there is nothing that a later one could end.
  std::erase_if(segments_, [this](const Segment& segment) {
    return segment.size <= first_record_offset && disk_.remove(segment_path(segment.number));
  });
  return {};
}

Result<> Recovery::look_at(std::uint32_t number) {
  const auto path = segment_path(number);
  auto opened = disk_.open(path);
  Result<std::uint64_t> size = opened ? (*opened)->size() : std::unexpected(opened.error());
  Result<std::string> octets =
      size ? (*opened)->read(0, first_record_offset) : std::unexpected(size.error());
  if (!octets) {
    log(segment_unreadable, {{"segment", number}, {"error", octets.error().what}});
    damage_seen_ = true;
    state_.segments[number] = {0, 0, false};
    return {};
  }
  const auto parsed = parse_segment_header(*octets);
  if (parsed.state == SegmentHeaderState::unknown_version) {
    return fail(
        std::errc::not_supported,
        fmt::format(
            "{} has format version {}, and this gateway knows {} to {} only: start the version "
            "that wrote it",
            path, parsed.version, oldest_version, format_version));
  }
  Segment segment{number, *std::move(opened), *size, parsed.header};
  if (parsed.state == SegmentHeaderState::damaged || parsed.header.number != number) {
    unheaded_.push_back(std::move(segment));
    return {};
  }
  durable_[parsed.header.previous] = parsed.header.previous_durable;
  segments_.push_back(std::move(segment));
  return {};
}

/// A crash while a segment is begun leaves no more than a torn header. More than that is damage,
/// since the header is synced before the first record is written.
void Recovery::drop_unheaded(const Segment& segment) {
  const auto path = segment_path(segment.number);
  if (segment.size <= first_record_offset) {
    static_cast<void>(disk_.remove(path));
    return;
  }
  const auto to = corrupt_segment_path(segment.number);
  damage_seen_ = true;
  ++report_.corrupt_records;
  damaged_records.add();
  const auto moved = disk_.rename(path, to);
  if (!moved) state_.segments[segment.number] = {segment.size, 0, false};
  log(segment_damaged, {{"segment", segment.number},
                        {"size", segment.size},
                        {"file", moved ? to : path},
                        {"error", moved ? "" : moved.error().what}});
}

void Recovery::replay(const Segment& segment, bool newest) {
  files_.add(segment.number, segment.file);
  const auto replayed = scan(segment);
  state_.segments[segment.number] = {segment.size, segment.header.salt, !replayed.read_failed};
  if (replayed.read_failed) {
    log(segment_unreadable, {{"segment", segment.number}, {"error", "read error inside"}});
  }
  judge(segment, newest, replayed);
}

Replayed Recovery::scan(const Segment& segment) {
  Replayed out;
  std::uint64_t sequence = 0;
  SegmentScanner scanner(*segment.file, segment.size, segment.header.salt);
  while (const auto scanned = scanner.next()) {
    // Within a segment the sequence tells a record from one that stood there before and was written
    // over. Between segments it proves nothing: an older one may have been unreadable for a time.
    const bool good =
        scanned->good && scanned->header.sequence >= sequence && apply(*scanned, segment.number);
    if (good) {
      ++report_.records;
      sequence = scanned->header.sequence + 1;
      state_.next_sequence = std::max(state_.next_sequence, sequence);
      out.durable = std::max<std::uint64_t>(out.durable, scanned->header.durable);
    } else if (!out.bad.empty() && out.bad.back().end() == scanned->offset) {
      out.bad.back().size += scanned->size;
    } else {
      out.bad.push_back({scanned->offset, scanned->size});
    }
  }
  out.read_failed = scanner.read_failed();
  return out;
}

/// False where the record is right by its checksums, but says what no gateway writes.
bool Recovery::apply(const Scanned& scanned, std::uint32_t segment) {
  switch (scanned.header.type) {
    case RecordType::accept:
    case RecordType::collected:
      return apply_message(scanned, segment);
    case RecordType::progress: {
      const auto progress = decode_progress(scanned.head);
      if (!progress) return false;
      saw(progress->id);
      index_.apply(*progress);
      return true;
    }
    case RecordType::done: {
      const auto id = decode_done(scanned.head);
      if (!id) return false;
      saw(*id);
      index_.erase(*id);
      return true;
    }
  }
  return false;
}

bool Recovery::apply_message(const Scanned& scanned, std::uint32_t segment) {
  const auto head = decode_accept(scanned.head);
  if (!head) return false;
  const Envelope& envelope = head->envelope;
  const bool whole = head->own_file ? scanned.tail.empty()
                                    : scanned.tail.size() == envelope.content_size &&
                                          scanned.header.tail_crc == head->content_crc;
  if (!whole || envelope.open_recipients() == 0) return false;
  if (scanned.head.size() > Index::longest_head || envelope.content_size > Index::largest_content)
    return false;
  saw(envelope.id);
  index_.put(envelope, envelope.content_size, head->own_file,
             {segment, static_cast<std::uint32_t>(scanned.offset), scanned.header.head_length,
              scanned.header.tail_length});
  return true;
}

/// Tells damage from what a crash leaves. A batch is acknowledged when it is synced, and both the
/// records after it and the next segment's header say how far that was: a bad stretch beyond it
/// was never acknowledged.
void Recovery::judge(const Segment& segment, bool newest, const Replayed& replayed) {
  const auto told = durable_.find(segment.number);
  const bool closed = told != durable_.end();
  const auto durable = std::max<std::uint64_t>(replayed.durable, closed ? told->second : 0);
  std::vector<Stretch> torn;
  for (const auto& bad : replayed.bad) {
    if (bad.offset < durable) {
      report_damage(segment, bad, replayed.read_failed);
    } else {
      torn.push_back(bad);
    }
  }
  const auto sure = torn.empty() ? segment.size : torn.front().offset;
  if (newest) state_.previous = {segment.number, static_cast<std::uint32_t>(sure)};
  // Of a closed one it is known, and was reported when it was closed.
  if (!closed && !torn.empty()) cut(segment, replayed, torn);
}

void Recovery::report_damage(const Segment& segment, const Stretch& bad, bool read_failed) {
  damage_seen_ = true;
  // Octets that the disk did not give cannot be copied; the segment stays, so they are not lost.
  const auto kept = read_failed
                        ? SetAside::failed
                        : set_aside(disk_, *segment.file, segment.number, bad.offset, bad.size);
  if (kept == SetAside::known) return;
  ++report_.corrupt_records;
  damaged_records.add();
  log(record_damaged,
      {{"segment", segment.number},
       {"offset", bad.offset},
       {"size", bad.size},
       {"file", kept == SetAside::saved ? corrupt_path(segment.number, bad.offset) : ""}});
}

/// Cuts a torn tail off, so that the next start finds nothing odd. It is kept in corrupt/
/// nevertheless: the last batch of all has nothing after it that says that it was synced, so that
/// damage to it looks just the same.
void Recovery::cut(const Segment& segment, const Replayed& replayed,
                   const std::vector<Stretch>& torn) {
  bool all_kept = !replayed.read_failed;
  std::uint64_t octets = 0;
  for (const auto& stretch : torn) {
    octets += stretch.size;
    if (!all_kept) break;
    all_kept = set_aside(disk_, *segment.file, segment.number, stretch.offset, stretch.size) !=
               SetAside::failed;
  }
  report_.torn_octets += octets;
  log(tail_cut, {{"segment", segment.number}, {"offset", torn.front().offset}, {"size", octets}});
  const auto& last = torn.back();
  if (!all_kept || last.end() != segment.size) return;
  if (segment.file->truncate(last.offset) && segment.file->sync()) {
    state_.segments[segment.number].size = last.offset;
  }
}

/// Every large message has its file, and every file its message. After damage no file is removed:
/// the record that names it may be in corrupt/, or back when the disk is.
void Recovery::check_contents() {
  std::set<MessageId> owned;
  for (const auto id : index_.ids()) {
    const auto message = index_.find(id);
    if (!message->own_file) continue;
    if (lost_content(message->location, id, message->size)) {
      index_.erase(id);
    } else {
      owned.insert(id);
    }
  }
  if (damage_seen_) return;
  const auto names = disk_.list("content");
  if (!names) return;
  for (const auto& name : *names) {
    const auto id = MessageId::parse(name);
    if (id && !owned.contains(*id)) static_cast<void>(disk_.remove(content_path(*id)));
  }
}

bool Recovery::lost_content(const Location& location, MessageId id, std::uint64_t wanted) {
  const auto path = content_path(id);
  const auto file = disk_.open(path);
  // Any other error may pass: whoever reads the message will see.
  if (!file && file.error().code != std::errc::no_such_file_or_directory) return false;
  const auto size = file ? (*file)->size() : Result<std::uint64_t>(0);
  if (!size || (file && *size == wanted)) return false;
  damage_seen_ = true;
  log(content_missing, {{"queue", id.text()}, {"file", path}, {"size", wanted}});
  const auto segment = disk_.open(segment_path(location.segment));
  if (segment && set_aside(disk_, **segment, location.segment, location.offset, location.size()) ==
                     SetAside::known) {
    return true;
  }
  ++report_.corrupt_records;
  damaged_records.add();
  return true;
}

}  // namespace

Result<LogState> recover(Disk& disk, LogFiles& files, Index& index, RecoveryReport& report) {
  report = {};
  return Recovery(disk, files, index, report).run();
}

}  // namespace postern
