// tag_list.h — "v=1; a=rsa-sha256; …", the form of signature fields and of key records: RFC 6376
// §3.2.
//
// Strict: a name that comes twice, or a piece that is no tag, makes the whole list invalid, since
// two readers could take two meanings from it. Octets above 0x7e may stand in values (RFC 8616).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"

namespace postern::dkim {

constexpr std::size_t longest_tag_list = 16'384;  // z= copies header fields; honest rest: 2 KiB
constexpr std::size_t most_tags = 64;

struct Tag {
  std::string_view name;   // case counts
  std::string_view value;  // trimmed; may be folded inside
  std::string_view raw;    // all between "=" and ";" or the end
};

class TagList {
 public:
  /// The tags are views into `text`.
  static Result<TagList> parse(std::string_view text);

  const Tag* find(std::string_view name) const;
  /// The trimmed value; nothing is an empty view with a null pointer.
  std::string_view value(std::string_view name) const;
  const std::vector<Tag>& tags() const { return tags_; }

 private:
  std::vector<Tag> tags_;
};

/// Without any white space: base64 and lists may be folded at any place.
std::string without_space(std::string_view text);

/// The pieces between colons, trimmed, in lower case: h=, q=, t= of a key.
std::vector<std::string> colon_list(std::string_view text);

}  // namespace postern::dkim
