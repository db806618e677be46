// scratch.h — private directories for workers that need files (libclamav).
//
// <base>/zygote-XXXXXX belongs to one zygote, held by a lock; in it, each worker has a directory of
// its own, and landlock leaves it nothing else. What zygotes left behind that were killed is
// removed when the next one starts.
#pragma once

#include <string>
#include <utility>

#include "gateway/base/result.h"
#include "gateway/base/unique_fd.h"
#include "gateway/worker/privileges.h"

namespace postern {

class Scratch {
 public:
  /// Makes `base` (mode 0700) where it is missing, and a directory of our own in it. As root, they
  /// are given to `owner`; to be called before drop_privileges().
  static Result<Scratch> open(const std::string& base, const Identity& owner);
  Scratch(Scratch&& other) noexcept = default;
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();  // removes our directory with all that is in it

  const std::string& path() const { return path_; }
  Result<std::string> make(const std::string& name) const;
  static void remove(const std::string& directory);

 private:
  Scratch(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  UniqueFd lock_;
};

}  // namespace postern
