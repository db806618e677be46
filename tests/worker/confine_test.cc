#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>

#include "gateway/mail/charset.h"
#include "gateway/worker/confine.h"
#include "gateway/worker/landlock.h"
#include "gateway/worker/selftest.h"
#include "gateway/worker/warm_up.h"

using namespace postern;

namespace {

// Runs `body` in a child; its exit status, or 100 + the signal that ended it.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

std::string output_of(const std::function<int(std::FILE*)>& body, int& status) {
  std::FILE* out = std::tmpfile();
  BOOST_REQUIRE(out != nullptr);
  status = body(out);
  std::string text(static_cast<std::size_t>(std::ftell(out)), '\0');
  std::rewind(out);
  BOOST_REQUIRE_EQUAL(std::fread(text.data(), 1, text.size(), out), text.size());
  std::fclose(out);
  return text;
}

EscapeOutcome outcome(std::string_view name, WorkerProfile profile, bool confined) {
  const auto found = std::ranges::find(escapes(), name, &Escape::name);
  BOOST_REQUIRE(found != escapes().end());
  return try_escape(*found, profile, {}, confined);
}

constexpr const char* harmless[] = {"open_passwd",     "read_outside",
                                    "write_outside",   "unlink_outside",
                                    "rmdir_outside",   "mkdir_outside",
                                    "rename_outside",  "read_inherited",
                                    "write_inherited", "send_descriptor",
                                    "socket_inet",     "socket_pair",
                                    "execve",          "fork",
                                    "map_code",        "turn_data_into_code",
                                    "memfd",           "signal_parent",
                                    "pidfd_parent",    "become_dumpable",
                                    "symlink"};

}  // namespace

BOOST_AUTO_TEST_SUITE(confinement)

BOOST_AUTO_TEST_CASE(no_attempt_to_escape_succeeds) {
  int status = -1;
  const std::string report =
      output_of([](std::FILE* out) { return selftest_sandbox(out); }, status);

  BOOST_CHECK_EQUAL(status, 0);
  BOOST_CHECK_EQUAL(report.find("ESCAPED"), std::string::npos);
  BOOST_CHECK_NE(report.find("scan/execve\trefused\n"), std::string::npos);
  BOOST_CHECK_NE(report.find("av/unlink_outside\trefused\n"), std::string::npos);
  if (status != 0) BOOST_TEST_MESSAGE(report);
}

BOOST_AUTO_TEST_CASE(no_attempt_succeeds_where_we_never_were_root) {
  if (::geteuid() != 0) {
    BOOST_TEST_MESSAGE("skipped: the test above has shown it");
    return;
  }
  const int status = in_child([] {
    if (!drop_privileges({65533, 65533})) return 2;
    std::FILE* out = std::fopen("/dev/null", "w");
    return selftest_sandbox(out);
  });

  BOOST_CHECK_EQUAL(status, 0);
}

BOOST_AUTO_TEST_CASE(the_attempts_succeed_outside_the_cage) {
  for (const char* name : harmless) {
    BOOST_CHECK_MESSAGE(outcome(name, WorkerProfile::scan, false) == EscapeOutcome::escaped, name);
  }
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_is_not_kept_is_closed) {
  const int status = in_child([] {
    const int kept = ::open("/dev/null", O_RDWR);
    const int low = ::open("/dev/null", O_RDWR);
    const int high = ::fcntl(low, F_DUPFD, 900);
    Cage cage;
    cage.keep = {kept};
    if (!drop_privileges({}) || !confine(cage)) return 1;
    const bool closed = ::fcntl(low, F_GETFD) < 0 && ::fcntl(high, F_GETFD) < 0;
    return closed && ::fcntl(kept, F_GETFD) >= 0 ? 0 : 2;
  });

  BOOST_CHECK_EQUAL(status, 0);
}

