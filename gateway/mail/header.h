// header.h — the one place that knows where a header ends (rule 19 of the field's failures:
// two splitters that disagree are a hole between authentication, scanning and the reader).
//
// All views point into the octets given. CRLF and bare LF line ends are both understood here,
// since rules and tools read stored messages too; the gateway itself only ever holds CRLF.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct HeaderField {
  std::string_view name;   // without the colon and without white space before it
  std::string_view value;  // after the colon: leading blank, folding and final line end included
  std::string_view whole;  // name, colon, value

  /// Unfolded and trimmed: CRLF before a blank disappears, the blank stays (RFC 5322 §2.2.3).
  std::string unfolded() const;
};

struct SplitMessage {
  std::vector<HeaderField> fields;
  std::string_view header;  // everything before the empty line
  std::string_view body;    // after the empty line; empty where there is none
  bool separated = false;   // the empty line was there
  /// A line that is neither a field nor a continuation stood in the header, or a continuation of
  /// blanks only, which some readers take for the empty line.
  bool malformed = false;
};

/// RFC 5322 §2.1: the header ends at the first empty line. Linear; at most `limit` fields are
/// listed (the rest of the header is still header).
SplitMessage split_message(std::string_view octets, std::size_t limit = 2000);

/// The first field of that name, or nullptr; names compare without case.
const HeaderField* find_field(const SplitMessage& message, std::string_view name);
std::size_t count_fields(const SplitMessage& message, std::string_view name);

/// A field for the block that we add: "Name: value" folded at blanks to at most 78 octets where it
/// can be (998 at the hardest, RFC 5322 §2.1.1), CRLF at the end. Line breaks in `value` that are
/// not folding, and controls, become blanks: nothing can be injected.
std::string make_field(std::string_view name, std::string_view value);

}  // namespace postern
