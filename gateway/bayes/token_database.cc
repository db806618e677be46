#include "gateway/bayes/token_database.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <thread>

#include "rules/bayes/backup.h"

namespace postern {
namespace {

constexpr std::size_t largest_database = std::size_t{1} << 30;  // address space, not disk
constexpr std::size_t longest_key = 500;                        // LMDB's own limit is 511
constexpr std::size_t counts_octets = 12;
constexpr std::size_t state_fields = 5;
constexpr std::string_view state_name = "state";

MDB_val value_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string_view text_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

template <class Number>
void put_number(char* at, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<char>(value >> (8 * i) & 0xff);
}
template <class Number>
Number get_number(const char* at) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value |= static_cast<Number>(static_cast<unsigned char>(at[i])) << (8 * i);
  return value;
}

std::array<char, counts_octets> record_of(const TokenCounts& counts) {
  std::array<char, counts_octets> record;
  put_number(record.data(), counts.spam);
  put_number(record.data() + 4, counts.ham);
  put_number(record.data() + 8, counts.last_used);
  return record;
}

DatabaseState read_state(MDB_txn* transaction, const lmdb::Tables& tables) {
  MDB_val key = value_of(state_name);
  MDB_val record{};
  if (mdb_get(transaction, tables.state, &key, &record) != 0 || record.mv_size != 8 * state_fields)
    return {};
  const char* at = text_of(record).data();
  const auto field = [at](std::size_t i) { return get_number<std::uint64_t>(at + 8 * i); };
  return {{field(0), field(1)}, field(2), field(3), field(4)};
}

std::uint32_t changed(std::uint32_t count, int by) {
  const auto sum = static_cast<std::int64_t>(count) + by;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(sum, 0, UINT32_MAX));
}
std::uint64_t changed(std::uint64_t count, int by) {
  if (by < 0 && count < static_cast<std::uint64_t>(-by)) return 0;
  return count + static_cast<std::uint64_t>(by);
}

Result<> each_entry(MDB_txn* transaction, MDB_dbi table, const std::string& name,
                    const std::function<Result<>(const MDB_val&, const MDB_val&)>& see) {
  MDB_cursor* opened = nullptr;
  TRY(lmdb::check(mdb_cursor_open(transaction, table, &opened), name));
  const lmdb::Cursor cursor(opened);
  MDB_val key{}, value{};
  int status = 0;
  while ((status = mdb_cursor_get(opened, &key, &value, MDB_NEXT)) == 0) TRY(see(key, value));
  if (status == MDB_NOTFOUND) return {};
  return lmdb::check(status, name);
}

Result<> each_token_of(MDB_txn* transaction, const lmdb::Tables& tables, const std::string& name,
                       const TokenDatabase::SeeToken& see) {
  return each_entry(transaction, tables.tokens, name,
                    [&](const MDB_val& key, const MDB_val& record) -> Result<> {
                      Token token = 0;
                      for (const char c : text_of(key))
                        token = token << 8 | static_cast<unsigned char>(c);
                      return see(token, lmdb::read_counts(record));
                    });
}

}  // namespace

namespace lmdb {

Result<Tables> open_tables(MDB_txn* transaction, unsigned flags, const std::string& name) {
  Tables tables;
  TRY(check(mdb_dbi_open(transaction, "tokens", flags, &tables.tokens), name));
  TRY(check(mdb_dbi_open(transaction, "seen", flags, &tables.seen), name));
  TRY(check(mdb_dbi_open(transaction, "state", flags, &tables.state), name));
  return tables;
}

TokenKey::TokenKey(Token token) {
  for (std::size_t i = 0; i < token_octets; ++i)
    octets[i] = static_cast<unsigned char>(token >> (8 * (token_octets - 1 - i)) & 0xff);
}

std::string seen_key(std::string_view message_id) {
  if (message_id.size() <= longest_key) return std::string(message_id);
  return std::string(message_id.substr(0, longest_key - 2 * token_octets)) +
         hex_token(token_of(message_id));
}

TokenCounts read_counts(const MDB_val& record) {
  if (record.mv_size != counts_octets) return {};
  const char* at = text_of(record).data();
  return {get_number<std::uint32_t>(at), get_number<std::uint32_t>(at + 4),
          get_number<std::uint32_t>(at + 8)};
}

LearntMessages read_messages(MDB_txn* transaction, const Tables& tables) {
  return read_state(transaction, tables).messages;
}

}  // namespace lmdb

