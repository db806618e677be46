#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/locales.h"
#include "rules/evals/mime_facts.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

// Shorter texts shout by an acronym or two.
constexpr std::size_t least_text = 200;

/// White space with something else on either side.
bool has_inner_space(std::string_view text) {
  return trim(text).find_first_of(" \t\r\n\f\v") != text.npos;
}

/// Two lines of base64, which forwarded messages may hold.
bool looks_like_base64(std::string_view text) {
  for (int line = 0; line < 2; ++line) {
    std::size_t size = 0;
    while (size < text.size() && (is_alpha(text[size]) || is_digit(text[size]) ||
                                  text[size] == '+' || text[size] == '/' || text[size] == '='))
      ++size;
    if (size < 60 || size > 76 || size == text.size() || text[size] != ' ') return false;
    text.remove_prefix(size + 1);
  }
  return true;
}

/// Without what stands in Japanese double octets (ISO-2022-JP).
std::string without_shifted_text(std::string_view text) {
  const auto from = text.find("\x1b$B");
  const auto to = text.rfind("\x1b(B");
  if (from == text.npos || to == text.npos || to < from + 3) return std::string(text);
  return std::string(text.substr(0, from)).append(text.substr(to + 3));
}

/// Per cent of capitals among letters and digits, where digits count as small: memo.
class Capitals {
 public:
  explicit Capitals(ScannedMessage& message) {
    if (!is_western(message)) return;
    std::size_t size = 0;
    std::size_t small = 0;
    std::size_t capital = 0;
    for (const auto& element : message.body()) {
      if (!has_inner_space(element) || looks_like_base64(element)) continue;
      const auto text = without_shifted_text(element);
      size += text.size();
      for (const char c : text) {
        capital += c >= 'A' && c <= 'Z';
        small += (c >= 'a' && c <= 'z') || is_digit(c);
      }
    }
    if (size < least_text || capital + small == 0) return;
    per_cent = double(capital) / double(capital + small) * 100;
  }

  double per_cent = 0;

 private:
  static bool is_western(ScannedMessage& message) {
    const auto type = message.headers().get(HeaderSource{.name = "content-type"});
    const auto charset = type ? charset_in(*type) : std::nullopt;
    if (charset && reads_as_capitals(*charset)) return false;
    return std::ranges::none_of(message.memo<MimeFacts>().charsets, reads_as_capitals);
  }
};

BindResult check_for_uppercase(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2)
    return std::unexpected("the per cent above which and up to which it hits are wanted here");
  return [above = perl_number(arguments[0]),
          most = perl_number(arguments[1])](ScannedMessage& message) -> double {
    const double per_cent = message.memo<Capitals>().per_cent;
    return per_cent > above && per_cent <= most;
  };
}

constexpr std::array functions{EvalFunction{"check_for_uppercase", check_for_uppercase}};

}  // namespace

EvalTable capitals_evals() { return functions; }

}  // namespace postern
