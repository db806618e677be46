#include "gateway/worker/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "gateway/base/unique_fd.h"

namespace postern {
namespace {

// The same on every architecture but alpha.
constexpr long sys_create_ruleset = 444;
constexpr long sys_add_rule = 445;
constexpr long sys_restrict_self = 446;
constexpr std::uint32_t create_ruleset_version = 1;
constexpr int rule_path_beneath = 1;

enum Access : std::uint64_t {
  write_file = 1ULL << 1,
  read_file = 1ULL << 2,
  read_directory = 1ULL << 3,
  remove_directory = 1ULL << 4,
  remove_file = 1ULL << 5,
  make_directory = 1ULL << 7,
  make_file = 1ULL << 8,
  truncate_file = 1ULL << 14,
};
constexpr std::uint64_t scratch_access = write_file | read_file | read_directory |
                                         remove_directory | remove_file | make_directory |
                                         make_file | truncate_file;

// What each ABI added, and how much of the attribute structure it reads.
struct Abi {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scopes;
  std::size_t attribute_size;
};
constexpr Abi abis[] = {
    {(1ULL << 13) - 1, 0, 0, 8},   // 1: the thirteen rights of Linux 5.13
    {(1ULL << 14) - 1, 0, 0, 8},   // 2: moving between directories
    {(1ULL << 15) - 1, 0, 0, 8},   // 3: truncating
    {(1ULL << 15) - 1, 3, 0, 16},  // 4: TCP bind and connect
    {(1ULL << 16) - 1, 3, 0, 16},  // 5: ioctl on devices
    {(1ULL << 16) - 1, 3, 3, 24},  // 6: abstract Unix sockets and signals of others
};

struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scopes;
};

struct [[gnu::packed]] PathBeneath {
  std::uint64_t access;
  std::int32_t parent;
};

}  // namespace

int landlock_abi() {
  const long version = ::syscall(sys_create_ruleset, nullptr, 0, create_ruleset_version);
  return version < 0 ? 0 : static_cast<int>(version);
}

Result<> restrict_files(const std::string& writable) {
  const int version = landlock_abi();
  if (version <= 0) {
    return fail(std::errc::function_not_supported,
                "the kernel offers no landlock (Linux 5.13 and \"landlock\" in its lsm= list)");
  }
  const Abi& abi =
      abis[std::min<std::size_t>(static_cast<std::size_t>(version), std::size(abis)) - 1];
  const RulesetAttributes attributes{abi.files, abi.network, abi.scopes};
  const UniqueFd ruleset(
      static_cast<int>(::syscall(sys_create_ruleset, &attributes, abi.attribute_size, 0)));
  if (!ruleset) return fail_errno("landlock_create_ruleset");
  if (!writable.empty()) {
    const UniqueFd directory(
        ::open(writable.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!directory) return fail_errno("cannot open " + writable);
    const PathBeneath beneath{scratch_access & abi.files, directory.get()};
    if (::syscall(sys_add_rule, ruleset.get(), rule_path_beneath, &beneath, 0) != 0) {
      return fail_errno("landlock_add_rule for " + writable);
    }
  }
  if (::syscall(sys_restrict_self, ruleset.get(), 0) != 0)
    return fail_errno("landlock_restrict_self");
  return {};
}

}  // namespace postern
