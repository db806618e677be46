#include "gateway/queue/segment_replay.h"

#include <algorithm>

#include "gateway/base/log.h"
#include "gateway/queue/damage.h"
#include "gateway/queue/payload.h"

namespace postern {

namespace {

constexpr Event tail_cut{"spool_tail_cut", Level::warning,
                         "A crash cut off a batch that had not been acknowledged; nothing is lost "
                         "and nothing is to be done."};

}  // namespace

ClosedSegment SegmentReplay::run(const Segment& segment, const Known& known) {
  const auto scan = this->scan(segment, known);
  if (scan.read_failed) segment_unreadable(segment.number, "read error inside");
  return judge(segment, known, scan);
}

SegmentReplay::Scan SegmentReplay::scan(const Segment& segment, const Known& known) {
  Scan out;
  out.durable = known.offset;
  std::uint64_t sequence = known.sequence;
  SegmentScanner scanner(*segment.file, segment.size, segment.header.salt, known.offset);
  while (const auto scanned = scanner.next()) {
    // Within a segment the sequence tells a record from one that stood there before and was written
    // over. Between segments it proves nothing: an older one may have been unreadable for a time.
    const bool good =
        scanned->good && scanned->header.sequence >= sequence && apply(*scanned, segment.number);
    if (good) {
      ++report_.records;
      report_.replayed_octets += scanned->size;
      sequence = scanned->header.sequence + 1;
      next_sequence_ = std::max(next_sequence_, sequence);
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
bool SegmentReplay::apply(const Scanned& scanned, std::uint32_t segment) {
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

bool SegmentReplay::apply_message(const Scanned& scanned, std::uint32_t segment) {
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
ClosedSegment SegmentReplay::judge(const Segment& segment, const Known& known, const Scan& scan) {
  const auto durable = std::max<std::uint64_t>(scan.durable, known.durable.value_or(0));
  std::vector<Stretch> torn;
  for (const auto& bad : scan.bad) {
    if (bad.offset < durable) {
      report_damage(segment, bad, scan.read_failed);
    } else {
      torn.push_back(bad);
    }
  }
  ClosedSegment out{segment.size, segment.header.salt, durable, !scan.read_failed};
  // Of a closed one it is known, and was reported when it was closed.
  if (known.durable) return out;
  if (!torn.empty()) out.size = cut(segment, scan.read_failed, torn);
  // What a kill left may be in the kernel's memory alone. The next segment's header will say that
  // it is safe, or else a power cut after this start would look like damage.
  if (segment.file->sync()) out.durable = torn.empty() ? segment.size : torn.front().offset;
  return out;
}

void SegmentReplay::report_damage(const Segment& segment, const Stretch& bad, bool read_failed) {
  damage_seen_ = true;
  // Octets that the disk did not give cannot be copied; the segment stays, so they are not lost.
  const DiskFile* file = read_failed ? nullptr : segment.file.get();
  if (record_damage(disk_, file, segment.number, bad.offset, bad.size) != SetAside::known)
    ++report_.corrupt_records;
}

/// Cuts a torn tail off, so that the next start finds nothing odd; returns the new size. It is kept
/// in corrupt/ nevertheless: the last batch of all has nothing after it that says that it was
/// synced, so that damage to it looks just the same.
std::uint64_t SegmentReplay::cut(const Segment& segment, bool read_failed,
                                 const std::vector<Stretch>& torn) {
  bool all_kept = !read_failed;
  std::uint64_t octets = 0;
  for (const auto& stretch : torn) {
    octets += stretch.size;
    if (!all_kept) continue;
    all_kept = set_aside(disk_, *segment.file, segment.number, stretch.offset, stretch.size) !=
               SetAside::failed;
  }
  report_.torn_octets += octets;
  log(tail_cut, {{"segment", segment.number}, {"offset", torn.front().offset}, {"size", octets}});
  const auto& last = torn.back();
  const bool cuts = all_kept && last.end() == segment.size && segment.file->truncate(last.offset);
  return cuts ? last.offset : segment.size;
}

}  // namespace postern
