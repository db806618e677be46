// header_fuzz.cc — the split loses nothing, and what we write is one field whatever goes in.
#include "gateway/base/bytes.h"
#include "gateway/mail/header.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check_split(std::string_view input) {
  const auto message = split_message(input);
  const auto gap = input.size() - message.header.size() - message.body.size();
  require(input.starts_with(message.header) && input.ends_with(message.body),
          "header first, body last");
  require(message.separated ? gap == 1 || gap == 2 : gap == 0, "only the empty line lies between");
  const char* behind = message.header.data();
  for (const auto& field : message.fields) {
    require(is_inside(field.whole, message.header) && field.whole.data() >= behind,
            "fields in order");
    require(is_inside(field.name, field.whole) && is_inside(field.value, field.whole),
            "a field's pieces");
    require(!field.name.empty() && field.name.find_first_of(": \t\r\n") == std::string_view::npos,
            "a name");
    require(field.unfolded().find('\n') == std::string::npos, "unfolded is one line");
    behind = field.whole.data() + field.whole.size();
  }
  // What ends the header must not depend on how many fields are listed.
  require(split_message(input, 0).body.size() == message.body.size(), "the limit moves nothing");
}

void check_made(std::string_view name, std::string_view value) {
  const std::string field = make_field(name, value);
  const std::string octets = field + "\r\nbody";
  const auto message = split_message(octets);
  require(!name.empty() == (message.fields.size() == 1), "one field");
  if (name.empty()) return;
  require(message.body == "body" && !message.malformed, "and nothing else");
  for (const auto line : split(std::string_view(field).substr(0, field.size() - 1), '\n')) {
    require(line.ends_with('\r') && line.size() <= 999, "lines of at most 998 octets");
    require(!trim(line).empty(), "no line of blanks");
  }
  for (const char c : message.fields[0].unfolded()) {
    require(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f), "no control");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  check_split(input);
  check_made("X-Test", input);
  check_made(input, "value");
  return 0;
}
