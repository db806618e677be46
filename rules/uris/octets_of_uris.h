// octets_of_uris.h — which octets end, start and fill URIs in text (PerMsgStatus.pm, _tbirdurire).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "gateway/base/bytes.h"

namespace postern::uri_octet {

constexpr std::uint8_t ends_uri = 1;
constexpr std::uint8_t ends_address = 2;  // … and so all that ends a URI
constexpr std::uint8_t before_link = 4;   // a link may start behind it
constexpr std::uint8_t before_host = 8;   // a host name without scheme may
constexpr std::uint8_t in_host = 16;
constexpr std::uint8_t in_word = 32;
constexpr std::uint8_t trailing_mark = 64;  // punctuation that belongs to the sentence

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto mark = [&classes](std::string_view octets, int bits) {
    for (const char c : octets) {
      auto& entry = classes[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | bits);
    }
  };
  // 1B starts the shift sequences of ISO-2022 text; A0 is the no-break space of ISO-8859.
  constexpr std::string_view blank = " \t\n\v\f\r\x1b\xa0";
  mark(blank, ends_uri | ends_address | before_link | before_host);
  mark("><\"`}]{[|", ends_uri | ends_address);
  mark(",('", ends_address);
  mark("><\"'`,{[(|", before_link);
  mark("!\"#$&'()*+,/:;<=>?@[\\]^`{|}~", before_host);
  mark("-~!@#^&*()_+=:;'?,.", trailing_mark);
  for (int octet = 0x80; octet < 0x100; ++octet) {
    const char c = static_cast<char>(octet);
    mark({&c, 1}, ends_address);
  }
  for (int octet = 0; octet < 0x80; ++octet) {
    const char c = static_cast<char>(octet);
    if (is_alpha(c) || is_digit(c)) mark({&c, 1}, in_host | in_word);
  }
  mark(".-_", in_host);
  mark("_", in_word);
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> classes = make_classes();

constexpr bool is(char c, std::uint8_t bits) {
  return (classes[static_cast<unsigned char>(c)] & bits) != 0;
}

}  // namespace postern::uri_octet
