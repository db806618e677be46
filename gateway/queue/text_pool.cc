#include "gateway/queue/text_pool.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace postern {

namespace {

// A block: how many users in two octets, in one how many octets at its end are not used, the text.
constexpr std::size_t at_spare = 2;
constexpr std::size_t header = 3;

/// What has had so many users at once is kept for good: less than an octet for each of them, so
/// that this is no leak to speak of, and counts need no more than two octets.
constexpr std::uint16_t most_users = UINT16_MAX;

/// Sizes in steps of a sixteenth: few sizes, and little is wasted.
std::size_t block_size(std::size_t text) {
  const auto size = header + text;
  if (size > BlockArena::largest_shared) return size;
  const auto step = std::max<std::size_t>(std::bit_ceil(size) / 32, 2);
  return (size + step - 1) / step * step;
}

}  // namespace

std::uint16_t TextPool::users(std::uint32_t number) const {
  std::uint16_t out = 0;
  if (number != 0) std::memcpy(&out, blocks_.at(number), sizeof out);
  return out;
}

void TextPool::set_users(std::uint32_t number, std::uint16_t users) {
  std::memcpy(blocks_.at(number), &users, sizeof users);
}

std::string_view TextPool::at(std::uint32_t number) const {
  if (number == 0) return {};
  const char* block = blocks_.at(number);
  const auto spare = static_cast<unsigned char>(block[at_spare]);
  return {block + header, blocks_.size_of(number) - header - spare};
}

std::uint32_t TextPool::add(std::string_view text) {
  if (text.empty()) return 0;
  const auto hash = hash_(text);
  auto& table = shard(hash);
  if (const auto known = table.find(hash, [&](std::uint32_t n) { return at(n) == text; }))
    return again(known);

  const auto size = block_size(text.size());
  const auto number = blocks_.take(size);
  char* block = blocks_.at(number);
  block[at_spare] = static_cast<char>(blocks_.size_of(number) - header - text.size());
  std::memcpy(block + header, text.data(), text.size());
  set_users(number, 1);
  table.add(hash, number, *this);
  ++size_;
  return number;
}

std::uint32_t TextPool::again(std::uint32_t number) {
  const auto before = users(number);
  if (number != 0 && before < most_users) set_users(number, static_cast<std::uint16_t>(before + 1));
  return number;
}

void TextPool::drop(std::uint32_t number) {
  const auto before = users(number);
  if (number == 0 || before == most_users) return;
  set_users(number, static_cast<std::uint16_t>(before - 1));
  if (before > 1) return;
  const auto hash = hash_(at(number));
  shard(hash).remove(hash, number);
  --size_;
  keepers_ > 0 ? forgotten_.push_back(number) : blocks_.give_back(number);
}

void TextPool::prefetch(std::string_view text) const {
  const auto hash = hash_(text);
  shard(hash).prefetch(hash);
}

void TextPool::expect(std::size_t count) {
  for (auto& table : shards_) table.expect(count / shard_count, *this);
}

void TextPool::release_numbers() {
  if (--keepers_ > 0) return;
  for (const auto number : forgotten_) blocks_.give_back(number);
  forgotten_ = {};
}

}  // namespace postern
