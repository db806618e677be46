// shape.h — who fills the queue, and since when: qshape's table, counted in one pass.
//
// A row for each destination domain (or sender, client, reason), a column for each age. A message
// counts once for each domain that it still has recipients in; the row TOTAL counts messages. No
// I/O here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/queue/spool.h"

namespace postern {

class Shape {
 public:
  enum class By : std::uint8_t { destination, sender, client, reason };
  /// Nothing for another name.
  static std::optional<By> by_name(std::string_view name);

  Shape(By by, WallTime now) : by_(by), now_(now) {}

  /// All messages must be added within one call of look_at_all, or each with recipients_key 0.
  void add(const MessageSummary& message, std::string_view reason);

  std::uint64_t messages() const { return total_; }
  /// TSV with a heading, TOTAL first, then the `top` largest.
  std::string table(std::size_t top) const;
  std::string json_lines(std::size_t top) const;

 private:
  static constexpr std::size_t columns = 10;
  using Ages = std::array<std::uint32_t, columns>;
  struct Row {
    std::string key;
    Ages ages{};
    std::uint64_t last = 0;  // the number of the message that was counted last
    std::uint64_t total() const;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::size_t column_of(WallTime arrival) const;
  std::uint32_t row_of(std::string_view key);
  void count(std::uint32_t row, std::size_t column);
  void add_destinations(const MessageSummary& message, std::size_t column);
  std::vector<const Row*> largest(std::size_t top) const;

  By by_;
  WallTime now_;
  std::uint64_t total_ = 0;
  Ages all_{};
  std::vector<Row> rows_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::vector<std::uint32_t> known_;  // by recipients_key: its row and one; 0: not yet known
};

}  // namespace postern
