// reply.h — an SMTP reply: ours to a client, or a server's to us.
//
// RFC 5321 §4.2 (code and text), RFC 3463 and RFC 2034 (enhanced status codes).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// RFC 3463: class.subject.detail; all zero where a reply carries none (greeting, EHLO).
struct EnhancedCode {
  std::uint8_t klass = 0;
  std::uint16_t subject = 0;
  std::uint16_t detail = 0;

  bool present() const { return klass != 0; }
  std::string text() const;  // "5.7.1"
  bool operator==(const EnhancedCode&) const = default;
};

struct Reply {
  std::uint16_t code = 0;
  EnhancedCode enhanced;
  std::string text;  // without codes and without CR; '\n' separates the lines of a long reply

  bool positive() const { return code >= 200 && code < 400; }
  bool temporary() const { return code >= 400 && code < 500; }
  bool permanent() const { return code >= 500; }

  /// The octets to send, CRLF included; a text with line breaks becomes a multi-line reply.
  /// CR, NUL and other controls in the text become '?': nothing can be injected.
  std::string wire() const;
  /// "550 5.1.1 User unknown" on one line, for logs and bounces.
  std::string line() const;
};

/// Reply{550, {5,1,1}, "User unknown"}, in the order one reads it.
Reply reply(std::uint16_t code, EnhancedCode enhanced, std::string text);

/// Parses "5.7.1"; nothing for anything else.
std::optional<EnhancedCode> parse_enhanced(std::string_view text);

/// Reads the reply of a server, line by line (RFC 5321 §4.2.1): feed each line without CRLF.
/// Bounded: more than 100 lines or lines over 2048 octets end as an error (fault F83).
class ReplyReader {
 public:
  enum class State { more, complete, malformed };
  State feed(std::string_view line);
  /// The reply after `complete`; enhanced code taken from the first line where it is valid.
  Reply take();

 private:
  Reply reply_;
  unsigned lines_ = 0;
};

}  // namespace postern
