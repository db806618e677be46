// address_fuzz.cc — paths come back from their own text; xtext comes back from its own armour.
#include "gateway/mail/address.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check_path(std::string_view input, bool utf8, bool null_allowed) {
  const auto parsed = parse_path(input, utf8, null_allowed);
  if (!parsed) return;
  const auto& address = parsed->address;
  require(is_inside(parsed->rest, input), "the rest lies in the input");
  require(null_allowed || !address.null(), "null only where allowed");
  require(address.local.size() <= 64 && address.domain.size() <= 255, "lengths are bounded");
  const std::string text = address.text();
  require(valid_utf8(text), "an address is UTF-8");
  require(text.find_first_of("\r\n") == std::string::npos, "an address has no line break");
  const std::string again = "<" + text + ">";
  const auto reparsed = parse_path(again, true, null_allowed);
  require(reparsed && reparsed->address == address, "an address comes back from its text");
  if (!address.domain.empty()) {
    require(domain_of(text) == address.domain, "the domain stands behind the last '@'");
    const auto bare = parse_address(text);
    require(bare && *bare == address, "the bare form is the same address");
  }
}

void check_xtext(std::string_view input) {
  if (const auto decoded = decode_xtext(input)) {
    for (const char c : *decoded)
      require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "no control comes out");
    const auto again = decode_xtext(encode_xtext(*decoded));
    require(again && *again == *decoded, "xtext comes back");
  }
  for (const char c : encode_xtext(input)) require(c > ' ' && c <= '~', "xtext is printable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  for (const bool utf8 : {false, true}) {
    for (const bool null_allowed : {false, true}) check_path(input, utf8, null_allowed);
  }
  if (const auto bare = parse_address(input)) {
    const auto again = parse_address(bare->text());
    require(again && *again == *bare, "a bare address comes back");
  }
  check_xtext(input);
  valid_domain(input);
  require(local_of(input).size() + domain_of(input).size() <= input.size(),
          "the pieces are pieces");
  return 0;
}
