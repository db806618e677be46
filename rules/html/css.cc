#include "rules/html/css.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "gateway/base/bytes.h"

namespace postern {

std::optional<std::vector<std::string>> css_bottom_layer(std::string_view background) {
  std::optional<std::vector<std::string>> layer;
  std::vector<std::string> words;
  std::string word;
  std::string closers;  // of the quotes and brackets that are open; a bracket and a quote at most
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (const char c : background) {
    const bool in_brackets = closers == ")";
    if (!closers.empty() && c == closers.back()) {
      word += c;
      closers.pop_back();
      if (c == ')') end_word();
    } else if ((closers.empty() || in_brackets) && (c == '"' || c == '\'')) {
      word += c;
      closers += c;
    } else if (!closers.empty()) {
      word += c;
    } else if (c == '(') {
      word += c;
      closers += ')';
    } else if (c == ' ' || c == ',') {
      end_word();
      if (c == ',') layer = std::exchange(words, {});
    } else {
      word += c;
    }
  }
  end_word();
  if (!words.empty()) layer = std::move(words);
  return layer;
}

HtmlColor css_rgb(std::string_view value) {
  std::array<std::uint8_t, 3> numbers{};
  std::size_t field = 0;
  unsigned number = 0;
  for (const char c : value) {
    if (c == ',') {
      if (++field == numbers.size()) break;
      number = 0;
    } else if (is_digit(c)) {
      number = std::min(number * 10 + static_cast<unsigned>(c - '0'), 255U);
      numbers[field] = static_cast<std::uint8_t>(number);
    }
  }
  return {HtmlColor::Kind::rgb, numbers[0], numbers[1], numbers[2]};
}

}  // namespace postern
