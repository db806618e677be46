// posix_disk.cc — the real Disk: system calls relative to one directory descriptor.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>

#include "gateway/base/unique_fd.h"
#include "gateway/queue/disk.h"

namespace postern {

namespace {

constexpr mode_t file_mode = 0600;  // mail is nobody else's business
constexpr mode_t directory_mode = 0700;

/// The pieces from (`index`, `skip` octets into it) on, as many as one call takes.
std::size_t fill(std::array<iovec, IOV_MAX>& vectors, std::span<const std::string_view> pieces,
                 std::size_t index, std::size_t skip) {
  std::size_t count = 0;
  for (; index < pieces.size() && count < vectors.size(); ++index, skip = 0) {
    const auto piece = pieces[index].substr(skip);
    if (!piece.empty()) vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
  }
  return count;
}

/// A full quota is a full disk, for everybody who asks.
std::unexpected<Error> fail_write(std::string what) {
  return fail_errno(std::move(what), errno == EDQUOT ? ENOSPC : errno);
}

class PosixFile final : public DiskFile {
 public:
  PosixFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<> write(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    TRY(still_good());
    std::array<iovec, IOV_MAX> vectors;
    std::size_t index = 0;
    std::size_t skip = 0;
    for (;;) {
      const std::size_t count = fill(vectors, pieces, index, skip);
      if (count == 0) return {};
      const auto written =
          ::pwritev(fd_.get(), vectors.data(), static_cast<int>(count), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail_write("writing " + path_);
      offset += static_cast<std::uint64_t>(written);
      skip += static_cast<std::size_t>(written);
      while (index < pieces.size() && skip >= pieces[index].size()) skip -= pieces[index++].size();
    }
  }

  Result<> sync() override {
    TRY(still_good());
    if (::fdatasync(fd_.get()) == 0) return {};
    // Linux reports a failed write-back once and marks the pages clean: a second fdatasync would
    // succeed without the octets being anywhere. So the answer is remembered.
    const int number = errno;
    sync_error_ = number;
    return fail_errno("syncing " + path_, number);
  }

  Result<std::string> read(std::uint64_t offset, std::size_t length) const override {
    std::string out;
    bool end = false;
    int number = 0;
    // Not by the size that it is given: libstdc++ 12 gives the capacity, which may be more.
    out.resize_and_overwrite(length, [&](char* buffer, std::size_t) {
      std::size_t have = 0;
      while (have < length && !end) {
        const auto got =
            ::pread(fd_.get(), buffer + have, length - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) number = errno;
        end = got <= 0;
        if (!end) have += static_cast<std::size_t>(got);
      }
      return have;
    });
    if (number != 0) return fail_errno("reading " + path_, number);
    return out;
  }

  Result<std::uint64_t> size() const override {
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) return fail_errno("looking at " + path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<> truncate(std::uint64_t size) override {
    TRY(still_good());
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0)
      return fail_errno("truncating " + path_);
    return {};
  }

  Result<> reserve(std::uint64_t size) override {
    TRY(still_good());
    for (;;) {
      if (::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) == 0) return {};
      if (errno == EINTR) continue;
      return fail_write("reserving space for " + path_);
    }
  }

 private:
  Result<> still_good() const {
    const int number = sync_error_;
    if (number == 0) return {};
    return fail_errno(path_ + " was given up after a failed sync", number);
  }

  UniqueFd fd_;
  std::string path_;
  std::atomic<int> sync_error_ = 0;
};

class PosixDisk final : public Disk {
 public:
  explicit PosixDisk(UniqueFd root) : root_(std::move(root)) {}

  Result<std::unique_ptr<DiskFile>> create(const std::string& path) override {
    return open_file(path, O_RDWR | O_CREAT | O_EXCL, "creating ");
  }

  Result<std::unique_ptr<DiskFile>> open(const std::string& path) override {
    return open_file(path, O_RDWR, "opening ");
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    TRY(UniqueFd fd, open_directory(directory));
    DIR* stream = ::fdopendir(fd.get());
    if (stream == nullptr) return fail_errno("listing " + directory);
    fd.release();  // the stream owns it now

    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int number = errno;
    ::closedir(stream);
    if (number != 0) return fail_errno("listing " + directory, number);
    return names;
  }

  Result<> make_directory(const std::string& path) override {
    if (::mkdirat(root_.get(), path.c_str(), directory_mode) != 0 && errno != EEXIST) {
      return fail_errno("creating " + path);
    }
    return {};
  }

  Result<> rename(const std::string& from, const std::string& to) override {
    if (::renameat(root_.get(), from.c_str(), root_.get(), to.c_str()) != 0) {
      return fail_errno("renaming " + from + " to " + to);
    }
    return {};
  }

  Result<> remove(const std::string& path) override {
    if (::unlinkat(root_.get(), path.c_str(), 0) != 0) return fail_errno("removing " + path);
    return {};
  }

  Result<> sync_directory(const std::string& directory) override {
    TRY(const UniqueFd fd, open_directory(directory));
    if (::fsync(fd.get()) != 0) return fail_errno("syncing directory " + directory);
    return {};
  }

  Result<std::uint64_t> free_space() override {
    struct statvfs status{};
    if (::fstatvfs(root_.get(), &status) != 0) return fail_errno("asking for free space");
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }

  Result<> lock(const std::string& path) override {
    UniqueFd fd(
        ::openat(root_.get(), path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, file_mode));
    if (!fd) return fail_errno("opening " + path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return fail_errno("locking " + path);
      return fail(std::errc::device_or_resource_busy, "another gateway uses this spool");
    }
    lock_ = std::move(fd);
    return {};
  }

 private:
  Result<std::unique_ptr<DiskFile>> open_file(const std::string& path, int flags,
                                              std::string_view verb) {
    UniqueFd fd(::openat(root_.get(), path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, file_mode));
    if (!fd) return fail_write(std::string(verb) + path);
    return std::make_unique<PosixFile>(std::move(fd), path);
  }

  Result<UniqueFd> open_directory(const std::string& path) {
    UniqueFd fd(
        ::openat(root_.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return fail_errno("opening directory " + path);
    return fd;
  }

  UniqueFd root_;
  UniqueFd lock_;
};

}  // namespace

Result<std::unique_ptr<Disk>> open_disk(const std::string& directory) {
  UniqueFd root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail_errno("opening spool directory " + directory);
  return std::make_unique<PosixDisk>(std::move(root));
}

}  // namespace postern
