// multipart.h — a multipart's body cut at its boundary lines (Message.pm, _parse_multipart).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/header.h"

namespace postern {

struct MultipartPiece {
  std::vector<HeaderField> fields;  // values without leading white space
  std::string_view body;            // lines of at most 2048 octets
};

struct Multipart {
  std::vector<MultipartPiece> pieces;  // at most 1000
  bool opened = false;                 // a boundary line stood before the first piece
  bool closed = false;                 // the last boundary line was there
  bool missing_headers = false;        // a piece begins with something else
  bool missing_separator = false;      // no empty line between a piece's header and its body
  bool too_many = false;
  bool epilogue = false;  // text other than dots behind the last boundary line
};

/// `body` has LF line ends. Where no boundary line is found all of it is one piece. `storage` takes
/// pieces that had longer lines. Linear.
Multipart split_multipart(std::string_view body, std::string_view boundary,
                          std::deque<std::string>& storage);

}  // namespace postern
