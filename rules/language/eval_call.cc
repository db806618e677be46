#include "rules/language/eval_call.h"

#include <algorithm>
#include <optional>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

bool in_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }
bool in_bare(char c) { return is_alpha(c) || is_digit(c) || c == '.' || c == ':' || c == '-'; }

class ArgumentReader {
 public:
  ArgumentReader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::expected<std::vector<std::string>, SyntaxError> run() {
    std::vector<std::string> out;
    for (skip_blanks(); at_ < text_.size(); skip_blanks()) {
      const char c = text_[at_];
      const auto start = at_;
      const auto length = c == '\'' || c == '"' ? quoted() : bare();
      if (!length) {
        return std::unexpected(SyntaxError{
            start, "an argument stands in quotes, or is a bare number, address or name"});
      }
      out.emplace_back(text_.substr(argument_, *length));
    }
    return out;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  /// Whether an argument may end before `at`; goes behind the comma where it does.
  bool ends(std::size_t at) {
    while (at < text_.size() && is_space(text_[at])) ++at;
    if (at < text_.size() && text_[at] != ',') return false;
    at_ = std::min(at + 1, text_.size());
    return true;
  }

  /// A quote ends the text where a comma or nothing follows; others belong to it.
  std::optional<std::size_t> quoted() {
    const char quote = text_[at_];
    argument_ = at_ + 1;
    for (auto end = text_.find(quote, argument_); end != std::string_view::npos;
         end = text_.find(quote, end + 1)) {
      if (ends(end + 1)) return end - argument_;
    }
    return {};
  }

  std::optional<std::size_t> bare() {
    argument_ = at_;
    std::size_t end = at_;
    while (end < text_.size() && in_bare(text_[end])) ++end;
    if (end == argument_ || !ends(end)) return {};
    return end - argument_;
  }

  std::string_view text_;
  std::size_t at_;
  std::size_t argument_ = 0;
};

}  // namespace

std::expected<EvalCall, SyntaxError> parse_eval_call(std::string_view written) {
  std::size_t name = 0;
  while (name < written.size() && in_word(written[name])) ++name;
  if (name == 0 || name >= written.size() || written[name] != '(' || written.back() != ')') {
    return std::unexpected(SyntaxError{0, "write: eval:function('argument', …)"});
  }
  auto arguments = ArgumentReader(written.substr(0, written.size() - 1), name + 1).run();
  if (!arguments) return std::unexpected(arguments.error());
  return EvalCall{std::string(written.substr(0, name)), *std::move(arguments)};
}

}  // namespace postern
