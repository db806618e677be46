#include "gateway/mail/field_value.h"

#include "gateway/base/bytes.h"

namespace postern {

std::string plain_field_value(std::string_view value) {
  std::string out;
  for (const char c : trim(value)) {
    if (c == '\r' || c == '\n') continue;
    const auto octet = static_cast<unsigned char>(c);
    out += octet < 0x20 || octet == 0x7f ? '?' : c;
  }
  return out;
}

}  // namespace postern
