#include "rules/parts/rendering.h"

#include "rules/parts/render.h"
#include "rules/text/charset_decision.h"

namespace postern {

RenderedPart render(const Part& part, const TextSettings&) {
  RenderedPart out;
  const auto type = part.effective_type();
  if (type != "text/plain" && type != "text/html") return out;
  out.is_text = true;
  auto text = text_as_utf8(part.decoded(), part.charset.value_or("us-ascii"));
  if (type == "text/html" && !text.empty()) {
    out.plain = html_as_text(text);
  } else {
    out.plain = std::move(text);
  }
  return out;
}

}  // namespace postern
