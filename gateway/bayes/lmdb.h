// lmdb.h — LMDB's handles with owners, and its errors as ours.
#pragma once

#include <lmdb.h>

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/base/result.h"
#include "rules/bayes/token_store.h"

namespace postern::lmdb {

struct Close {
  void operator()(MDB_env* environment) const { mdb_env_close(environment); }
  void operator()(MDB_txn* transaction) const { mdb_txn_abort(transaction); }
  void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using Environment = std::unique_ptr<MDB_env, Close>;
using Transaction = std::unique_ptr<MDB_txn, Close>;
using Cursor = std::unique_ptr<MDB_cursor, Close>;

inline Result<> check(int status, const std::string& what) {
  if (status == 0) return {};
  if (status == MDB_MAP_FULL)
    return fail(std::errc::no_space_on_device,
                what + ": the database has reached its largest size");
  if (status > 0) return fail_errno(what, status);
  return fail(std::errc::io_error, what + ": " + mdb_strerror(status));
}

/// The tables of a database; FORMAT.md has what is in them.
struct Tables {
  MDB_dbi tokens = 0;
  MDB_dbi seen = 0;
  MDB_dbi state = 0;
};
constexpr unsigned number_of_tables = 3;
constexpr const char* data_file = "/data.mdb";

/// Opens the tables within `transaction`, which must be committed for the handles to stay.
Result<Tables> open_tables(MDB_txn* transaction, unsigned flags, const std::string& name);

/// What a token's key looks like while it lives.
struct TokenKey {
  explicit TokenKey(Token token);
  MDB_val value() { return {token_octets, octets}; }
  unsigned char octets[token_octets];
};
/// A long message id has its beginning and its hash for a key.
std::string seen_key(std::string_view message_id);
/// Zeros for a record of another length.
TokenCounts read_counts(const MDB_val& record);
LearntMessages read_messages(MDB_txn* transaction, const Tables& tables);

}  // namespace postern::lmdb
