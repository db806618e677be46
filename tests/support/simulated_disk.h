// simulated_disk.h — a disk in memory that can lose power at any moment, in every legal way.
//
// Each change is an operation in a history. What a file's sync covers is safe; every write after
// it may be there, be missing, or be there in some of its sectors. Names are safe once their
// directory was synced, independently of the files. crash() builds the disk that is found after
// the first n operations, with the losses that a `Loss` chooses. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gateway/queue/disk.h"

namespace postern {

/// A disk at rest.
struct DiskImage {
  std::map<std::string, std::string> files;  // path to octets
  std::set<std::string> directories;
};

/// What becomes of changes that were not synced.
class Loss {
 public:
  static Loss nothing() { return Loss(Kind::nothing, 0); }
  static Loss everything() { return Loss(Kind::everything, 0); }
  static Loss random(std::uint64_t seed) { return Loss(Kind::random, seed); }

  bool survives();
  /// One of three, for a write: 0 missing, 1 there, 2 torn.
  unsigned write_fate();

 private:
  enum class Kind { nothing, everything, random };
  Loss(Kind kind, std::uint64_t seed) : kind_(kind), random_(seed) {}
  Kind kind_;
  std::mt19937_64 random_;
};

class DiskHistory {
 public:
  enum class Kind {
    create,
    write,
    truncate,
    sync,
    make_directory,
    rename,
    remove,
    sync_directory,
    mark
  };
  struct Operation {
    Kind kind;
    std::uint64_t file = 0;
    std::uint64_t number = 0;  // offset, size, what a mark says, operations that a sync covers
    std::string path, to;      // or the octets written
  };
  /// An operation of that kind on a path beginning so fails, after `after` have worked, `times`
  /// times.
  struct Fault {
    Kind kind;
    std::string path;
    int error = 0;
    unsigned after = 0;
    unsigned times = 1;
  };

  explicit DiskHistory(DiskImage start = {});

  /// Something that the test wants to find again in the order of events.
  void mark(std::string what, std::uint64_t number);
  void inject(Fault fault);
  /// A failed read for every file whose path begins so, until called with "".
  void fail_reads(std::string path);
  void set_capacity(std::uint64_t octets);
  /// Syncs of files whose path begins so do not end until called with "".
  void hold_syncs(std::string path);
  /// Waits until a sync is held.
  void wait_for_held_sync();
  /// Each sync of a file takes so long.
  void slow_syncs(std::chrono::milliseconds time);
  /// Writes or syncs of a file after its sync has failed: must stay 0.
  unsigned forbidden() const;

  std::size_t size() const;
  std::vector<Operation> operations() const;
  DiskImage crash(std::size_t operations, Loss loss) const;
  /// The files as a program sees them now.
  DiskImage now() const;

 private:
  friend class SimulatedFile;
  friend class SimulatedDisk;
  struct File {
    std::string octets;
    std::string path;
    std::uint64_t reserved = 0;
    bool sync_failed = false;
  };
  std::optional<Error> fault(Kind kind, const std::string& path);
  void wait_for_sync(std::unique_lock<std::mutex>& lock, const std::string& path);
  bool has_directory(const std::string& path) const;
  std::uint64_t used() const;
  bool fits(std::uint64_t file, std::uint64_t size) const;

  mutable std::mutex mutex_;
  DiskImage start_;
  std::map<std::string, std::uint64_t> start_names_;
  std::vector<Operation> operations_;
  std::vector<File> files_;
  std::map<std::string, std::uint64_t> names_;
  std::set<std::string> directories_;
  std::vector<Fault> faults_;
  std::string unreadable_;
  std::string held_;  // empty: none
  std::size_t waiting_ = 0;
  std::condition_variable changed_;
  std::chrono::milliseconds sync_time_{};
  std::uint64_t capacity_ = 1ULL << 40;
  unsigned forbidden_ = 0;
  bool locked_ = false;
};

std::unique_ptr<Disk> simulated_disk(std::shared_ptr<DiskHistory> history);

}  // namespace postern