namespace {

/// What root has made in a folder of another belongs to that one, so that a gateway without root
/// can learn into it.
void give_to_owner(const std::string& folder) {
  if (::geteuid() != 0) return;
  struct stat owner{};
  if (::stat(folder.c_str(), &owner) != 0) return;
  for (const auto* const name : {lmdb::data_file, "/lock.mdb"}) {
    struct stat file{};
    const std::string path = folder + name;
    if (::lstat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) && file.st_uid != owner.st_uid)
        [[maybe_unused]]
      const int ignored = ::lchown(path.c_str(), owner.st_uid, owner.st_gid);
  }
}

}  // namespace

TokenDatabase::TokenDatabase(std::string folder, lmdb::Environment environment, lmdb::Tables tables,
                             std::chrono::milliseconds pace)
    : folder_(std::move(folder)),
      environment_(std::move(environment)),
      tables_(tables),
      pace_(pace) {}

Result<TokenDatabase> TokenDatabase::open(const std::string& folder, Access access,
                                          std::chrono::milliseconds pace) {
  const bool writes = access == Access::write;
  std::error_code error;
  if (writes) std::filesystem::create_directories(folder, error);
  if (error) return fail_errno("cannot make " + folder, error.value());
  MDB_env* created = nullptr;
  TRY(lmdb::check(mdb_env_create(&created), folder));
  lmdb::Environment environment(created);
  TRY(lmdb::check(mdb_env_set_maxdbs(created, lmdb::number_of_tables), folder));
  TRY(lmdb::check(mdb_env_set_mapsize(created, largest_database), folder));
  const unsigned flags = MDB_NOTLS | (writes ? 0 : MDB_RDONLY);
  constexpr mdb_mode_t mode = 0644;  // scan workers read under a uid of their own
  TRY(lmdb::check(mdb_env_open(created, folder.c_str(), flags, mode),
                  "cannot open the Bayes database " + folder));
  if (writes) give_to_owner(folder);
  MDB_txn* started = nullptr;
  TRY(lmdb::check(mdb_txn_begin(created, nullptr, writes ? 0 : MDB_RDONLY, &started), folder));
  lmdb::Transaction transaction(started);
  TRY(const auto tables, lmdb::open_tables(started, writes ? MDB_CREATE : 0, folder));
  TRY(lmdb::check(mdb_txn_commit(transaction.release()), folder));
  return TokenDatabase(folder, std::move(environment), tables, pace);
}

Result<TokenDatabase::Change> TokenDatabase::begin() {
  MDB_txn* started = nullptr;
  TRY(lmdb::check(mdb_txn_begin(environment_.get(), nullptr, 0, &started), folder_));
  return Change(*this, lmdb::Transaction(started));
}

Result<lmdb::Transaction> TokenDatabase::read() const {
  MDB_txn* started = nullptr;
  TRY(lmdb::check(mdb_txn_begin(environment_.get(), nullptr, MDB_RDONLY, &started), folder_));
  return lmdb::Transaction(started);
}

Result<> TokenDatabase::read_all(const SeeToken& token, const SeeMessage& message) {
  TRY(const auto transaction, read());
  TRY(each_token_of(transaction.get(), tables_, folder_, token));
  return each_entry(transaction.get(), tables_.seen, folder_,
                    [&](const MDB_val& key, const MDB_val& value) -> Result<> {
                      const auto kind = text_of(value);
                      if (kind.empty()) return {};
                      const auto id = kind.size() > 1 ? kind.substr(1) : text_of(key);
                      return message(id, kind[0] == 's');
                    });
}

Result<DatabaseSummary> TokenDatabase::summary() {
  DatabaseSummary summary;
  TRY(const auto transaction, read());
  summary.state = read_state(transaction.get(), tables_);
  const auto see = [&](Token, const TokenCounts& counts) -> Result<> {
    summary.oldest =
        summary.tokens == 0 ? counts.last_used : std::min(summary.oldest, counts.last_used);
    summary.newest = std::max(summary.newest, counts.last_used);
    ++summary.tokens;
    return {};
  };
  TRY(each_token_of(transaction.get(), tables_, folder_, see));
  return summary;
}

using Change = TokenDatabase::Change;

Result<> Change::check(int status) const { return lmdb::check(status, database_->folder_); }

Result<std::optional<bool>> Change::seen(std::string_view message_id) const {
  if (message_id.empty()) return std::optional<bool>();
  const auto name = lmdb::seen_key(message_id);
  MDB_val key = value_of(name);
  MDB_val value{};
  const int status = mdb_get(transaction_.get(), database_->tables_.seen, &key, &value);
  if (status == MDB_NOTFOUND) return std::optional<bool>();
  TRY(check(status));
  return std::optional<bool>(text_of(value).starts_with('s'));
}

