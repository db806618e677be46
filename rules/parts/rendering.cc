#include "rules/parts/rendering.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/text/charset_decision.h"

namespace postern {
namespace {

/// Charsets in which SpamAssassin leaves plain ASCII as the octets that it is.
constexpr std::array<std::string_view, 12> ascii_charsets{
    "us-ascii", "ascii", "ansi", "iso-8859", "iso8859", "iso 8859",
    "windows-", "utf-8", "utf8", "koi8-",    "euc-",    "big5"};
constexpr std::array<std::string_view, 3> chinese_charsets{"gbk", "gb18030", "gb-18030"};

bool keeps_ascii(std::string_view declared) {
  const auto charset = to_lower(declared);
  const auto begins_it = [&charset](std::string_view start) { return charset.starts_with(start); };
  return std::ranges::any_of(ascii_charsets, begins_it) ||
         std::ranges::any_of(chinese_charsets, begins_it);
}

}  // namespace

RenderedPart render(const Part& part) {
  RenderedPart out;
  const auto type = part.effective_type();
  if (type != "text/plain" && type != "text/html") return out;
  out.is_text = true;
  const auto& octets = part.decoded();
  const std::string charset = part.charset.value_or("us-ascii");
  const bool ascii = std::ranges::all_of(octets, [](char c) { return c >= 0; });
  out.unicode = !ascii || !keeps_ascii(charset);
  auto text = text_as_utf8(octets, charset);
  if (type == "text/html" && !text.empty()) {
    out.html = std::make_unique<HtmlText>(text, out.unicode, octets.size());
    out.unicode = out.html->unicode;
  } else {
    out.plain = std::move(text);
  }
  return out;
}

}  // namespace postern
