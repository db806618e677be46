// token_database.h — what was learnt, on disk: the side that writes, and reads all of it.
//
// A folder with an LMDB environment (FORMAT.md). Writers exclude each other; a change is seen whole
// or not at all, and survives a power cut once commit() has returned. Scans read without a lock
// (token_lookup.h): for them commits keep a second's distance, which commit() waits for.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/bayes/lmdb.h"
#include "rules/bayes/token_store.h"

namespace postern {

/// Times in seconds since 1970.
struct DatabaseState {
  LearntMessages messages;
  std::uint64_t last_expiry = 0;     // 0: never
  std::uint64_t last_age = 0;        // tokens older than that, in seconds, went then
  std::uint64_t last_reduction = 0;  // so many of them
};

/// What `postern bayes dump --magic` shows.
struct DatabaseSummary {
  DatabaseState state;
  std::uint64_t tokens = 0;
  std::uint32_t oldest = 0;
  std::uint32_t newest = 0;
};

class TokenDatabase {
 public:
  enum class Access : std::uint8_t { read, write };
  static constexpr std::chrono::milliseconds usual_pace{1000};

  /// `write` makes the folder where there is none. `pace`: the distance of commits.
  static Result<TokenDatabase> open(const std::string& folder, Access access,
                                    std::chrono::milliseconds pace = usual_pace);

  /// One transaction; given up unless it is committed. One at a time in a process.
  class Change;
  Result<Change> begin();

  using SeeToken = std::function<Result<>(Token token, const TokenCounts& counts)>;
  using SeeMessage = std::function<Result<>(std::string_view message_id, bool spam)>;
  /// All tokens and then all messages that were learnt, in one state of the database.
  Result<> read_all(const SeeToken& token, const SeeMessage& message);
  Result<DatabaseSummary> summary();
  const std::string& folder() const { return folder_; }

 private:
  TokenDatabase(std::string folder, lmdb::Environment environment, lmdb::Tables tables,
                std::chrono::milliseconds pace);
  Result<lmdb::Transaction> read() const;

  std::string folder_;
  lmdb::Environment environment_;
  lmdb::Tables tables_;
  std::chrono::milliseconds pace_;
};

class TokenDatabase::Change {
 public:
  /// Whether a message was learnt as spam (true) or ham; nothing for others.
  Result<std::optional<bool>> seen(std::string_view message_id) const;
  Result<> set_seen(std::string_view message_id, bool spam);
  Result<> forget_seen(std::string_view message_id);

  /// Adds to the counts of each token; they do not fall below 0, and a token without counts goes.
  /// `used`: seconds since 1970; the last use never moves back.
  Result<> count(std::span<const Token> tokens, int spam, int ham, std::uint32_t used);
  /// Puts a token's counts in the place of others.
  Result<> put(Token token, const TokenCounts& counts);
  Result<> remove(Token token);
  Result<> count_messages(int spam, int ham);

  Result<DatabaseState> state() const;
  Result<> set_state(const DatabaseState& state);
  /// Empties everything.
  Result<> clear();
  Result<std::uint64_t> tokens() const;
  Result<> each_token(const SeeToken& see) const;

  Result<> commit();

 private:
  friend class TokenDatabase;
  Change(const TokenDatabase& database, lmdb::Transaction transaction)
      : database_(&database), transaction_(std::move(transaction)) {}
  Result<> check(int status) const;

  const TokenDatabase* database_;
  lmdb::Transaction transaction_;
};

}  // namespace postern
