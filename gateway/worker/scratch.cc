#include "gateway/worker/scratch.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace postern {
namespace {

namespace fs = std::filesystem;

Result<UniqueFd> open_directory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return fail_errno("cannot open the scratch directory " + path);
  return fd;
}

Result<> give_to(const UniqueFd& directory, const Identity& owner) {
  if (::geteuid() != 0) return {};
  if (::fchown(directory.get(), owner.uid, owner.gid) != 0)
    return fail_errno("fchown of the scratch directory");
  return {};
}

// The base may stand where others can write (/var/tmp): one that someone else made is not ours.
Result<> check_owner(const UniqueFd& directory, const std::string& path, const Identity& owner) {
  struct stat status{};
  if (::fstat(directory.get(), &status) != 0) return fail_errno("fstat of " + path);
  const bool ours =
      status.st_uid == ::geteuid() || (::geteuid() == 0 && status.st_uid == owner.uid);
  if (ours && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return fail(
      std::errc::operation_not_permitted,
      path + " belongs to someone else or others may write there: name a directory of our own");
}

void remove_abandoned(const std::string& base) {
  std::error_code ignored;
  for (fs::directory_iterator entry(base, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const std::string path = entry->path().string();
    if (!entry->path().filename().string().starts_with("zygote-")) continue;
    const auto fd = open_directory(path);
    if (fd && ::flock(fd->get(), LOCK_EX | LOCK_NB) == 0) Scratch::remove(path);
  }
}

}  // namespace

Result<Scratch> Scratch::open(const std::string& base, const Identity& owner) {
  std::error_code error;
  fs::create_directories(fs::path(base).parent_path(), error);
  if (::mkdir(base.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail_errno("cannot make the scratch directory " + base);
  }
  TRY(const UniqueFd directory, open_directory(base));
  TRY(check_owner(directory, base, owner));
  TRY(give_to(directory, owner));
  remove_abandoned(base);
  std::string path = base + "/zygote-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return fail_errno("cannot make a directory in " + base);
  TRY(UniqueFd lock, open_directory(path));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return fail_errno("cannot lock " + path);
  TRY(give_to(lock, owner));
  return Scratch(std::move(path), std::move(lock));
}

Scratch::~Scratch() {
  if (lock_) remove(path_);
}

Result<std::string> Scratch::make(const std::string& name) const {
  std::string path = path_ + "/" + name;
  if (::mkdir(path.c_str(), 0700) != 0) return fail_errno("cannot make " + path);
  return path;
}

// remove_all() does not follow links, and a tree that a worker made too deep for it just stays
// until the administrator looks: it is no reason to stop.
void Scratch::remove(const std::string& directory) {
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

}  // namespace postern
