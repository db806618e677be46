#include "gateway/net/dns_message.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <vector>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t longest_packet = 65535;
constexpr std::size_t longest_wire_name = 255;  // RFC 1035 §3.1
constexpr std::size_t longest_name = 253;       // the same, as text
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_text = 16 << 10;  // TXT; the longest honest ones are keys of 1 KiB
constexpr std::uint16_t most_records = 512;     // in a section
constexpr unsigned most_aliases = 16;           // in a packet; resolvers stop at about that
constexpr std::uint16_t class_internet = 1;
constexpr std::uint16_t type_soa = 6;

bool name_octet(char c) { return c > ' ' && c < 0x7f && c != '\\'; }

/// Reads forward through the packet; after the first misfit everything reads as nothing.
class Cursor {
 public:
  Cursor(std::string_view packet, std::size_t at) : packet_(packet), at_(at) {}

  bool failed() const { return failed_; }
  std::size_t at() const { return at_; }

  std::uint32_t number(std::size_t octets) {
    if (failed_ || packet_.size() - at_ < octets) return fail();
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < octets; ++i) {
      value = value << 8 | static_cast<unsigned char>(packet_[at_++]);
    }
    return value;
  }
  std::uint16_t short_number() { return static_cast<std::uint16_t>(number(2)); }

  std::string_view octets(std::size_t length) {
    if (failed_ || packet_.size() - at_ < length) {
      fail();
      return {};
    }
    at_ += length;
    return packet_.substr(at_ - length, length);
  }

  /// Each pointer must lead to before the piece that it ends (RFC 1035 §4.1.4: "a prior
  /// occurrence"), so that the way is finite without counting.
  std::string name() {
    std::string text;
    std::size_t from = at_;
    std::size_t piece = at_;
    bool jumped = false;
    for (std::size_t wire = 1; !failed_;) {
      if (from >= packet_.size()) return fail_name();
      const auto length = static_cast<unsigned char>(packet_[from]);
      if (length >= 0xc0) {
        if (packet_.size() - from < 2) return fail_name();
        const std::size_t target = static_cast<std::size_t>(length & 0x3f) << 8 |
                                   static_cast<unsigned char>(packet_[from + 1]);
        if (target >= piece) return fail_name();
        if (!jumped) at_ = from + 2;
        jumped = true;
        from = piece = target;
        continue;
      }
      if (length > longest_label) return fail_name();
      if (length == 0) {
        if (!jumped) at_ = from + 1;
        return text;
      }
      wire += length + 1U;
      if (wire > longest_wire_name || packet_.size() - from <= length) return fail_name();
      if (!text.empty()) text += '.';
      for (const char c : packet_.substr(from + 1, length)) {
        // A dot inside a label would make another name of it.
        if (!name_octet(c) || c == '.') return fail_name();
        text += lower(c);
      }
      from += length + 1U;
    }
    return {};
  }

 private:
  std::uint32_t fail() {
    failed_ = true;
    return 0;
  }
  std::string fail_name() {
    failed_ = true;
    return {};
  }

  std::string_view packet_;
  std::size_t at_;
  bool failed_ = false;
};

struct Record {
  std::string owner;
  std::uint16_t type = 0;
  std::uint16_t klass = 0;
  std::uint32_t ttl = 0;
  std::size_t from = 0;  // where its data begins in the packet
  std::size_t length = 0;
};

std::optional<Record> read_record(Cursor& cursor) {
  Record record;
  record.owner = cursor.name();
  record.type = cursor.short_number();
  record.klass = cursor.short_number();
  record.ttl = cursor.number(4);
  if (record.ttl > INT32_MAX) record.ttl = 0;  // RFC 2181 §8
  record.length = cursor.short_number();
  record.from = cursor.at();
  cursor.octets(record.length);
  if (cursor.failed()) return {};
  return record;
}

std::optional<std::string> read_address(int family, std::string_view data) {
  const std::size_t wanted = family == AF_INET ? 4 : 16;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (data.size() != wanted) return {};
  if (!inet_ntop(family, data.data(), text.data(), text.size())) return {};
  return text.data();
}

std::optional<std::string> read_text(std::string_view data) {
  if (data.empty() || data.size() > longest_text) return {};
  std::string text;
  while (!data.empty()) {
    const auto length = static_cast<unsigned char>(data[0]);
    if (data.size() - 1 < length) return {};
    text += data.substr(1, length);
    data.remove_prefix(length + 1U);
  }
  return text;
}

/// The data of one record of an asked type; nothing where it is malformed.
std::optional<DnsRecord> read_data(std::string_view packet, const Record& record, RecordType type) {
  const std::string_view data = packet.substr(record.from, record.length);
  Cursor cursor(packet, record.from);
  DnsRecord out;
  std::optional<std::string> text;
  switch (type) {
    case RecordType::a:
      text = read_address(AF_INET, data);
      break;
    case RecordType::aaaa:
      text = read_address(AF_INET6, data);
      break;
    case RecordType::txt:
      text = read_text(data);
      break;
    case RecordType::mx:
      out.preference = cursor.short_number();
      [[fallthrough]];
    case RecordType::cname:
    case RecordType::ns:
    case RecordType::ptr: {
      text = cursor.name();
      if (cursor.failed() || cursor.at() != record.from + record.length) return {};
      break;
    }
  }
  if (!text) return {};
  out.text = std::move(*text);
  return out;
}

std::string code_name(unsigned code) {
  constexpr std::array<std::string_view, 6> names{"NOERROR",  "FORMERR", "SERVFAIL",
                                                  "NXDOMAIN", "NOTIMP",  "REFUSED"};
  return code < names.size() ? std::string(names[code]) : "response code " + std::to_string(code);
}

