// data_fuzz.cc — DATA framing: any octets, whole and in pieces, end at the same place with the same
// content, and no bare CR or LF comes out.
#include "gateway/mail/data_decoder.h"
#include "tests/fuzz/fuzz.h"

#include <string>
#include <utility>

namespace {
std::pair<std::string, std::size_t> decode(std::string_view octets, std::size_t piece) {
  postern::DataDecoder decoder(1 << 16);
  std::size_t used = 0;
  while (used < octets.size() && !decoder.complete())
    used += decoder.feed(octets.substr(used, piece));
  return {decoder.take(), used};
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets = postern::as_text(data, size);
  const auto whole = decode(octets, size + 1);
  for (const std::size_t piece : {1UZ, 2UZ, 3UZ, 7UZ}) {
    const auto split = decode(octets, piece);
    postern::require(split.second == whole.second, "the end is where it is");
    // An unfinished line may still hold its CR; complete lines are compared.
    const auto end = whole.first.rfind("\r\n");
    postern::require(
        end == std::string::npos || split.first.substr(0, end) == whole.first.substr(0, end),
        "pieces change nothing");
    for (std::size_t i = 0; end != std::string::npos && i < end; ++i) {
      const char c = whole.first[i];
      postern::require(c != '\n' || (i > 0 && whole.first[i - 1] == '\r'), "no bare LF comes out");
      postern::require(c != '\r' || whole.first[i + 1] == '\n', "no bare CR comes out");
    }
  }
  return 0;
}
