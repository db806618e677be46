#include "policies/lmdb_map.h"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <mutex>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

struct CloseEnvironment {
  void operator()(MDB_env* environment) const { mdb_env_close(environment); }
};
struct AbortTransaction {
  void operator()(MDB_txn* transaction) const { mdb_txn_abort(transaction); }
};
using Environment = std::unique_ptr<MDB_env, CloseEnvironment>;
using Transaction = std::unique_ptr<MDB_txn, AbortTransaction>;

/// The shared lock that postmap's exclusive one excludes. It belongs to the descriptor, not to the
/// process, so that closing another descriptor of the file does not drop it.
class ReadLock {
 public:
  explicit ReadLock(int fd) : fd_(fd) { held_ = set(F_RDLCK); }
  ~ReadLock() {
    if (held_) set(F_UNLCK);
  }
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;
  bool held() const { return held_; }

 private:
  bool set(short type) const {
    struct flock lock{};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return ::fcntl(fd_, F_OFD_SETLK, &lock) == 0;
  }

  int fd_;
  bool held_ = false;
};

std::unexpected<Error> lmdb_error(const std::string& name, int status) {
  return fail(std::errc::io_error, name + ": " + mdb_strerror(status));
}

class LmdbMap final : public Map {
 public:
  LmdbMap(std::string name, Environment environment, MDB_dbi table, std::size_t size)
      : Map(std::move(name)), environment_(std::move(environment)), table_(table), size_(size) {}

  Found find(std::string_view key) const override {
    const std::string folded = to_lower(key);
    if (folded.empty() || folded.size() + 1 > longest_key()) return std::nullopt;
    const std::lock_guard guard(mutex_);
    int fd = -1;
    mdb_env_get_fd(environment_.get(), &fd);
    const ReadLock lock(fd);
    if (!lock.held()) {
      return fail(std::errc::resource_unavailable_try_again,
                  name() + ": the table is being rewritten; it will answer when that is done");
    }
    Transaction transaction;
    TRY(begin(transaction));
    // Postfix's postmap writes keys with or without a final NUL, depending on the platform.
    for (const std::size_t length : {folded.size(), folded.size() + 1}) {
      MDB_val wanted{length, const_cast<char*>(folded.c_str())};
      MDB_val value{};
      const int status = mdb_get(transaction.get(), table_, &wanted, &value);
      if (status == MDB_NOTFOUND) continue;
      if (status != 0) return lmdb_error(name(), status);
      std::string_view text(static_cast<const char*>(value.mv_data), value.mv_size);
      if (text.ends_with('\0')) text.remove_suffix(1);
      return std::string(text);
    }
    return std::nullopt;
  }
  bool searches_whole_key() const override { return false; }
  std::size_t size() const override { return size_; }

 private:
  std::size_t longest_key() const {
    return static_cast<std::size_t>(mdb_env_get_maxkeysize(environment_.get()));
  }

  Result<> begin(Transaction& transaction) const {
    MDB_txn* started = nullptr;
    int status = mdb_txn_begin(environment_.get(), nullptr, MDB_RDONLY, &started);
    if (status == MDB_MAP_RESIZED) {  // a writer has enlarged it: take over the new size
      mdb_env_set_mapsize(environment_.get(), 0);
      status = mdb_txn_begin(environment_.get(), nullptr, MDB_RDONLY, &started);
    }
    if (status != 0) return lmdb_error(name(), status);
    transaction.reset(started);
    return {};
  }

  Environment environment_;
  MDB_dbi table_;
  std::size_t size_;
  mutable std::mutex mutex_;  // one lock on the file a process; held for microseconds
};

}  // namespace

Result<std::shared_ptr<const Map>> open_lmdb_map(const std::string& path, std::string name) {
  const std::string database = path + ".lmdb";
  const std::string& file = ::access(database.c_str(), F_OK) == 0 ? database : path;
  if (::access(file.c_str(), R_OK) != 0) {
    return fail_errno("cannot read " + file + " (make it with: postmap lmdb:" + path + ")");
  }
  MDB_env* created = nullptr;
  if (const int status = mdb_env_create(&created); status != 0) return lmdb_error(name, status);
  Environment environment(created);
  constexpr unsigned flags = MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK;
  if (const int status = mdb_env_open(created, file.c_str(), flags, 0); status != 0) {
    return fail(std::errc::invalid_argument,
                file + ": " + mdb_strerror(status) + "; make it with: postmap lmdb:" + path);
  }
  MDB_txn* started = nullptr;
  int status = mdb_txn_begin(created, nullptr, MDB_RDONLY, &started);
  if (status != 0) return lmdb_error(file, status);
  Transaction transaction(started);
  MDB_dbi table = 0;
  MDB_stat statistics{};
  status = mdb_dbi_open(started, nullptr, 0, &table);
  if (status == 0) status = mdb_stat(started, table, &statistics);
  if (status == 0) status = mdb_txn_commit(transaction.release());
  if (status != 0) return lmdb_error(file, status);
  return std::make_shared<LmdbMap>(std::move(name), std::move(environment), table,
                                   statistics.ms_entries);
}

}  // namespace postern
