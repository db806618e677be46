// mime_facts.h — what one pass over all parts finds out for MIMEEval (Plugin/MIMEEval.pm,
// _check_attachments): encodings, charsets, sizes, and breaches of MIME's rules.
//
// A memo of one message. Linear in its parts' raw text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/evals/locales.h"
#include "rules/message/scanned_message.h"

namespace postern {

/// What stands behind "charset=" in a Content-Type field, by the quotes around it.
std::optional<std::string> charset_in(std::string_view type);

class MimeFacts {
 public:
  explicit MimeFacts(ScannedMessage& message);

  std::size_t base64_parts = 0;
  /// Characters that quoted-printable encodes without need; where no part has a line in it, the
  /// parts that are declared so.
  double quoted_printable_count = 0;
  double quoted_printable_octets = 0;
  double quoted_printable_ratio = 0;
  bool quoted_printable_long_line = false;
  std::size_t html_parts = 0;
  std::size_t other_text_parts = 0;
  std::size_t attachments = 0;
  bool multipart_alternative = false;
  bool base64_encoded_text = false;
  bool bad_iso_charset = false;
  bool faraway_charset = false;
  bool illegal_ascii = false;  // NUL, CR or 8-bit in plain ASCII text
  double multipart_ratio = 1;  // octets of the last text/plain over those of the last text/html
  double unicode_ratio = 0;    // "&#x1234;" in plain text, over its other octets
  std::vector<std::string> charsets;  // of all parts that name one, lower case

 private:
  struct Declared {
    std::string type;
    std::optional<std::string> charset;
    std::string encoding;
    std::string disposition;
    bool is_attachment() const { return disposition.find("attachment") != std::string::npos; }
  };
  struct Size {
    std::string type;
    std::optional<std::size_t> octets;  // none for attachments
  };

  static Declared declared_by(const Part& part);
  void note_declared(const Declared& declared, const Locales& locales);
  void note_charset(std::string_view charset, const Locales& locales);
  void note_text(const Declared& declared, std::string_view raw);
  void note_quoted_printable_line(std::string_view line);
  void note_references(std::string_view raw);
  void note_ratio(const std::vector<Size>& sizes);

  double references_ = 0;
  double plain_octets_ = 0;
  std::size_t quoted_printable_parts_ = 0;
};

}  // namespace postern
