// dkim_canonical_fuzz.cc — both canonical forms are their own canonical form, of header and body.
#include "filters/dkim/canonical.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;
using dkim::Canon;

namespace {

std::string body(std::string_view text, Canon canon) {
  std::string out;
  dkim::canonical_body(text, canon, [&](std::string_view piece) {
    require(!piece.empty(), "pieces have octets");
    out += piece;
  });
  return out;
}

std::string field(std::string_view text, Canon canon) {
  std::string out;
  dkim::append_canonical_field(out, text, canon);
  return out;
}

/// In mail a CR and an LF stand together alone; between others unfolding could make new pairs.
bool has_lone_line_end(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n") {
      ++i;
    } else if (text[i] == '\r' || text[i] == '\n') {
      return true;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  for (const Canon canon : {Canon::simple, Canon::relaxed}) {
    const std::string once = body(input, canon);
    require(once.size() <= input.size() + 2, "a body grows by a line end at most");
    require(once.empty() || once.ends_with("\r\n"), "and ends with one");
    require(body(once, canon) == once, "a body is canonical once");
    if (has_lone_line_end(input)) continue;
    const std::string header = field("X:" + std::string(input), canon);
    require(header.ends_with("\r\n"), "a field ends its line");
    require(field(header, canon) == header, "a field is canonical once");
  }
  require(body(body(input, Canon::simple), Canon::relaxed) == body(input, Canon::relaxed),
          "relaxed forgives what simple does");
  return 0;
}
