// mime_fuzz.cc — parts are ranges strictly inside their parent, within all limits.
#include <algorithm>

#include "gateway/mail/address.h"
#include "gateway/mail/mime.h"
#include "gateway/mail/mime_report.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

std::size_t whole_size(const MimePart& part) { return part.body.end - part.header.begin; }

void check_tree(std::string_view input, const MimeLimits& limits) {
  const auto tree = parse_mime(input, limits);
  require(!tree.parts.empty() && tree.parts.size() <= std::max<std::size_t>(limits.parts, 1),
          "the number of parts");
  require(tree.parts[0].header.begin == 0 && tree.parts[0].body.end == input.size(),
          "the root is all");
  for (std::size_t i = 0; i < tree.parts.size(); ++i) {
    const auto& part = tree.parts[i];
    require(part.depth < std::max(limits.depth, 1U), "the depth");
    require(part.header.begin <= part.header.end && part.header.end <= part.body.begin &&
                part.body.begin <= part.body.end,
            "header before body");
    require(part.boundary.empty() || part.type != "multipart" || part.leaf() ||
                part.body.of(input).find("--" + part.boundary) != std::string_view::npos,
            "the boundary is there");
    for (const auto& name : part.filenames) require(valid_utf8(name), "names are UTF-8");
    require(part.filename.empty() || part.filenames.contains(part.filename),
            "the name is one of the names");
    std::size_t behind = part.body.begin;
    for (const auto index : part.children) {
      const auto& child = tree.parts[index];
      require(index > i && child.parent == i && child.depth == part.depth + 1,
              "children know their parent");
      require(child.header.begin >= behind && child.body.end <= part.body.end,
              "children inside, in order");
      require(whole_size(child) < whole_size(part), "strictly inside");
      behind = child.body.end;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  check_tree(input, {});
  check_tree(input, {.depth = 3, .parts = 5, .parameters = 2});

  const std::string table = mime_report(input, false);
  const auto lines = std::count(table.begin(), table.end(), '\n');
  require(std::count(table.begin(), table.end(), '\t') == 6 * lines, "seven columns a line");
  const std::string json = mime_report(input, true);
  require(valid_utf8(json), "JSON is UTF-8");
  for (const char c : json.substr(0, json.size() - 1))
    require(static_cast<unsigned char>(c) >= 0x20, "JSON has no control");
  return 0;
}
