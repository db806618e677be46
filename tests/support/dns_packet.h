// dns_packet.h — builds DNS answers octet by octet, so that tests can also build wrong ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::test {

inline std::string u16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}
inline std::string u32(std::uint32_t value) { return u16(value >> 16) + u16(value & 0xffff); }

/// "mx.example.org" -> 2mx7example3org0; "" -> the root.
inline std::string wire_name(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    out += static_cast<char>(label.size());
    out += label;
    name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  }
  return out + '\0';
}

struct DnsPacket {
  unsigned id = 0;
  unsigned flags = 0x8180;  // an answer, recursion desired and available
  std::string question;     // name, type, class
  unsigned questions = 1;
  unsigned answer_count = 0;
  unsigned authority_count = 0;
  std::string answers;
  std::string authorities;

  static DnsPacket to(std::string_view name, unsigned type) {
    DnsPacket packet;
    packet.question = wire_name(name) + u16(type) + u16(1);
    return packet;
  }
  /// An answer to a question as it came in, id included.
  static DnsPacket to_query(std::string_view query) {
    DnsPacket packet;
    packet.id = static_cast<unsigned>(static_cast<unsigned char>(query[0]) << 8 |
                                      static_cast<unsigned char>(query[1]));
    packet.question = query.substr(12, query.find('\0', 12) + 5 - 12);
    return packet;
  }

  DnsPacket& code(unsigned rcode) {
    flags = (flags & ~0xfU) | rcode;
    return *this;
  }
  DnsPacket& add(const std::string& owner, unsigned type, const std::string& data,
                 std::uint32_t ttl = 300) {
    answers +=
        owner + u16(type) + u16(1) + u32(ttl) + u16(static_cast<unsigned>(data.size())) + data;
    ++answer_count;
    return *this;
  }
  DnsPacket& add_soa(std::string_view zone, std::uint32_t ttl, std::uint32_t minimum) {
    const std::string data = wire_name("ns.example.org") + wire_name("root.example.org") + u32(1) +
                             u32(2) + u32(3) + u32(4) + u32(minimum);
    authorities += wire_name(zone) + u16(6) + u16(1) + u32(ttl) +
                   u16(static_cast<unsigned>(data.size())) + data;
    ++authority_count;
    return *this;
  }
  std::string text() const {
    return u16(id) + u16(flags) + u16(questions) + u16(answer_count) + u16(authority_count) +
           u16(0) + question + answers + authorities;
  }
};

/// The name of the question begins behind the header: a pointer to it.
inline const std::string to_question{"\xc0\x0c"};

}  // namespace postern::test
