// perl_characters.h — Perl's \w and \s beyond ASCII, and walking through UTF-8.
//
// SpamAssassin reads rendered text as characters, and \w is then what Unicode calls a letter, mark,
// digit or connector. In octet strings (see html_text.h) only ASCII counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern {

/// \w and \s of Perl 5.36 (Unicode 14) for characters.
bool is_perl_word(char32_t character);
bool is_perl_space(char32_t character);

struct Utf8Character {
  char32_t code = 0;
  std::size_t size = 1;
};

/// The character that starts at `at`, which must lie within `text`; an octet that starts none
/// stands for itself.
Utf8Character utf8_character(std::string_view text, std::size_t at);

/// Where the character before `end` starts; `end` must not be 0.
std::size_t utf8_start_before(std::string_view text, std::size_t end);

/// Number of characters in UTF-8.
std::size_t utf8_length(std::string_view text);

/// At most so many characters of it.
std::string_view utf8_prefix(std::string_view text, std::size_t characters);

/// Length in octets of the white space at the start or the end, beyond ASCII where `unicode`.
std::size_t leading_space(std::string_view text, bool unicode);
std::size_t trailing_space(std::string_view text, bool unicode);

}  // namespace postern
