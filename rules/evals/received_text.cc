#include "rules/evals/received_text.h"

#include "gateway/base/bytes.h"

namespace postern {

std::string squeezed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (!is_space(text[i])) {
      out += text[i++];
      continue;
    }
    out += ' ';
    while (i < text.size() && is_space(text[i])) ++i;
  }
  return out;
}

ReceivedText::ReceivedText(ScannedMessage& message)
    : text(squeezed(message.headers().get("Received"))) {}

}  // namespace postern