DecodedAnswer failed(std::string why) {
  DecodedAnswer out;
  out.answer.error = std::move(why);
  return out;
}

struct Sections {
  std::vector<Record> answers;
  bool has_soa = false;
  std::string primary;  // MNAME of the SOA, RFC 1035 §3.3.13
  std::uint32_t negative_ttl = 0;
};

/// RFC 2308 §5: a negative answer lives as long as the lesser of the SOA's ttl and its MINIMUM.
bool read_soa(std::string_view packet, const Record& record, Sections& out) {
  Cursor cursor(packet, record.from);
  auto primary = cursor.name();
  cursor.name();
  cursor.octets(16);  // serial, refresh, retry, expire
  const std::uint32_t minimum = cursor.number(4);
  if (cursor.failed() || cursor.at() != record.from + record.length) return false;
  out.has_soa = true;
  out.primary = std::move(primary);
  out.negative_ttl = std::min(record.ttl, minimum);
  return true;
}

std::optional<Sections> read_sections(std::string_view packet, Cursor& cursor,
                                      std::uint16_t answers, std::uint16_t authorities) {
  Sections out;
  for (unsigned i = 0; i < answers; ++i) {
    auto record = read_record(cursor);
    if (!record) return {};
    if (record->klass == class_internet) out.answers.push_back(std::move(*record));
  }
  for (unsigned i = 0; i < authorities; ++i) {
    const auto record = read_record(cursor);
    if (!record) return {};
    const bool soa = record->klass == class_internet && record->type == type_soa;
    if (soa && !read_soa(packet, *record, out)) return {};
  }
  return out;
}

/// Follows the aliases from `name`; fills alias with where they end. False: a loop or nonsense.
bool follow(std::string_view packet, const Sections& sections, std::string& name,
            std::uint32_t& ttl, bool& moved) {
  constexpr auto cname = static_cast<std::uint16_t>(RecordType::cname);
  for (unsigned step = 0;; ++step) {
    const auto alias = std::ranges::find_if(sections.answers, [&](const Record& record) {
      return record.type == cname && record.owner == name;
    });
    if (alias == sections.answers.end()) return true;
    const auto target = read_data(packet, *alias, RecordType::cname);
    if (!target || target->text.empty() || step == most_aliases) return false;
    name = target->text;
    ttl = std::min(ttl, alias->ttl);
    moved = true;
  }
}

DecodedAnswer conclude(std::string_view packet, const Sections& sections, std::string_view asked,
                       RecordType type, bool no_such_name) {
  DecodedAnswer out;
  std::string name(asked);
  std::uint32_t ttl = INT32_MAX;
  bool moved = false;
  if (type != RecordType::cname && !follow(packet, sections, name, ttl, moved)) {
    return failed("aliases in a circle, or malformed");
  }
  for (const auto& record : sections.answers) {
    if (record.type != static_cast<std::uint16_t>(type) || record.owner != name) continue;
    auto data = read_data(packet, record, type);
    if (!data) return failed("malformed record");
    out.answer.records.push_back(std::move(*data));
    ttl = std::min(ttl, record.ttl);
  }
  if (!out.answer.records.empty()) {
    if (no_such_name) return failed("NXDOMAIN with records");
    out.answer.status = DnsStatus::found;
    out.answer.ttl = ttl;
    if (type == RecordType::mx) std::ranges::sort(out.answer.records, {}, &DnsRecord::preference);
    return out;
  }
  // RFC 6604 §3: the code speaks of the last name of the chain.
  out.answer.status = no_such_name ? DnsStatus::no_such_name : DnsStatus::no_records;
  const bool open = moved && !no_such_name && !sections.has_soa;
  out.answer.ttl = open ? ttl : std::min(ttl, sections.negative_ttl);
  out.answer.authority = sections.primary;
  if (open) out.alias = std::move(name);
  return out;
}

}  // namespace

std::optional<std::string> question_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > longest_name) return {};
  if (!std::ranges::all_of(name, name_octet)) return {};
  for (const auto label : split(name, '.')) {
    if (label.empty() || label.size() > longest_label) return {};
  }
  return to_lower(name);
}

DecodedAnswer decode_dns_answer(std::string_view packet, std::string_view name, RecordType type) {
  constexpr unsigned response = 0x8000, operation = 0x7800, truncated = 0x0200, code_bits = 0xf;
  if (packet.size() > longest_packet) return failed("packet too long");
  Cursor cursor(packet, 0);
  cursor.octets(2);  // the id: who sent the question has compared it
  const unsigned flags = cursor.short_number();
  const std::uint16_t questions = cursor.short_number();
  const std::uint16_t answers = cursor.short_number();
  const std::uint16_t authorities = cursor.short_number();
  cursor.octets(2);
  if (cursor.failed()) return failed("packet too short");
  if (!(flags & response) || (flags & operation)) return failed("not an answer");
  if (flags & truncated) return failed("truncated");
  const unsigned code = flags & code_bits;
  if (code != 0 && code != 3) return failed(code_name(code));
  if (questions != 1 || answers > most_records || authorities > most_records) {
    return failed("impossible counts");
  }
  const std::string asked = cursor.name();
  const std::uint16_t asked_type = cursor.short_number();
  const std::uint16_t asked_class = cursor.short_number();
  if (cursor.failed() || asked != name || asked_type != static_cast<std::uint16_t>(type) ||
      asked_class != class_internet) {
    return failed("answer to another question");
  }
  const auto sections = read_sections(packet, cursor, answers, authorities);
  if (!sections) return failed("malformed packet");
  return conclude(packet, *sections, name, type, code == 3);
}

}  // namespace postern
