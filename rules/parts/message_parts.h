// message_parts.h — a message taken apart as SpamAssassin takes it apart.
//
// gateway/mail/mime.h finds what a reader may see and reports damage; here the question is what
// SpamAssassin 4.0.1 sees (Message.pm, Message/Node.pm), since its rules are to hit the same. Both
// share the decoders. Limits: 1000 parts, 20 levels; linear in the message.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/header.h"
#include "rules/html/html_text.h"
#include "rules/parts/text_settings.h"

namespace postern {

/// How text came out of a part.
struct RenderedPart {
  std::string text;                // UTF-8, before paragraphs are made; cut at the scan size
  std::string as_type;             // effective type: "text/html" where it was read as that
  std::string charset;             // the one that was used, lower case; "" where none
  std::unique_ptr<HtmlText> html;  // what was found in it, for HTML parts only
};

class Part {
 public:
  std::vector<HeaderField> fields;  // of this part; the message's own for the root
  std::string type;                 // as SpamAssassin reads Content-Type: lower case "text/plain"
  std::string boundary;
  std::string charset;     // as declared, "" where not
  std::string name;        // file name
  std::string_view raw;    // body as it stands, transfer encoding not undone
  std::size_t parent = 0;  // index; the root's is its own
  unsigned depth = 0;
  std::vector<std::size_t> children;
  bool is_leaf() const { return children.empty(); }

  /// Transfer encoding undone; made once.
  const std::string& decoded() const;
  /// Text of text parts; made once; empty text for others.
  const RenderedPart& rendered(const TextSettings& settings) const;

 private:
  mutable std::unique_ptr<std::string> decoded_;
  mutable std::unique_ptr<RenderedPart> rendered_;
};

class MessageParts {
 public:
  explicit MessageParts(std::string_view octets);

  std::string_view header() const { return header_; }  // pristine, with the empty line's end
  std::string_view body() const { return body_; }      // pristine
  const std::vector<HeaderField>& fields() const { return parts_.front().fields; }
  /// All parts, each behind its parent, in the order of SpamAssassin's find_parts(qr/./).
  const std::vector<Part>& all() const { return parts_; }
  /// Leaves, depth first: the order in which text is joined.
  const std::vector<std::size_t>& leaves() const { return leaves_; }

  /// Damage that check_msg_parse_flags asks for.
  struct Flags {
    bool missing_head_body_separator = false;
    bool missing_mime_head_body_separator = false;
    bool missing_mime_headers = false;
    bool mime_epilogue_exists = false;
    bool truncated_header = false;
    bool mimepart_limit_exceeded = false;
  } flags;

 private:
  std::string_view header_;
  std::string_view body_;
  std::vector<Part> parts_;
  std::vector<std::size_t> leaves_;
};

}  // namespace postern
