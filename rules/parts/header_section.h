// header_section.h — where SpamAssassin sees a message's header end, and its fields
// (Message.pm, new).
//
// Differs from gateway/mail/header.h where it must: a message is read with CRLF or with LF line
// ends as a whole, three lines that are no fields are forgiven, a line that starts with "--" ends
// the header, keys and values are cut. Linear.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/header.h"

namespace postern {

/// A stored message may start with an mbox "From " line or an mbx line, which are no header.
std::string_view without_mbox_line(std::string_view octets);

struct HeaderSection {
  /// Values keep their leading blank, folding and final line end, the latter as LF, 8192 octets
  /// at most; names have 256 at most. Views point into the octets or into the copy.
  std::vector<HeaderField> fields;
  std::size_t size = 0;  // octets of the header, the empty line included
  bool crlf = false;     // the message is one of CRLF line ends
  bool missing_separator = false;
  bool truncated = false;
};

/// `octets` come without an mbox line. `copy` takes the header with LF line ends where it had
/// others.
HeaderSection read_header_section(std::string_view octets, std::string& copy);

}  // namespace postern
