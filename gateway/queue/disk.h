// disk.h — the only door to files below the spool directory.
//
// Real: system calls. Simulated (tests/support): keeps written and synced states apart and can
// produce every state that a crash may legally leave. All paths are relative to the spool
// directory, which itself is ".". Every method is thread-safe for distinct files; of one file,
// octets may be read while others are written.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"

namespace postern {

class DiskFile {
 public:
  virtual ~DiskFile() = default;
  /// Writes all pieces at `offset`, in order; a short write is continued, an error is final.
  virtual Result<> write(std::uint64_t offset, std::span<const std::string_view> pieces) = 0;
  /// fdatasync: what was written and the size are on stable storage. An error is sticky: the file
  /// must not be written or synced again, since the kernel may have dropped the dirty pages.
  virtual Result<> sync() = 0;
  /// Up to `length` octets from `offset`; shorter only at the end of the file.
  virtual Result<std::string> read(std::uint64_t offset, std::size_t length) const = 0;
  virtual Result<std::uint64_t> size() const = 0;
  virtual Result<> truncate(std::uint64_t size) = 0;
  /// Reserves space so that later writes cannot fail for lack of it; does not change the size.
  /// operation_not_supported where the file system cannot do it.
  virtual Result<> reserve(std::uint64_t size) = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<DiskFile>> create(const std::string& path) = 0;  // must not exist
  virtual Result<std::unique_ptr<DiskFile>> open(const std::string& path) = 0;    // must exist
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  virtual Result<> make_directory(const std::string& path) = 0;  // existing is no error
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<> remove(const std::string& path) = 0;
  /// Names created, renamed or removed in `directory` before are on stable storage.
  virtual Result<> sync_directory(const std::string& directory) = 0;
  /// Octets that an unprivileged writer may still use.
  virtual Result<std::uint64_t> free_space() = 0;
  /// Exclusive for the life of the object: a second gateway on the spool is refused (fault F06).
  virtual Result<> lock(const std::string& path) = 0;
};

/// The real one. `directory` must exist.
Result<std::unique_ptr<Disk>> open_disk(const std::string& directory);

}  // namespace postern
