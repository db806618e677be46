// python_codecs.h — the names by which Python 3.11 knows a charset.
//
// They differ from those of mail readers and of Perl: any run of punctuation is one, and what
// Windows calls by a prefix "x-" is mostly unknown.
#pragma once

#include <string_view>

namespace postern {

struct PythonCodec {
  enum class Kind : unsigned char { ascii, utf8, latin1, converted };
  Kind kind = Kind::ascii;          // unknown names are read as ASCII
  std::string_view converter = {};  // for convert_leniently()
};

PythonCodec python_codec(std::string_view charset);

}  // namespace postern
