// text_map.h — tables of exact keys in memory: hash:, texthash: and inline:.
//
// All entries lie in one piece of memory, 16 octets each beside their text: a million recipients
// of 30 octets take some 55 MB, and a question costs one hash and, mostly, one comparison.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "policies/map.h"

namespace postern {

/// An append-only table from text to text. Keys are compared octet by octet.
class CompactTable {
 public:
  enum class Added { yes, duplicate, full };  // full: 4 GiB of text
  Added add(std::string_view key, std::string_view value, std::uint32_t line);
  std::optional<std::string_view> find(std::string_view key) const;
  std::size_t size() const { return size_; }

  struct Entry {
    std::string_view key;
    std::string_view value;
    std::uint32_t line = 0;
  };
  /// Walks over the entries in their order: start with cursor 0.
  std::optional<Entry> next(std::size_t& cursor) const;

 private:
  Entry entry_at(std::size_t offset) const;
  std::size_t slot_of(std::string_view key) const;
  void grow();

  std::string text_;                  // entries: three lengths and numbers, key, value
  std::vector<std::uint32_t> slots_;  // offset + 1 into text_, 0 = empty; open addressing
  std::size_t size_ = 0;
};

/// "key white-space value" a line; a key may contain blanks between double quotes, as in
/// "john doe"@example.org, and keeps the quotes. Keys are folded to lower case. A second entry for
/// a key is a problem; the first one stays. `name` is the map's, `file` the one in problems.
std::shared_ptr<const Map> parse_text_map(std::string_view source, std::string name,
                                          const std::string& file, std::vector<Problem>& problems);

/// "{ {key = value with blanks}, key=value ... }".
Result<std::shared_ptr<const Map>> parse_inline_map(std::string_view argument, std::string name);

}  // namespace postern
