#include "rules/pyzor/digest.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <vector>

#include "gateway/base/bytes.h"
#include "rules/pyzor/characters.h"
#include "rules/pyzor/html_text.h"
#include "rules/pyzor/python_codecs.h"
#include "rules/pyzor/python_decoding.h"
#include "rules/pyzor/python_parts.h"

namespace postern {
namespace {

constexpr std::size_t longest_word = 9;
constexpr std::size_t shortest_line = 8;
constexpr std::size_t most_whole_lines = 4;

/// [a-z] without regard to case, in Unicode: long s, Kelvin and the Turkish i count.
bool is_scheme_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == 0x17f || c == 0x212a ||
         c == 0x130 || c == 0x131;
}

bool is_address(std::u32string_view word) {
  if (word.size() < 3) return false;
  return word.substr(1, word.size() - 2).find(U'@') != std::u32string_view::npos;
}

/// The word up to where a URL begins in it.
std::u32string_view before_url(std::u32string_view word) {
  for (std::size_t colon = 1; colon + 1 < word.size(); ++colon) {
    if (word[colon] != ':' || !is_scheme_letter(word[colon - 1])) continue;
    std::size_t begin = colon;
    while (begin > 0 && is_scheme_letter(word[begin - 1])) --begin;
    return word.substr(0, begin);
  }
  return word;
}

class Lines {
 public:
  void add(std::u32string_view text) {
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
      if (at < text.size() && !is_python_line_end(text[at])) continue;
      add_line(text.substr(begin, at - begin));
      begin = at + 1;
    }
  }

  std::string digest() const {
    constexpr std::array<std::size_t, 2> places{20, 60};  // percent
    constexpr std::size_t at_each_place = 3;
    std::string content;
    if (lines_.size() <= most_whole_lines) {
      for (const auto& line : lines_) content += line;
    } else {
      for (const auto place : places) {
        const auto begin = place * lines_.size() / 100;
        for (auto i = begin; i < std::min(begin + at_each_place, lines_.size()); ++i)
          content += lines_[i];
      }
    }
    std::string out(SHA_DIGEST_LENGTH, '\0');
    SHA1(reinterpret_cast<const unsigned char*>(content.data()), content.size(),
         reinterpret_cast<unsigned char*>(out.data()));
    return hex(out);
  }

 private:
  void add_line(std::u32string_view line) {
    if (line.size() < shortest_line) return;
    std::string kept;
    std::size_t count = 0;
    while (!line.empty()) {
      std::size_t end = 0;
      while (end < line.size() && !is_python_space(line[end])) ++end;
      auto word = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
      if (word.size() > longest_word || is_address(word)) continue;
      word = before_url(word);
      count += word.size();
      for (const char32_t c : word) append_utf8(c, kept);
    }
    if (count >= shortest_line) lines_.push_back(std::move(kept));
  }

  std::vector<std::string> lines_;
};

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// What is not text counts as it stands in the message, mostly base64, whose lines are one long
/// word each: they are passed over without making characters of them.
void add_attachment(const PythonPart& part, Lines& lines) {
  if (!is_ascii(part.payload)) {
    if (part.charset && python_codec(*part.charset).kind != PythonCodec::Kind::ascii)
      return lines.add(python_characters(part.payload, *part.charset));
    // What is no ASCII is replaced here, where text parts leave it out.
    std::u32string text;
    for (const char c : part.payload)
      text += static_cast<unsigned char>(c) < 0x80 ? static_cast<char32_t>(c) : U'\xfffd';
    return lines.add(text);
  }
  for (const auto line : split(part.payload, '\n')) {
    const auto content = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
    const bool one_word =
        content.size() > longest_word && std::ranges::none_of(content, [](char c) {
          return is_python_space(static_cast<unsigned char>(c));
        });
    if (!one_word) lines.add(characters_of(content));
  }
}

}  // namespace

std::optional<std::string> pyzor_digest(std::string_view octets) {
  const auto parts = python_parts(octets);
  if (!parts) return {};
  Lines lines;
  for (const PythonPart& part : *parts) {
    if (part.is_container) continue;
    if (part.main_type() != "text") {
      add_attachment(part, lines);
      continue;
    }
    const auto text = python_characters(python_payload(part.payload, part.transfer_encoding),
                                        part.charset.value_or(""));
    if (part.subtype() != "html") {
      lines.add(text);
    } else if (const auto shown = pyzor_html_text(text)) {
      lines.add(*shown);
    } else {
      return {};
    }
  }
  return lines.digest();
}

}  // namespace postern
