#include "rules/authoring/legible.h"

#include "gateway/base/bytes.h"

namespace postern {

std::string legible(std::string_view octets) {
  std::string out;
  out.reserve(octets.size());
  for (const char c : octets) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c > 0x7e) {
      out += "\\x" + hex(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  return out;
}

std::string legible(std::string_view octets, std::size_t room) {
  auto out = legible(octets.substr(0, room));
  if (out.size() <= room && octets.size() <= room) return out;
  out.resize(room - 3);
  return out + "...";
}

}  // namespace postern
