// value_text.h — the text of one header field for rules: folding, white space, names; and the
// fields of a header as they were written. Node.pm and PerMsgStatus.pm of SpamAssassin 4.0.1.
// Linear.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// CRLF as LF.
std::string without_carriage_returns(std::string_view value);

/// A line end and the blanks behind it become one blank; both ends are trimmed.
std::string unfolded(std::string_view value);

/// As `unfolded`, but blanks and line end stay where they are no folding: what :raw is to ToCc and
/// MESSAGEID.
std::string raw_unfolded(std::string_view value);

/// A display name for matching: white space squeezed, single quotes around it gone.
std::string tidy_name(std::string name);

/// Each field of the pristine header with its continuations. Octets in front of the first one, and
/// a last one without a line end, are none.
std::vector<std::string_view> pristine_fields(std::string_view header);

}  // namespace postern
