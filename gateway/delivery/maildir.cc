#include "gateway/delivery/maildir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "gateway/base/bytes.h"
#include "gateway/base/unique_fd.h"

namespace postern {
namespace {

constexpr mode_t folder_mode = 0700;
constexpr mode_t message_mode = 0600;

Result<> sync_folder(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno("cannot open " + path);
  if (::fsync(fd.get()) != 0) return fail_errno("cannot sync " + path);
  return {};
}

/// Makes one folder; a new one's name is synced in its parent.
Result<> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), folder_mode) != 0) {
    if (errno == EEXIST) return {};
    return fail_errno("cannot make " + path);
  }
  const auto slash = path.rfind('/');
  return sync_folder(slash == 0 ? "/" : path.substr(0, slash));
}

bool is_clean(const std::string& folder) {
  if (!folder.starts_with('/') || folder.size() < 2 || folder.find('\0') != std::string::npos)
    return false;
  const auto parts = split(std::string_view(folder).substr(1), '/');
  return std::ranges::none_of(
      parts, [](std::string_view p) { return p.empty() || p == "." || p == ".."; });
}

Result<> write_all(int fd, std::span<const std::string_view> pieces, const std::string& path) {
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const ssize_t n = ::write(fd, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno("cannot write " + path);
      piece.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  if (::fsync(fd) != 0) return fail_errno("cannot sync " + path);
  return {};
}

/// link() never replaces a file. File systems without hard links answer EPERM or the like; there
/// the name's uniqueness must do.
Result<> move_into_place(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) {
    ::unlink(from.c_str());  // a name left in tmp/ is swept by every Maildir reader
    return {};
  }
  const bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK;
  if (!no_links) return fail_errno("cannot link " + to);
  if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno("cannot rename to " + to);
  return {};
}

}  // namespace

std::string unique_maildir_name(const std::string& hostname) {
  static std::atomic<std::uint64_t> deliveries{0};
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  std::string host;
  for (const char c : hostname) {
    if (c == '/') {
      host += "\\057";
    } else if (c == ':') {
      host += "\\072";
    } else {
      host += c;
    }
  }
  return fmt::format("{}.M{}P{}Q{}.{}", now / 1000000, now % 1000000, ::getpid(), ++deliveries,
                     host);
}

Result<> make_maildir(const std::string& folder) {
  if (!is_clean(folder)) {
    return fail(std::errc::invalid_argument,
                "not an absolute path without . and ..: " + printable(folder));
  }
  struct stat info{};
  // tmp is made last: where it is, everything is.
  if (::stat((folder + "/tmp").c_str(), &info) == 0) return {};
  for (std::size_t slash = folder.find('/', 1); slash != std::string::npos;
       slash = folder.find('/', slash + 1)) {
    TRY(make_folder(folder.substr(0, slash)));
  }
  TRY(make_folder(folder));
  for (const char* const part : {"/cur", "/new", "/tmp"}) TRY(make_folder(folder + part));
  return {};
}

Result<> write_to_maildir(const std::string& folder, const std::string& name,
                          std::span<const std::string_view> pieces) {
  TRY(make_maildir(folder));
  const std::string temporary = folder + "/tmp/" + name;
  const UniqueFd file(::open(temporary.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, message_mode));
  if (!file) return fail_errno("cannot create " + temporary);
  const std::string final_name = folder + "/new/" + name;
  auto written = write_all(file.get(), pieces, temporary);
  if (written) written = move_into_place(temporary, final_name);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  auto synced = sync_folder(folder + "/new");
  if (!synced) ::unlink(final_name.c_str());  // it will be delivered again: rather once
  return synced;
}

}  // namespace postern
