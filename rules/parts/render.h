// render.h — a message as body, rawbody and uri rules see it, made once for all of them.
//
// body: the text of all text parts, decoded to UTF-8, white space evened out, one element a
// paragraph, the subject first. rawbody: text parts with only the transfer encoding undone.
// `full` rules see the octets themselves and header rules HeaderValues. No I/O, linear, bounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/parts/header_section.h"

namespace postern {

struct Rendering {
  std::vector<std::string> body;     // [0] is the subject, "\n" behind it; always there
  std::vector<std::string> rawbody;  // pieces of 2 to 4 KiB
  std::vector<std::string> uris;     // distinct, in order of appearance
};

/// Limits: 1000 parts, 20 levels, 50,000 characters of rendered text and 500,000 octets of raw
/// text a part, 8 MiB of each in all.
Rendering render(std::string_view octets, std::string subject);

/// Rendered text to elements: blank lines part paragraphs, other white space becomes one blank,
/// elements of over 2048 octets are split at a blank. Each keeps its "\n".
void append_paragraphs(std::string_view text, std::vector<std::string>& out);

/// Decoded text in pieces of 2048 to 4096 octets that end with a line, a '>' or a blank.
void append_chunks(std::string_view text, std::vector<std::string>& out);

}  // namespace postern
