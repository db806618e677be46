// checkpoint_entry.h — one message of the index to octets and back, for the checkpoint.
//
// A text that several messages share is written once, with a number; the others name the number.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/queue/index.h"
#include "gateway/queue/octets.h"

namespace postern {

class CheckpointEncoder {
 public:
  /// Within one walk over the index, since only then a text keeps its number.
  void add(const Index::Known& known, std::string& out);

 private:
  void text(const Index::Text& text, OctetWriter& to);

  std::vector<bool> written_;  // by number of the text
};

class CheckpointDecoder {
 public:
  explicit CheckpointDecoder(Index& index) : index_(index) {}
  /// Puts all messages in the octets into the index; false where they are nothing that add() made.
  bool take(std::string_view octets);

 private:
  bool take_one(OctetReader& from);
  std::string_view text(OctetReader& from);
  void put();

  static constexpr std::size_t batch = 16;

  Index& index_;
  std::unordered_map<std::uint32_t, std::string> shared_;
  std::vector<Index::Known> batch_;
  std::array<std::string, batch> states_;  // of the messages in batch_
  bool good_ = true;
};

}  // namespace postern
