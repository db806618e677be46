#include "gateway/queue/collector.h"

#include "gateway/queue/payload.h"

namespace postern {

namespace {
constexpr std::uint64_t read_share = 4;  // octets read for each that may be copied
}

std::vector<Copied> Collector::step(std::uint64_t budget) {
  std::vector<Copied> out;
  const std::uint64_t start = scanner_.offset();
  for (std::uint64_t copied = 0;
       copied < budget && scanner_.offset() - start < budget * read_share;) {
    const auto scanned = scanner_.next();
    if (!scanned) {
      at_end_ = true;
      break;
    }
    const auto type = scanned->header.type;
    if (!scanned->good || (type != RecordType::accept && type != RecordType::collected)) continue;
    auto head = decode_accept(scanned->head);
    if (!head) continue;
    Envelope& envelope = head->envelope;
    const auto offset = static_cast<std::uint32_t>(scanned->offset);
    if (!index_.lives_at(envelope.id, segment_, offset)) continue;
    const auto message = index_.find(envelope.id);
    if (!message) continue;

    message->update(envelope);
    Content tail;
    if (!head->own_file) tail = std::make_shared<const std::string>(scanned->tail);
    auto encoded =
        encode_accept(envelope, envelope.content_size, head->content_crc, head->own_file);
    auto record = LogRecord::make(RecordType::collected, std::move(encoded), std::move(tail),
                                  scanned->header.tail_crc);
    copied += record.size();
    out.push_back({envelope.id, message->location, std::move(record)});
  }
  return out;
}

}  // namespace postern
