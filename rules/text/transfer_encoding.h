// transfer_encoding.h — base64 and quoted-printable undone as SpamAssassin undoes them (Util.pm).
//
// gateway/mail/mime_decode.h reads damaged encodings the way mail readers do; rules were written
// against these. Linear.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// Octets outside the alphabet are skipped, except that text of nothing but the alphabet in whole
/// groups is read strictly: '=' inside it stands for zero bits.
std::string undo_base64(std::string_view text);

/// Blanks before a line end go, soft line ends go, both digits in either case.
std::string undo_quoted_printable(std::string_view text);

}  // namespace postern
