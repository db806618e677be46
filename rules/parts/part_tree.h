// part_tree.h — how a message becomes parts: boundaries, parts' headers, attached messages
// (Message.pm, parse_body and _parse_multipart).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "rules/parts/message_parts.h"

namespace postern {

struct PartTree {
  std::string_view header;  // of the message itself, pristine
  std::string_view body;
  std::vector<Part> parts;  // depth first; the message itself is [0]
  MessageParts::Flags flags;
};

/// What parts point into is kept in `octets` and in `storage`.
PartTree take_apart(std::string_view octets, std::deque<std::string>& storage);

}  // namespace postern
