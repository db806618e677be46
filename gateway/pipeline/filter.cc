#include "gateway/pipeline/filter.h"

#include <algorithm>

namespace postern {

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::connect:
      return "connect";
    case Stage::helo:
      return "helo";
    case Stage::mail:
      return "mail";
    case Stage::rcpt:
      return "rcpt";
    case Stage::message:
      return "message";
  }
  return "?";
}

Task<Answer> Filter::on_connect(Context) { co_return Opinion{}; }
Task<Answer> Filter::on_helo(Context) { co_return Opinion{}; }
Task<Answer> Filter::on_mail(Context) { co_return Opinion{}; }
Task<Answer> Filter::on_rcpt(Context, RecipientFacts) { co_return Opinion{}; }
Task<Answer> Filter::on_message(Context, Message) { co_return Opinion{}; }

}  // namespace postern
