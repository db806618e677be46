// python_parts.h — a message taken apart as Python's email package takes it apart (feedparser.py of
// Python 3.11, policy compat32).
//
// Pyzor computes its digest over what that package finds. rules/parts finds what SpamAssassin
// finds, which for damaged mail is something else, and a digest that differs by an octet is another
// digest. Limits: 100 levels, 10,000 parts; beyond them nothing. Linear in the message at each
// level.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct PythonPart {
  std::string type;                    // lower case, "text/plain"
  std::string field;                   // Content-Type as written, folded
  std::optional<std::string> charset;  // lower case
  std::string transfer_encoding;       // lower case, as written
  std::string_view payload;            // of a leaf: as it is in the message
  bool is_container = false;           // its parts follow it

  std::string_view main_type() const { return std::string_view(type).substr(0, type.find('/')); }
  std::string_view subtype() const { return std::string_view(type).substr(type.find('/') + 1); }
};

/// Depth first, each behind its parent; nothing where a limit is passed.
std::optional<std::vector<PythonPart>> python_parts(std::string_view octets);

}  // namespace postern
