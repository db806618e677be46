#include "gateway/bayes/token_lookup.h"

#include <utility>

#include "gateway/bayes/lmdb.h"

namespace postern {
namespace {

constexpr int attempts = 3;

class TokenLookup final : public TokenStore {
 public:
  TokenLookup(lmdb::Environment environment, lmdb::Tables tables)
      : environment_(std::move(environment)), tables_(tables) {}

  std::optional<LearntMessages> messages() const override {
    std::vector<TokenCounts> none;
    return look_up({}, none);
  }

  std::optional<LearntMessages> look_up(std::span<const Token> tokens,
                                        std::vector<TokenCounts>& counts) const override {
    LearntMessages messages;
    const bool read = in_one_state([&](MDB_txn* transaction) {
      messages = lmdb::read_messages(transaction, tables_);
      return read_counts(transaction, tokens, counts);
    });
    return read ? std::optional(messages) : std::nullopt;
  }

  bool remembers(std::string_view message_id) const override {
    auto name = lmdb::seen_key(message_id);
    bool found = false;
    const bool read = !name.empty() && in_one_state([&](MDB_txn* transaction) {
      MDB_val key{name.size(), name.data()};
      MDB_val record{};
      const int status = mdb_get(transaction, tables_.seen, &key, &record);
      found = status == 0;
      return status == 0 || status == MDB_NOTFOUND;
    });
    return read && found;
  }

 private:
  /// Lets `look` read, again where the state that it looked at was not whole until the end.
  template <class Look>
  bool in_one_state(Look look) const {
    for (int i = 0; i < attempts; ++i) {
      MDB_txn* started = nullptr;
      if (mdb_txn_begin(environment_.get(), nullptr, MDB_RDONLY, &started) != 0) return false;
      const lmdb::Transaction transaction(started);
      if (look(started) && newest_commit() < mdb_txn_id(started) + 2) return true;
    }
    return false;
  }

  std::size_t newest_commit() const {
    MDB_envinfo info{};
    return mdb_env_info(environment_.get(), &info) == 0 ? info.me_last_txnid : SIZE_MAX;
  }

  bool read_counts(MDB_txn* transaction, std::span<const Token> tokens,
                   std::vector<TokenCounts>& counts) const {
    counts.assign(tokens.size(), {});
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      lmdb::TokenKey name(tokens[i]);
      MDB_val key = name.value();
      MDB_val record{};
      const int status = mdb_get(transaction, tables_.tokens, &key, &record);
      if (status == 0) {
        counts[i] = lmdb::read_counts(record);
      } else if (status != MDB_NOTFOUND) {
        return false;
      }
    }
    return true;
  }

  lmdb::Environment environment_;
  lmdb::Tables tables_;
};

}  // namespace

Result<std::unique_ptr<const TokenStore>> open_token_store(const std::string& folder) {
  const std::string what = "cannot read the Bayes database " + folder;
  MDB_env* created = nullptr;
  TRY(lmdb::check(mdb_env_create(&created), what));
  lmdb::Environment environment(created);
  TRY(lmdb::check(mdb_env_set_maxdbs(created, lmdb::number_of_tables), what));
  constexpr unsigned flags = MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS;
  TRY(lmdb::check(mdb_env_open(created, folder.c_str(), flags, 0), what));
  MDB_txn* started = nullptr;
  TRY(lmdb::check(mdb_txn_begin(created, nullptr, MDB_RDONLY, &started), what));
  lmdb::Transaction transaction(started);
  TRY(const auto tables, lmdb::open_tables(started, 0, what));
  TRY(lmdb::check(mdb_txn_commit(transaction.release()), what));
  return std::make_unique<const TokenLookup>(std::move(environment), tables);
}

}  // namespace postern
