#include "gateway/mail/reply.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "gateway/base/bytes.h"

namespace postern {

namespace {

// RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets, code and CRLF included.
constexpr std::size_t longest_line = 512;
constexpr unsigned most_lines = 100;
constexpr std::size_t longest_received_line = 2048;

/// RFC 5321 §4.2: textstring is HT and the printable octets; RFC 6531 adds UTF-8.
char harmless(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet < 0x20 && c != '\t') || octet == 0x7f ? '?' : c;
}

void append_number(std::string& out, unsigned number) {
  std::array<char, 10> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_enhanced(std::string& out, const EnhancedCode& code) {
  append_number(out, code.klass);
  out += '.';
  append_number(out, code.subject);
  out += '.';
  append_number(out, code.detail);
}

void append_prefix(std::string& out, const Reply& reply, char separator) {
  // A code outside the protocol can only be a mistake of ours; the peer then sees "try again".
  append_number(out, reply.code >= 200 && reply.code <= 599 ? reply.code : 451);
  out += separator;
  if (!reply.enhanced.present()) return;
  append_enhanced(out, reply.enhanced);
  out += ' ';
}

/// How much of `text` fits into `room`: up to a blank where there is one, never inside a UTF-8
/// sequence. At least one octet, so that the caller gets on.
std::size_t fitting(std::string_view text, std::size_t room) {
  if (text.size() <= room) return text.size();
  if (const auto blank = text.rfind(' ', room); blank != std::string_view::npos && blank > 0) {
    return blank;
  }
  std::size_t at = room;
  while (at > 1 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
  return at;
}

}  // namespace

std::string EnhancedCode::text() const {
  std::string out;
  append_enhanced(out, *this);
  return out;
}

std::string Reply::wire() const {
  std::string out;
  out.reserve(text.size() + 24);  // one line, as nearly all replies
  append_prefix(out, *this, ' ');
  const std::size_t room = longest_line - out.size() - 2;
  out.clear();
  std::string_view rest = text;
  for (bool last = false; !last;) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::size_t length = end > room ? fitting(rest.substr(0, end), room) : end;
    last = length == rest.size();
    append_prefix(out, *this, last ? ' ' : '-');
    for (const char c : rest.substr(0, length)) out += harmless(c);
    out += "\r\n";
    rest.remove_prefix(length);
    const char cut = length < end ? ' ' : '\n';  // what the line's end stands for
    if (!rest.empty() && rest.front() == cut) rest.remove_prefix(1);
  }
  return out;
}

std::string Reply::line() const {
  std::string out;
  out.reserve(text.size() + 24);
  append_prefix(out, *this, ' ');
  for (const char c : text) out += c == '\n' ? ' ' : harmless(c);
  while (is_blank(out.back())) out.pop_back();
  return out;
}

Reply reply(std::uint16_t code, EnhancedCode enhanced, std::string text) {
  return Reply{code, enhanced, std::move(text)};
}

std::optional<EnhancedCode> parse_enhanced(std::string_view text) {
  // RFC 3463 §2: class 2, 4 or 5; subject and detail have one to three digits.
  if (text.size() < 5 || text.size() > 9 || text[1] != '.') return std::nullopt;
  if (text[0] != '2' && text[0] != '4' && text[0] != '5') return std::nullopt;
  const auto dot = text.find('.', 2);
  if (dot == std::string_view::npos) return std::nullopt;
  const auto subject = parse_number(text.substr(2, dot - 2), 999);
  const auto detail = parse_number(text.substr(dot + 1), 999);
  if (!subject || !detail || dot > 5 || text.size() - dot > 4) return std::nullopt;
  return EnhancedCode{static_cast<std::uint8_t>(text[0] - '0'),
                      static_cast<std::uint16_t>(*subject), static_cast<std::uint16_t>(*detail)};
}

namespace {

/// The enhanced code in front of `text`, where its class is the reply's (RFC 2034 §4). It is taken
/// off together with the blank behind it.
std::optional<EnhancedCode> take_enhanced(std::string_view& text, std::uint16_t code) {
  const std::string_view word = text.substr(0, text.find(' '));
  const auto found = parse_enhanced(word);
  if (!found || found->klass != code / 100) return std::nullopt;
  text.remove_prefix(word.size() == text.size() ? word.size() : word.size() + 1);
  return found;
}

}  // namespace

ReplyReader::State ReplyReader::feed(std::string_view line) {
  if (line.size() > longest_received_line || lines_ >= most_lines) return State::malformed;
  if (line.size() < 3 || line[0] < '2' || line[0] > '5') return State::malformed;
  const auto code = parse_number(line.substr(0, 3), 599);
  if (!code) return State::malformed;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return State::malformed;
  // RFC 5321 §4.2.1: the code is the same on all lines. A server that contradicts itself is not
  // believed in either direction.
  if (lines_ > 0 && *code != reply_.code) return State::malformed;

  std::string_view text = line.size() > 4 ? line.substr(4) : std::string_view{};
  reply_.code = static_cast<std::uint16_t>(*code);
  if (lines_ == 0) {
    if (const auto enhanced = take_enhanced(text, reply_.code)) reply_.enhanced = *enhanced;
  } else {
    if (reply_.enhanced.present()) take_enhanced(text, reply_.code);
    reply_.text += '\n';
  }
  reply_.text += text;
  ++lines_;
  return line.size() > 3 && line[3] == '-' ? State::more : State::complete;
}

Reply ReplyReader::take() {
  lines_ = 0;
  return std::exchange(reply_, Reply{});
}

}  // namespace postern
