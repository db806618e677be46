#include "gateway/queue/recovery.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "gateway/base/log.h"
#include "gateway/queue/checkpoint.h"
#include "gateway/queue/content_files.h"
#include "gateway/queue/damage.h"
#include "gateway/queue/segment_replay.h"

namespace postern {

namespace {

constexpr Event checkpoint_unusable{"spool_checkpoint_unusable", Level::warning,
                                    "The checkpoint of the index cannot be used; the whole log is "
                                    "read instead, which takes longer. Nothing is lost, and a new "
                                    "checkpoint is written soon."};
constexpr Event record_missing{"spool_record_missing", Level::error,
                               "A message that the checkpoint knows has no record in the log any "
                               "more: it is lost. Check the disk, and who else changes the spool."};

class Recovery {
 public:
  Recovery(Disk& disk, Index& index, RecoveryReport& report)
      : disk_(disk), index_(index), report_(report), replay_(disk, index, report) {}

  Result<Recovered> run() {
    TRY(find_segments());
    take_checkpoint();
    replay();
    drop_superseded();
    check_contents();
    index_.saw(report_.last_id);
    report_.messages = index_.size();
    out_.log.growth = report_.replayed_octets + report_.records * octets_for_record;
    return std::move(out_);
  }

 private:
  Result<> find_segments();
  Result<> look_at(std::uint32_t number);
  void drop_unheaded(const Segment& segment);
  void take_checkpoint();
  Result<> fits(const LogPosition& position) const;
  void replay();
  void drop_superseded();
  void check_contents();
  bool is_lost(const Index::Known& message, const std::set<MessageId>& files) const;
  void drop_lost(MessageId id);
  bool damage_seen() const { return damage_seen_ || replay_.damage_seen(); }

