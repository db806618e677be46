// octet_class.h — reading [classes] and escapes of a regular expression as sets of octets.
//
// The meaning is PCRE2's in octet mode with the C locale, and Perl's under /aa: \d, \s, \w and
// the [:names:] are ASCII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rules/patterns/octet_set.h"

namespace postern {

/// \d \D \s \S \w \W \h \H \v \V: the set, given the letter behind the backslash.
std::optional<OctetSet> read_class_escape(char letter);

/// `at` stands on the backslash of what means one octet and goes behind it. Nothing for what is
/// no such escape (assertions, references, \p, \R) or too large for an octet.
std::optional<std::uint8_t> read_octet_escape(std::string_view text, std::size_t& at,
                                              bool in_class);

/// `at` stands on the '[' and goes behind the ']'. Nothing for what is not understood.
std::optional<OctetSet> read_octet_class(std::string_view text, std::size_t& at, bool ignore_case);

}  // namespace postern
