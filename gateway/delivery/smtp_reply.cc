#include "gateway/delivery/smtp_reply.h"

#include <fmt/format.h>

namespace postern {

namespace {
constexpr std::size_t longest_text = 1000;
}

Reply bounded(Reply answer) {
  if (answer.text.size() > longest_text) {
    answer.text.resize(longest_text);
    answer.text.shrink_to_fit();
    answer.text += " [cut]";
  }
  return answer;
}

Reply failed(Reply answer, const std::string& remote) {
  if (answer.temporary() || answer.permanent()) return answer;
  return reply(451, {4, 5, 0}, fmt::format("{}: unexpected reply: {}", remote, answer.line()));
}

Reply softened(Reply answer) {
  if (!answer.permanent()) return answer;
  answer.code = static_cast<std::uint16_t>(answer.code - 100);
  if (answer.enhanced.present()) answer.enhanced.klass = 4;
  return answer;
}

}  // namespace postern
