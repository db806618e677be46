// message_parts.h — a message taken apart as SpamAssassin takes it apart.
//
// gateway/mail/mime.h finds what a reader may see and reports damage; here the question is what
// SpamAssassin 4.0.1 sees (Message.pm, Message/Node.pm), since its rules are to hit the same.
// Limits: 1000 parts of one multipart, 10,000 in all (a bound of ours), 20 levels; linear in the
// message at each level.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/header.h"
#include "rules/parts/rendered_part.h"

namespace postern {

class Part {
 public:
  /// Of this part; the message's own for the root. Values with LF line ends; those of a part
  /// inside a multipart without leading white space.
  std::vector<HeaderField> fields;
  std::string type;                    // lower case "text/plain"; "" where Content-Type is garbage
  std::string boundary;                // its own or that of a multipart around it
  std::optional<std::string> charset;  // as declared
  std::string name;                    // file name
  std::string transfer_encoding;       // lower case
  std::string_view raw;                // leaves: the body with LF line ends, nothing undone
  std::size_t parent = 0;              // index; the root's is its own
  unsigned depth = 0;
  std::vector<std::size_t> children;
  /// Of a multipart without any part and of an attached message it is not true.
  bool is_leaf = true;

  /// The type by which it is read: a file name of a web page counts for more.
  std::string_view effective_type() const;
  /// Transfer encoding undone; made once; empty where it is no leaf.
  const std::string& decoded() const;
  /// Text of text parts; made once; nothing in it for others.
  const RenderedPart& rendered() const;
  /// For one whose octets have become parts of their own.
  void drop_decoded() { decoded_.reset(); }
  /// The last field of that name as header() hands it out: unfolded, decoded; nothing where there
  /// is none.
  std::optional<std::string> field(std::string_view name) const;

 private:
  mutable std::unique_ptr<std::string> decoded_;
  mutable std::unique_ptr<RenderedPart> rendered_;
};

class MessageParts {
 public:
  /// An mbox "From " line is no part of the message.
  explicit MessageParts(std::string_view octets);
  MessageParts(const MessageParts&) = delete;
  MessageParts& operator=(const MessageParts&) = delete;

  std::string_view header() const { return header_; }  // pristine, with the empty line's end
  std::string_view body() const { return body_; }      // pristine
  const std::vector<HeaderField>& fields() const { return parts_.front().fields; }
  const Part& root() const { return parts_.front(); }
  /// All parts, depth first, each behind its parent: find_parts(qr/./), but that leaves out those
  /// whose type is empty.
  const std::vector<Part>& all() const { return parts_; }
  /// Leaves with a type, depth first: the order in which text is joined.
  const std::vector<std::size_t>& leaves() const { return leaves_; }

  /// Damage that check_msg_parse_flags asks for; the header's own is the message's, the rest that
  /// of any part.
  struct Flags {
    bool missing_head_body_separator = false;
    bool missing_mime_head_body_separator = false;
    bool missing_mime_headers = false;
    bool mime_epilogue_exists = false;
    bool truncated_header = false;
    bool mimepart_limit_exceeded = false;
    bool missing_boundary = false;  // a multipart without its last boundary line
  } flags;

 private:
  std::string_view header_;
  std::string_view body_;
  std::deque<std::string> storage_;  // what parts point into where the octets would not do
  std::vector<Part> parts_;
  std::vector<std::size_t> leaves_;
};

}  // namespace postern