Result<> Change::set_seen(std::string_view message_id, bool spam) {
  if (message_id.empty()) return {};
  const auto name = lmdb::seen_key(message_id);
  std::string kind(1, spam ? 's' : 'h');
  if (name != message_id) kind += message_id;
  MDB_val key = value_of(name);
  MDB_val value = value_of(kind);
  return check(mdb_put(transaction_.get(), database_->tables_.seen, &key, &value, 0));
}

Result<> Change::forget_seen(std::string_view message_id) {
  if (message_id.empty()) return {};
  const auto name = lmdb::seen_key(message_id);
  MDB_val key = value_of(name);
  const int status = mdb_del(transaction_.get(), database_->tables_.seen, &key, nullptr);
  return status == MDB_NOTFOUND ? Result<>() : check(status);
}

Result<> Change::count(std::span<const Token> tokens, int spam, int ham, std::uint32_t used) {
  for (const Token token : tokens) {
    lmdb::TokenKey name(token);
    MDB_val key = name.value();
    MDB_val record{};
    const int status = mdb_get(transaction_.get(), database_->tables_.tokens, &key, &record);
    if (status != MDB_NOTFOUND) TRY(check(status));
    auto counts = status == 0 ? lmdb::read_counts(record) : TokenCounts{};
    counts.spam = changed(counts.spam, spam);
    counts.ham = changed(counts.ham, ham);
    counts.last_used = std::max(counts.last_used, used);
    if (counts.spam != 0 || counts.ham != 0) {
      TRY(put(token, counts));
    } else if (status == 0) {
      TRY(remove(token));
    }
  }
  return {};
}

Result<> Change::put(Token token, const TokenCounts& counts) {
  lmdb::TokenKey name(token);
  MDB_val key = name.value();
  const auto record = record_of(counts);
  MDB_val value = value_of({record.data(), record.size()});
  return check(mdb_put(transaction_.get(), database_->tables_.tokens, &key, &value, 0));
}

Result<> Change::remove(Token token) {
  lmdb::TokenKey name(token);
  MDB_val key = name.value();
  const int status = mdb_del(transaction_.get(), database_->tables_.tokens, &key, nullptr);
  return status == MDB_NOTFOUND ? Result<>() : check(status);
}

Result<> Change::count_messages(int spam, int ham) {
  TRY(auto now, state());
  now.messages.spam = changed(now.messages.spam, spam);
  now.messages.ham = changed(now.messages.ham, ham);
  return set_state(now);
}

Result<DatabaseState> Change::state() const {
  return read_state(transaction_.get(), database_->tables_);
}

Result<> Change::set_state(const DatabaseState& state) {
  std::array<char, 8 * state_fields> record;
  const std::array<std::uint64_t, state_fields> fields{state.messages.spam, state.messages.ham,
                                                       state.last_expiry, state.last_age,
                                                       state.last_reduction};
  for (std::size_t i = 0; i < fields.size(); ++i) put_number(record.data() + 8 * i, fields[i]);
  MDB_val key = value_of(state_name);
  MDB_val value = value_of({record.data(), record.size()});
  return check(mdb_put(transaction_.get(), database_->tables_.state, &key, &value, 0));
}

Result<> Change::clear() {
  for (const auto table :
       {database_->tables_.tokens, database_->tables_.seen, database_->tables_.state})
    TRY(check(mdb_drop(transaction_.get(), table, 0)));
  return {};
}

Result<std::uint64_t> Change::tokens() const {
  MDB_stat statistics{};
  TRY(check(mdb_stat(transaction_.get(), database_->tables_.tokens, &statistics)));
  return statistics.ms_entries;
}

Result<> Change::each_token(const SeeToken& see) const {
  return each_token_of(transaction_.get(), database_->tables_, database_->folder_, see);
}

Result<> Change::commit() {
  using namespace std::chrono;
  struct stat file{};
  if (::stat((database_->folder_ + lmdb::data_file).c_str(), &file) == 0) {
    const auto last = seconds(file.st_mtim.tv_sec) + nanoseconds(file.st_mtim.tv_nsec);
    const auto since = system_clock::now().time_since_epoch() - last;
    if (since >= nanoseconds(0) && since < database_->pace_)
      std::this_thread::sleep_for(database_->pace_ - since);
  }
  return check(mdb_txn_commit(transaction_.release()));
}

}  // namespace postern
