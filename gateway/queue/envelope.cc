#include "gateway/queue/envelope.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <limits>
#include <span>

#include "gateway/base/bytes.h"
#include "gateway/mail/field_value.h"
#include "gateway/mail/header.h"

namespace postern {

namespace {

/// A stretch of the header: a field, or lines that are none (their name is empty).
struct Piece {
  std::string_view name;
  std::string_view text;
};

/// The whole header in pieces, so that what no edit names leaves as it came, malformed or not.
std::vector<Piece> pieces_of(const SplitMessage& message) {
  std::vector<Piece> out;
  const char* at = message.header.data();
  const auto gap_until = [&](const char* end) {
    if (end > at) out.push_back({{}, {at, static_cast<std::size_t>(end - at)}});
  };
  for (const auto& field : message.fields) {
    gap_until(field.whole.data());
    out.push_back({field.name, field.whole});
    at = field.whole.data() + field.whole.size();
  }
  gap_until(message.header.data() + message.header.size());
  return out;
}

void apply(const HeaderEdit& edit, std::vector<Piece>& pieces, std::deque<std::string>& made) {
  const bool removes = edit.kind == HeaderEdit::Kind::remove;
  const bool any_end = removes && edit.name.ends_with('*');
  const auto beginning = std::string_view(edit.name).substr(0, edit.name.size() - any_end);
  const auto named = [&](const Piece& piece) {
    if (piece.name.empty()) return false;
    if (any_end ? !starts_with_ignoring_case(piece.name, beginning)
                : !equals_ignoring_case(piece.name, edit.name))
      return false;
    // A removal with a value means the fields whose value is that, seen by plain_field_value().
    return !removes || edit.value.empty() ||
           plain_field_value(piece.text.substr(piece.text.find(':') + 1)) == edit.value;
  };
  auto first = std::ranges::find_if(pieces, named);
  if (edit.kind == HeaderEdit::Kind::replace && !edit.name.empty()) {
    const Piece piece{edit.name, made.emplace_back(make_field(edit.name, edit.value))};
    // Where there is no such field it goes on top: nothing is added below other hosts' trace.
    if (first == pieces.end()) first = pieces.insert(pieces.begin(), piece);
    *first++ = piece;
  }
  pieces.erase(std::remove_if(first, pieces.end(), named), pieces.end());
}

}  // namespace

std::uint32_t Envelope::open_recipients() const {
  return static_cast<std::uint32_t>(std::ranges::count_if(recipients, &QueuedRecipient::open));
}

namespace {

using Edits = std::span<const HeaderEdit>;

std::string with_edits(Edits edits, std::string_view original) {
  // No limit on the fields: one that an edit names must not survive by standing behind many.
  const auto message = split_message(original, std::numeric_limits<std::size_t>::max());
  auto pieces = pieces_of(message);
  std::deque<std::string> made;
  for (const auto& edit : edits) apply(edit, pieces, made);

  std::string out;
  out.reserve(original.size() + 256);
  for (const auto& piece : pieces) out += piece.text;
  // The empty line and the body, as they came.
  out += original.substr(message.header.size());
  return out;
}

std::string enclosed(const HeaderEdit& edit, std::string_view message) {
  std::string out;
  out.reserve(edit.value.size() + message.size() + edit.name.size());
  return out.append(edit.value).append(message).append(edit.name);
}

}  // namespace

Rendered render(const Variant& variant, const Content& original) {
  Content body = original;
  // Edits of the header together, an enclosure by itself, in their order.
  for (Edits left(variant.edits); !left.empty();) {
    const bool encloses = left.front().kind == HeaderEdit::Kind::enclose;
    const auto next = std::ranges::find(left, HeaderEdit::Kind::enclose, &HeaderEdit::kind);
    const auto now = left.first(encloses ? 1 : static_cast<std::size_t>(next - left.begin()));
    body = std::make_shared<const std::string>(encloses ? enclosed(now.front(), *body)
                                                        : with_edits(now, *body));
    left = left.subspan(now.size());
  }
  return {variant.prepend, std::move(body)};
}

}  // namespace postern
