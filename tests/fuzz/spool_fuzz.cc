// spool_fuzz.cc — any octets as a segment of the spool (Z14): recovery does not crash, invents
// nothing, and finds the same again at the next start.
//
// The first octet says what the rest is: 'r' the whole file, 'h' what stands behind a good header,
// 'p' the head of a record, which is then framed with right checksums as each type of record.
#include <memory>

#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/queue/log_files.h"
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  set_log_level(Level::error);  // a torn tail is news only once
  const auto segment = segment_of(as_text(octets, size));
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
