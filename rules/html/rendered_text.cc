#include "rules/html/rendered_text.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

// U+00C2 U+00A0: what a no-break space in UTF-8 becomes that was decoded as ISO 8859-1.
constexpr std::string_view misread_nbsp = "\xC3\x82\xC2\xA0";

}  // namespace

void RenderedText::start_piece(bool invisible) {
  last_start_ = text_.size();
  last_is_invisible_ = invisible;
  has_last_ = true;
  if (stretches_.empty() || stretches_.back().invisible != invisible)
    stretches_.push_back({last_start_, invisible});
}

void RenderedText::add_break(std::string_view space) {
  if (has_last_ && !last_is_break_ && !last_is_invisible_ && last().ends_with(' '))
    text_.pop_back();
  start_piece(false);
  last_is_break_ = true;
  text_ += space;
}

void RenderedText::add_text(std::string_view piece, bool invisible) {
  const bool trimmed = has_last_ && last_is_break_ && !invisible;
  start_piece(invisible);
  last_is_break_ = false;
  std::size_t at = 0;
  while (at < piece.size()) {
    const auto start = at;
    while (at < piece.size() && !is_space(piece[at]) && piece[at] != misread_nbsp.front()) ++at;
    text_ += piece.substr(start, at - start);
    if (at == piece.size()) break;
    if (is_space(piece[at])) {
      while (at < piece.size() && is_space(piece[at])) ++at;
    } else if (piece.substr(at).starts_with(misread_nbsp)) {
      at += misread_nbsp.size();
    } else {
      text_ += piece[at++];
      continue;
    }
    text_ += ' ';
  }
  if (trimmed && last().starts_with(' ')) text_.erase(last_start_, 1);
}

std::string RenderedText::part(bool invisible) const {
  std::string out;
  for (std::size_t i = 0; i < stretches_.size(); ++i) {
    if (stretches_[i].invisible != invisible) continue;
    const auto end = i + 1 < stretches_.size() ? stretches_[i + 1].start : text_.size();
    out += std::string_view(text_).substr(stretches_[i].start, end - stretches_[i].start);
  }
  return out;
}

}  // namespace postern