  Disk& disk_;
  Index& index_;
  RecoveryReport& report_;
  SegmentReplay replay_;
  Recovered out_;
  std::vector<Segment> segments_;  // in order, with a good header and records
  std::vector<Segment> unheaded_;
  std::map<std::uint64_t, std::uint32_t> durable_;  // segment: what its successor's header says
  std::optional<LogPosition> begin_;                // the checkpoint's
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
    out_.log.next_segment = number + 1;
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
    segment_unreadable(number, octets.error().what);
    damage_seen_ = true;
    out_.log.segments[number] = {0, 0, 0, false};
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
  if (segment.size <= first_record_offset) {
    static_cast<void>(disk_.remove(segment_path(segment.number)));
    return;
  }
  damage_seen_ = true;
  ++report_.corrupt_records;
  if (!segment_damage(disk_, segment.number, segment.size))
    out_.log.segments[segment.number] = {segment.size, 0, 0, false};
}

void Recovery::take_checkpoint() {
  auto read = read_checkpoint(disk_, index_);
  Result<> good = read ? fits(read->position) : std::unexpected(read.error());
  if (good) {
    report_.from_checkpoint = read->messages;
    report_.last_id = read->position.last_id;
    // A number that the checkpoint knows must not be used again: it would be taken for read.
    out_.log.next_segment = std::max(out_.log.next_segment, read->position.segment + 1);
    out_.log.checkpoint_size = read->size;
    begin_ = std::move(read->position);
    return;
  }
  index_.clear();
  if (good.error().code == std::errc::no_such_file_or_directory) return;
  log(checkpoint_unusable, {{"error", good.error().what}});
  static_cast<void>(disk_.remove(checkpoint_path));
}

/// Is the log up to that position the one that the checkpoint was made of? Segments may have gone
/// since, the oldest first; none may have come.
Result<> Recovery::fits(const LogPosition& position) const {
  const auto wrong = [](std::uint32_t number) {
    return fail(std::errc::illegal_byte_sequence,
                "it is not of this log: segment " + std::to_string(number));
  };
  std::map<std::uint32_t, std::uint64_t> salts;
  for (const auto& segment : position.segments) salts[segment.number] = segment.salt;
  bool older = false;
  bool end_is_there = position.offset <= first_record_offset;  // then it may have gone as empty
  for (const auto& segment : segments_) {
    if (segment.number > position.segment) break;
    const auto known = salts.find(segment.number);
    if (known == salts.end() || known->second != segment.header.salt) return wrong(segment.number);
    older = true;
    if (segment.number < position.segment) continue;
    if (segment.size < position.offset) return wrong(segment.number);
    end_is_there = true;
  }
  for (const auto& [number, segment] : out_.log.segments) {
    // It cannot be read now.
    if (number <= position.segment && !salts.contains(number)) return wrong(number);
  }
  if (older && !end_is_there) return wrong(position.segment);
  return {};
}

void Recovery::replay() {
  std::map<std::uint32_t, std::uint32_t> durable;
  for (const auto& segment : begin_ ? begin_->segments : std::vector<LogPosition::Segment>())
    durable[segment.number] = segment.durable;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    auto& closed = out_.log.segments[segment.number];
    if (begin_ && segment.number < begin_->segment) {
      closed = {segment.size, segment.header.salt, durable[segment.number], true};
    } else {
      SegmentReplay::Known known;
      if (const auto told = durable_.find(segment.number); told != durable_.end())
        known.durable = told->second;
      if (begin_ && segment.number == begin_->segment) {
        known.offset = begin_->offset;
        known.sequence = begin_->next_sequence;
      }
      closed = replay_.run(segment, known);
    }
    out_.log.previous = {segment.number, static_cast<std::uint32_t>(closed.durable)};
  }
  out_.log.next_sequence = std::max(replay_.next_sequence(), begin_ ? begin_->next_sequence : 1);
}

/// Messages of the checkpoint whose segment was collected and whose end was not yet written.
void Recovery::drop_superseded() {
  if (!begin_) return;
  std::map<std::uint32_t, std::uint64_t> sizes;
  for (const auto& segment : segments_) sizes[segment.number] = segment.size;
  for (const auto& [number, segment] : out_.log.segments) {
    if (segment.salt == 0) sizes[number] = UINT64_MAX;  // unreadable, perhaps for now only
  }
  const auto oldest = sizes.empty() ? UINT32_MAX : sizes.begin()->first;
  std::vector<std::pair<MessageId, Location>> gone;
  Index::Walk walk(index_);
  while (walk.step([&](const Index::Known& message) {
    const auto& location = message.location;
    const auto size = sizes.find(location.segment);
    if (size == sizes.end() || location.offset + location.size() > size->second)
      gone.emplace_back(message.id, location);
  })) {
  }
  for (const auto& [id, location] : gone) {
    index_.erase(id);
    if (location.segment < oldest) continue;
    damage_seen_ = true;
    ++report_.corrupt_records;
    log(record_missing,
        {{"queue", id.text()}, {"segment", location.segment}, {"offset", location.offset}});
  }
}

/// Every large message has its file, and every file its message. After damage no file is removed:
/// the record that names it may be in corrupt/, or back when the disk is.
void Recovery::check_contents() {
  const auto names = disk_.list("content");
  if (!names) return;
  std::set<MessageId> files;
  for (const auto& name : *names) {
    if (const auto id = MessageId::parse(name)) files.insert(*id);
  }
  std::vector<MessageId> lost;
  std::set<MessageId> left = files;
  Index::Walk walk(index_);
  while (walk.step([&](const Index::Known& message) {
    if (!message.own_file) return;
    left.erase(message.id);
    if (is_lost(message, files)) lost.push_back(message.id);
  })) {
  }
  for (const auto id : lost) drop_lost(id);
  if (damage_seen()) return;
  for (const auto id : left) static_cast<void>(disk_.remove(content_path(id)));
}

void Recovery::drop_lost(MessageId id) {
  const auto message = *index_.find(id);
  const auto& at = message.location;
  const auto& segment = out_.log.segments.at(at.segment);
  if (segment.salt == 0) return;  // unreadable: when it is back, the file may be, too
  index_.erase(id);
  out_.lost.push_back(id);
  // Refused, since its batch was not synced; a start that did not read its record took the file
  // for left over.
  if (at.offset >= segment.durable) return;
  damage_seen_ = true;
  ++report_.corrupt_records;
  content_damage(disk_, id, message.size);
  if (const auto file = disk_.open(segment_path(at.segment)))
    set_aside(disk_, **file, at.segment, at.offset, at.size());
}

bool Recovery::is_lost(const Index::Known& message, const std::set<MessageId>& files) const {
  if (!files.contains(message.id)) return true;
  // Of those that the checkpoint knew long ago only the name is looked at, which costs nothing;
  // whoever reads them will see.
  const auto& at = message.location;
  if (begin_ && (at.segment < begin_->segment ||
                 (at.segment == begin_->segment && at.offset < begin_->offset))) {
    return false;
  }
  const auto file = disk_.open(content_path(message.id));
  const auto size = file ? (*file)->size() : Result<std::uint64_t>(message.size);
  return size && *size != message.size;
}

}  // namespace

Result<Recovered> recover(Disk& disk, Index& index, RecoveryReport& report) {
  report = {};
  return Recovery(disk, index, report).run();
}

}  // namespace postern
