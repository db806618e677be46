// digest.h — what Pyzor calls a message by: a digest over the words that stay when whatever is made
// for one recipient is taken away (pyzor/digest.py of Pyzor 1.0.0).
//
// Of each line of text go words of ten characters and more, addresses, URLs and white space; lines
// shorter than eight characters go. Of more than four lines three at 20 % and three at 60 % count.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// SHA-1 in lower-case hexadecimal, 40 characters; of a message without text that of nothing.
/// Nothing where Pyzor itself fails, or a limit of python_parts.h is passed. Linear.
std::optional<std::string> pyzor_digest(std::string_view octets);

}  // namespace postern
