// token_store.h — what has been learnt, as a scan asks for it.
//
// An interface, since this library does no I/O: the database is behind it, and tests put a table
// there. Several threads may ask at once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rules/bayes/token.h"

namespace postern {

/// How many messages were learnt.
struct LearntMessages {
  std::uint64_t spam = 0;
  std::uint64_t ham = 0;
};

/// In how many messages of each kind a token was, and when it was of use last (seconds since 1970).
struct TokenCounts {
  std::uint32_t spam = 0;
  std::uint32_t ham = 0;
  std::uint32_t last_used = 0;
  bool operator==(const TokenCounts&) const = default;
};

class TokenStore {
 public:
  virtual ~TokenStore() = default;

  /// Nothing where the database cannot be read.
  virtual std::optional<LearntMessages> messages() const = 0;
  /// The messages and the counts of `tokens` (ascending) in one state of the database. `counts`
  /// gets as many entries as there are tokens: zeros for those that were never learnt.
  virtual std::optional<LearntMessages> look_up(std::span<const Token> tokens,
                                                std::vector<TokenCounts>& counts) const = 0;
  /// Whether a message of that name was learnt; false where the database cannot be read.
  virtual bool remembers(std::string_view message_id) const = 0;
};

}  // namespace postern
