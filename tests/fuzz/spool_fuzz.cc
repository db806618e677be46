// spool_fuzz.cc — any octets as a segment of the spool (Z14): recovery does not crash, invents
// nothing, and finds the same again at the next start.
//
// The first octet says what the rest is: 'r' the whole file, 'h' what stands behind a good header,
// 'p' the head of a record, which is then framed with right checksums as each type of record, 'c' a
// checkpoint beside a good segment, 'e' messages in a checkpoint, 'm' the manifest of a backup.
#include <memory>

#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/queue/checkpoint_entry.h"
#include "gateway/queue/log_files.h"
#include "gateway/queue/manifest.h"
#include "gateway/queue/recovery.h"
#include "gateway/queue/segment_scanner.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/simulated_disk.h"

using namespace postern;

namespace {

constexpr std::uint64_t salt = 0x1122334455667788;
constexpr std::uint32_t number = 3;

std::string framed(std::string_view head) {
  std::string out;
  for (std::uint32_t type = 1; type <= 4; ++type) {
    std::string record(record_header_size, '\0');
    record += head;
    RecordHeader header;
    header.type = static_cast<RecordType>(type);
    header.head_length = static_cast<std::uint32_t>(head.size());
    header.head_crc = crc32c(head);
    header.sequence = type;
    header.durable = first_record_offset;
    put_record_header(record, header, salt);
    record.resize(header.size());
    out += record;
  }
  return out;
}

std::string segment_of(std::string_view input) {
  if (input.empty()) return {};
  const auto rest = input.substr(1);
  if (input.front() == 'r') return std::string(rest);
  return encode_segment_header({number, salt, 0, 0}) +
         (input.front() == 'p' ? framed(rest) : std::string(rest));
}

void check_scan(const std::string& octets) {
  const auto history = std::make_shared<DiskHistory>(DiskImage{{{"f", octets}}, {}});
  const auto file = *simulated_disk(history)->open("f");
  SegmentScanner scanner(*file, octets.size(), salt);
  std::uint64_t at = first_record_offset;
  while (const auto scanned = scanner.next()) {
    require(scanned->offset == at && scanned->size > 0, "every octet in order, once");
    at += scanned->size;
    require(!scanned->good || octets.find(scanned->head, scanned->offset) != std::string::npos,
            "a head that is there");
  }
  require(at >= octets.size(), "to the end");
}

std::vector<MessageId> recovered(const std::shared_ptr<DiskHistory>& history,
                                 RecoveryReport& report) {
  const auto disk = simulated_disk(history);
  LogFiles files(*disk);
  Index index;
  const auto state = recover(*disk, index, report);
  require(state || state.error().code == std::errc::not_supported,
          "it always starts, but for another version");
  const auto octets = history->now().files["log/0000000000000003.seg"];
  for (const auto id : index.ids()) {
    const auto message = index.find(id);
    const auto head = files.read_head(message->location);
    require(head && head->envelope.id == id, "each message can be read");
    require(octets.find(head->envelope.sender) != std::string::npos, "nothing is invented");
    if (!message->own_file) {
      const auto content = files.read_tail(message->location, head->content_crc);
      require(content && octets.find(**content) != std::string::npos, "and its content neither");
    }
  }
  return index.ids();
}

/// A checkpoint with anything in it: the whole log is read, and nothing is lost or invented.
int check_checkpoint(std::string_view octets) {
  Envelope envelope;
  envelope.id = {4711};
  envelope.recipients.emplace_back().address = "a@example.org";
  std::string record = encode_accept(envelope, 0, 0, false);
  const auto head = std::string_view(record).substr(record_header_size);
  RecordHeader header;
  header.head_length = static_cast<std::uint32_t>(head.size());
  header.head_crc = crc32c(head);
  header.durable = first_record_offset;
  put_record_header(record, header, salt);
  record.resize(header.size());
  DiskImage image;
  image.directories = {"log", "content", "corrupt"};
  image.files["log/0000000000000003.seg"] = encode_segment_header({number, salt, 0, 0}) + record;
  image.files["checkpoint"] = octets;
  const auto history = std::make_shared<DiskHistory>(image);
  RecoveryReport report;
  require(recovered(history, report) == std::vector{envelope.id}, "just what is in the log");
  return 0;
}

int check_entries(std::string_view octets) {
  Index index;
  CheckpointDecoder decoder(index);
  decoder.take(octets);
  require(index.size() <= octets.size() / 52, "no message without octets");
  index.look_at_all([octets](const MessageSummary& message) {
    for (const auto text : {message.sender, message.client, message.last_reply, message.hold})
      require(octets.find(text) != std::string_view::npos, "nothing is invented");
  });
  index.clear();
  require(index.size() == 0 && index.live_octets() == 0, "and forgotten");
  return 0;
}

int check_manifest(std::string_view text) {
  const auto parsed = Manifest::parse(text);
  if (!parsed) return 0;
  for (const auto& file : parsed->files)
    require(file.path.find("..") == std::string::npos, "no way out of the spool");
  const auto again = Manifest::parse(parsed->encode());
  require(again && again->files.size() == parsed->files.size(), "what was read can be written");
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  set_log_level(Level::error);  // a torn tail is news only once
  const auto input = as_text(octets, size);
  if (!input.empty() && input.front() == 'c') return check_checkpoint(input.substr(1));
  if (!input.empty() && input.front() == 'e') return check_entries(input.substr(1));
  if (!input.empty() && input.front() == 'm') return check_manifest(input.substr(1));
  const auto segment = segment_of(input);
  check_scan(segment);

  DiskImage image;
  image.directories = {"log", "content", "corrupt"};
  image.files["log/0000000000000003.seg"] = segment;
  const auto history = std::make_shared<DiskHistory>(image);
  RecoveryReport first;
  RecoveryReport second;
  const auto ids = recovered(history, first);
  require(recovered(history, second) == ids, "the next start finds the same");
  require(second.corrupt_records == 0, "damage is reported once");
  require(second.torn_octets <= first.torn_octets, "and what was cut is gone");
  return 0;
}
