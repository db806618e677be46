// config_fuzz.cc — any octets as a configuration: problems, never a crash, each with a place.
#include <string>
#include <vector>

#include "gateway/base/config.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto problems =
      postern::read_config_text(postern::as_text(data, size), "fuzz", [](postern::Keys& keys) {
        bool flag = false;
        std::int64_t number = 1;
        postern::milliseconds duration{1};
        std::uint64_t octets = 1;
        std::vector<std::string> list;
        std::string text;
        keys.flag("flag", flag, "help");
        keys.integer("number", number, 0, 10, "help");
        keys.duration("duration", duration, postern::milliseconds(0), postern::seconds(10), "help");
        keys.size("size", octets, 0, 1000, "help");
        keys.list("list", list, "help");
        keys.tables(
            "table", [&](postern::Keys& inner) { inner.text("text", text, "help"); }, "help");
        postern::require(number >= 0 && number <= 10, "bounds hold, or the default stays");
      });
  for (const auto& problem : problems) {
    postern::require(problem.where.starts_with("fuzz"), "a problem names its place");
    postern::require(!problem.what.empty(), "and its cause");
  }
  return 0;
}
