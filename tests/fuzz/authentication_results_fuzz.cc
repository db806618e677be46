// authentication_results_fuzz.cc — what is read is written so that it is read again the same.
#include "gateway/mail/authentication_results.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  claimed_authserv_id(input);
  const auto result = parse_result(input);
  if (!result) return 0;
  require(result->properties.size() <= most_properties, "properties are limited");
  const auto text = format_result(*result);
  require(text.find('\n') == std::string::npos, "a result is one line");
  const auto again = parse_result(text);
  require(again || text.size() > longest_result, "what was written is read");
  require(!again || format_result(*again) == text, "… and means the same");
  return 0;
}
