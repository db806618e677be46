// decode_fuzz.cc — decode(encode(x)) is x, text is UTF-8, and limits cut but change nothing.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <string>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/mail/charset.h"
#include "gateway/mail/mime_decode.h"
#include "gateway/mail/mime_parameters.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

std::string encode_base64(std::string_view octets) {
  std::string out(4 * ((octets.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(octets.data()),
                                   static_cast<int>(octets.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string encode_hexadecimal(std::string_view octets, char mark, std::size_t line) {
  std::string out;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (line > 0 && i % line == line - 1) out += "=\r\n";
    out += fmt::format("{}{:02X}", mark, static_cast<unsigned char>(octets[i]));
  }
  return out;
}

void check_round_trips(std::string_view input) {
  const std::string encoded = encode_base64(input);
  require(decode_body(encoded, "base64") == input, "base64 comes back");
  require(!damaged_base64(encoded), "right base64 is not damaged");
  require(decode_body(encode_hexadecimal(input, '=', 25), "quoted-printable") == input,
          "quoted-printable comes back");
  require(decode_percent(encode_hexadecimal(input, '%', 0)) == input,
          "percent encoding comes back");
  const std::string text = to_utf8(input, "utf-8");
  require(decode_encoded_words("=?utf-8?B?" + encode_base64(text) + "?=") == text,
          "encoded words come back");
  require(decode_extended_value("utf-8''" + encode_hexadecimal(text, '%', 0)) == text,
          "extended values come back");
}

void check_limits(std::string_view input) {
  for (const auto encoding : {"base64", "quoted-printable", "7bit"}) {
    const std::string all = decode_body(input, encoding);
    require(all.size() <= input.size(), "decoding does not grow");
    for (const std::size_t limit :
         {std::size_t{0}, std::size_t{1}, input.size() / 2, input.size()}) {
      require(decode_body(input, encoding, limit) == all.substr(0, limit), "a limit cuts");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  check_round_trips(input);
  check_limits(input);

  require(valid_utf8(decode_encoded_words(input)), "text is UTF-8");
  require(valid_utf8(decode_extended_value(input)), "an extended value is UTF-8");
  const auto line = input.find('\n');
  if (line != std::string_view::npos) {
    require(valid_utf8(to_utf8(input.substr(line + 1), input.substr(0, line))),
            "any charset gives UTF-8");
  }
  Filenames names;
  const auto value = parse_mime_value(input, 64);
  require(value.parameters.size() <= 64, "parameters are bounded");
  add_filenames(names, value, "filename");
  for (const auto& name : names.all) require(valid_utf8(name), "names are UTF-8");
  return 0;
}
