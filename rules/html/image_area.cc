#include "rules/html/image_area.h"

#include <algorithm>
#include <charconv>

#include "gateway/base/bytes.h"
#include "rules/html/perl_characters.h"

namespace postern {
namespace {

constexpr double guessed_side = 200;

double side_of(std::string_view written, double pixels_a_percent) {
  if (written.ends_with('\n')) written.remove_suffix(1);
  double factor = 1;
  if (written.ends_with('%')) {
    factor = pixels_a_percent;
    written.remove_suffix(1);
  }
  if (written.empty() || !std::ranges::all_of(written, is_digit)) return guessed_side;
  double side = 0;
  std::from_chars(written.data(), written.data() + written.size(), side);
  return side > 0 ? side * factor : guessed_side;
}

constexpr bool is_quote(char c) { return c == '"' || c == '\''; }
constexpr bool is_in_name(char c) { return is_alpha(c) || c == ' ' || c == '-'; }

/// Takes a name of two characters at least that ends with a letter, and a digit behind it.
bool take_name(std::string_view& text) {
  const auto size =
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_in_name) - text.begin());
  if (size < 2 || text.front() == '-' || !is_alpha(text[size - 1])) return false;
  text.remove_prefix(size);
  if (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  if (!text.empty() && is_quote(text.front())) text.remove_prefix(1);
  return true;
}

}  // namespace

double image_area(const Attributes& attributes) {
  const auto width = attributes.find("width");
  const auto height = attributes.find("height");
  if (!width || !height) return 0;
  return side_of(width->text, 8) * side_of(height->text, 6);
}

bool is_usual_font_face(const HtmlString& face) {
  std::string_view text = face.text;
  auto space = leading_space(text, face.unicode);
  const bool marked = space < text.size() && (is_quote(text[space]) || text[space] == '.');
  // The first name may begin with the blank before it.
  if (!marked && space > 0 && text[space - 1] == ' ') --space;
  text.remove_prefix(space + (marked ? 1 : 0));
  if (!take_name(text)) return false;
  while (text.starts_with(',')) {
    text.remove_prefix(1);
    text.remove_prefix(leading_space(text, face.unicode));
    if (!text.empty() && is_quote(text.front())) text.remove_prefix(1);
    if (text.empty() || !is_alpha(text.front()) || !take_name(text)) return false;
  }
  if (text.starts_with(';')) text.remove_prefix(1);
  return text.empty() || text == "\n";
}

}  // namespace postern
