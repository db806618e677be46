#include "gateway/worker/lookup.h"

#include <algorithm>
#include <array>

#include "gateway/worker/wire.h"

namespace postern {
namespace {

constexpr std::size_t longest_name = 255;  // RFC 1035 §2.3.4
constexpr std::size_t most_records = 100;
constexpr std::size_t most_text = 16U << 10;
constexpr std::size_t longest_error = 200;

constexpr std::array asked_types{RecordType::a,   RecordType::ns, RecordType::cname,
                                 RecordType::ptr, RecordType::mx, RecordType::txt,
                                 RecordType::aaaa};

}  // namespace

std::string encode_lookup(const Lookup& lookup) {
  WireWriter out;
  out.u32(lookup.number);
  out.u16(static_cast<std::uint16_t>(lookup.type));
  out.text(lookup.name.size() <= longest_name ? lookup.name : std::string());
  return out.take();
}

Result<Lookup> decode_lookup(std::string_view body) {
  WireReader in(body);
  Lookup lookup;
  lookup.number = in.u32();
  lookup.type = static_cast<RecordType>(in.u16());
  lookup.name = in.text(longest_name);
  if (!in.complete() || std::ranges::find(asked_types, lookup.type) == asked_types.end())
    return fail(std::errc::bad_message, "not a lookup");
  return lookup;
}

std::string encode_records(std::uint32_t number, const DnsAnswer& answer) {
  std::size_t count = 0;
  std::size_t text = 0;
  while (count < answer.records.size() && count < most_records &&
         text + answer.records[count].text.size() <= most_text)
    text += answer.records[count++].text.size();

  WireWriter out;
  out.u32(number);
  out.u8(static_cast<std::uint8_t>(answer.status));
  out.u32(answer.ttl);
  out.text(std::string_view(answer.error).substr(0, longest_error));
  out.text(std::string_view(answer.authority).substr(0, longest_name));
  out.count(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.u16(answer.records[i].preference);
    out.text(answer.records[i].text);
  }
  return out.take();
}

Result<LookedUp> decode_records(std::string_view body) {
  WireReader in(body);
  LookedUp out;
  out.number = in.u32();
  out.answer.status = static_cast<DnsStatus>(in.u8_up_to(3));
  out.answer.ttl = in.u32();
  out.answer.error = in.text(longest_error);
  out.answer.authority = in.text(longest_name);
  out.answer.records.resize(in.count(most_records, 6));
  for (DnsRecord& record : out.answer.records) {
    record.preference = in.u16();
    record.text = in.text(most_text);
  }
  if (!in.complete()) return fail(std::errc::bad_message, "not the records of a lookup");
  return out;
}

}  // namespace postern