BOOST_AUTO_TEST_CASE(memory_ends_at_the_limit) {
  const int status = in_child([] {
    Cage cage;
    cage.memory = 64ULL << 20;
    if (!drop_privileges({}) || !confine(cage)) return 1;
    const auto can_map = [](std::size_t size) {
      return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
             MAP_FAILED;
    };
    return can_map(32U << 20) && !can_map(64U << 20) ? 0 : 2;
  });

  BOOST_CHECK_EQUAL(status, 0);
}

BOOST_AUTO_TEST_CASE(a_worker_dies_with_its_zygote) {
  int pipe_ends[2];
  BOOST_REQUIRE_EQUAL(::pipe2(pipe_ends, O_CLOEXEC), 0);
  const pid_t zygote = ::fork();
  if (zygote == 0) {
    if (!drop_privileges({})) ::_exit(1);
    const pid_t worker = ::fork();
    if (worker == 0) {
      Cage cage;
      cage.keep = {pipe_ends[1]};
      if (!confine(cage)) ::_exit(1);
      [[maybe_unused]] const auto written = ::write(pipe_ends[1], "r", 1);
      for (;;) ::poll(nullptr, 0, -1);
    }
    for (;;) ::pause();
  }
  ::close(pipe_ends[1]);
  char octet = 0;
  BOOST_REQUIRE_EQUAL(::read(pipe_ends[0], &octet, 1), 1);

  ::kill(zygote, SIGKILL);
  ::waitpid(zygote, nullptr, 0);

  // End of file only when the worker, which holds the other end, has gone too.
  BOOST_CHECK_EQUAL(::read(pipe_ends[0], &octet, 1), 0);
  ::close(pipe_ends[0]);
}

BOOST_AUTO_TEST_CASE(dropping_privileges_leaves_no_way_back) {
  const int status = in_child([] {
    if (!drop_privileges({65533, 65532})) return 1;
    if (::setuid(0) == 0 || ::setgid(0) == 0 || ::seteuid(0) == 0) return 2;
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 3;
    return assert_unprivileged() ? 0 : 4;
  });

  BOOST_CHECK_EQUAL(status, 0);
}

BOOST_AUTO_TEST_CASE(root_is_no_identity_for_a_worker) {
  if (::geteuid() != 0) {
    BOOST_TEST_MESSAGE("skipped: needs root");
    return;
  }
  BOOST_CHECK_EQUAL(in_child([] { return drop_privileges({0, 0}) ? 1 : 0; }), 0);
  BOOST_CHECK(!assert_unprivileged());
}

BOOST_AUTO_TEST_CASE(landlock_alone_keeps_files_away) {
  if (landlock_abi() == 0) {
    BOOST_TEST_MESSAGE("skipped: this kernel has no landlock");
    return;
  }
  char base[] = "/tmp/postern-landlock-XXXXXX";
  BOOST_REQUIRE(::mkdtemp(base) != nullptr);
  const int status = in_child([&base] {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
    const std::string inside = std::string(base) + "/file";
    if (!restrict_files(base)) return 2;
    const int fd = ::open(inside.c_str(), O_RDWR | O_CREAT, 0600);
    if (fd < 0 || ::unlink(inside.c_str()) != 0) return 3;
    if (::open("/etc/passwd", O_RDONLY) >= 0 ||
        ::open("/tmp/postern-escape", O_RDWR | O_CREAT, 0600) >= 0)
      return 4;
    return ::rmdir(base) == 0 ? 5 : 0;
  });

  BOOST_CHECK_EQUAL(status, 0);
  ::rmdir(base);
}

BOOST_AUTO_TEST_CASE(charsets_are_still_known_where_there_are_no_files) {
  const int status = in_child([] {
    warm_up();
    if (!drop_privileges({}) || !confine(Cage{})) return 1;
    if (to_utf8("\x1b$B$3$s\x1b(B", "iso-2022-jp") != "\u3053\u3093") return 2;
    if (to_utf8("\xcf\xf0", "koi8-r") == to_utf8("\xcf\xf0", "windows-1251")) return 3;
    to_utf8("text", "ibm1364");  // one that nobody preloads must not end the worker
    return 0;
  });

  BOOST_CHECK_EQUAL(status, 0);
}

BOOST_AUTO_TEST_SUITE_END()
