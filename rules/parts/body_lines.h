// body_lines.h — a message's body as it is parsed: LF line ends, no endless runs of blank lines.
#pragma once

#include <deque>
#include <string>
#include <string_view>

namespace postern {

/// CRLF becomes LF where `crlf` says so; of more than 20 blank lines on end 20 stay (21 at the
/// top). `storage` takes the text where it is not `body` itself. Linear.
std::string_view body_lines(std::string_view body, bool crlf, std::deque<std::string>& storage);

}  // namespace postern
