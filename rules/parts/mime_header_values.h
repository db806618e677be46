// mime_header_values.h — what a `mimeheader` rule is matched against (Plugin/MIMEHeader.pm).
//
// The named field of every part, the message itself first. The rule stops at the first part that
// hits; with `concat` all values are one text. Decides nothing about matching.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "rules/parts/message_parts.h"

namespace postern {

struct MimeHeaderSource {
  std::string name;  // as written; "ALL", in capitals, means all fields of a part
  bool raw = false;
};

/// "Content-Type", "Content-Type:raw", "ALL"; nothing but :raw may follow the name.
std::expected<MimeHeaderSource, std::string> parse_mime_header_source(std::string_view written);

/// `tflags range=a-b`: numbers of parts, from 1; both included.
struct PartRange {
  std::size_t first = 0;
  std::size_t last = 1000;
};

/// The text behind "range=": "2", "2-", "-3", "2-3"; anything else means all parts, as there.
PartRange parse_part_range(std::string_view text);

struct MimeHeaderQuery {
  MimeHeaderSource source = {};
  PartRange range = {};
  bool concat = false;
  std::string if_unset = {};  // stands for a field that a part has not
};

/// A value a part within the range, in their order; with `concat` exactly one. The last field of
/// the name, decoded, with "\n" behind it; `:raw` as it stands, "" where there is none.
std::vector<std::string> mime_header_values(const MessageParts& parts,
                                            const MimeHeaderQuery& query);

}  // namespace postern
