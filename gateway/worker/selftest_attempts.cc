// selftest_attempts.cc — what someone who runs code in a worker would try.
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "gateway/worker/channel.h"
#include "gateway/worker/selftest.h"

namespace postern {
namespace {

using Around = const Surroundings&;

bool opens(const std::string& path, int flags) { return ::open(path.c_str(), flags, 0600) >= 0; }

template <class... Argument>
bool calls(long number, Argument... argument) {
  return ::syscall(number, argument...) >= 0;
}

bool sends_descriptor(Around around) {
  const auto sent = send_with(around.channel, "x", around.channel);
  return sent && *sent;
}

bool connects(Around around) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(25);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(around.channel, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ||
         errno == ECONNREFUSED || errno == EISCONN || errno == EPROTOTYPE;
}

bool executes(Around) {
  char name[] = "/bin/true";
  char* arguments[] = {name, nullptr};
  char* environment[] = {nullptr};
  return ::execve(name, arguments, environment) == 0;
}

bool forks(Around) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  return child > 0;
}

bool maps_code(Around) {
  return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
         MAP_FAILED;
}

bool turns_data_into_code(Around) {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page != MAP_FAILED && ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

bool reads_parent(Around around) {
  char octet = 0;
  iovec into{&octet, 1};
  iovec from{const_cast<pid_t*>(&around.parent), 1};
  return ::process_vm_readv(around.parent, &into, 1, &from, 1, 0) == 1;
}

bool reads_inherited(Around around) {
  char octet = 0;
  return ::pread(around.readable, &octet, 1, 0) == 1;
}

bool raises_limit(Around) {
  const rlimit more{RLIM_INFINITY, RLIM_INFINITY};
  const rlimit files{4096, 4096};
  return ::setrlimit(RLIMIT_AS, &more) == 0 || ::setrlimit(RLIMIT_NOFILE, &files) == 0;
}

bool regains_capabilities(Around) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2]{};
  sets[0].effective = sets[0].permitted = 1U << CAP_NET_ADMIN;
  return ::syscall(SYS_capset, &header, sets) == 0;
}

constexpr Escape all[] = {
    {"open_passwd", [](Around) { return opens("/etc/passwd", O_RDONLY); }},
    {"open_shadow", [](Around) { return opens("/etc/shadow", O_RDONLY); }},
    {"open_proc_parent",
     [](Around a) { return opens("/proc/" + std::to_string(a.parent) + "/mem", O_RDONLY); }},
    {"open_proc_self", [](Around) { return opens("/proc/self/maps", O_RDONLY); }},
    {"open_device", [](Around) { return opens("/dev/null", O_RDWR); }},
    {"list_directory", [](Around) { return opens("/", O_RDONLY | O_DIRECTORY); }},
    {"read_outside", [](Around a) { return opens(a.outside + "/file", O_RDONLY); }},
    {"write_outside", [](Around a) { return opens(a.outside + "/file", O_WRONLY); }},
    {"create_outside",
     [](Around a) { return opens(a.outside + "/new", O_WRONLY | O_CREAT | O_EXCL); }},
    {"create_through_dots",
     [](Around a) { return opens(a.scratch + "/../outside/new", O_WRONLY | O_CREAT); }},
    {"truncate_outside",
     [](Around a) { return ::truncate((a.outside + "/file").c_str(), 0) == 0; }},
    {"unlink_outside", [](Around a) { return ::unlink((a.outside + "/file").c_str()) == 0; }},
    {"mkdir_outside", [](Around a) { return ::mkdir((a.outside + "/new").c_str(), 0700) == 0; }},
    {"rmdir_outside", [](Around a) { return ::rmdir((a.outside + "/empty").c_str()) == 0; }},
    {"rename_outside",
     [](Around a) {
       return ::rename((a.scratch + "/file").c_str(), (a.outside + "/new").c_str()) == 0;
     }},
    {"link_into_scratch",
     [](Around a) {
       return ::link((a.outside + "/file").c_str(), (a.scratch + "/new").c_str()) == 0;
     }},
    {"symlink",
     [](Around a) { return ::symlink("/etc/passwd", (a.scratch + "/new").c_str()) == 0; }},
    {"make_device",
     [](Around a) { return ::mknod((a.scratch + "/new").c_str(), S_IFCHR | 0600, 0x103) == 0; }},
    {"make_fifo", [](Around a) { return ::mkfifo((a.scratch + "/new").c_str(), 0600) == 0; }},
    {"open_by_handle",
     [](Around) { return calls(SYS_open_by_handle_at, AT_FDCWD, nullptr, 0) || errno == EFAULT; }},
    {"read_inherited", reads_inherited},
    {"write_inherited", [](Around a) { return ::write(a.writable, "y", 1) == 1; }},
    {"send_descriptor", sends_descriptor},
    {"socket_inet", [](Around) { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
    {"socket_udp", [](Around) { return ::socket(AF_INET6, SOCK_DGRAM, 0) >= 0; }},
    {"socket_unix", [](Around) { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
    {"socket_netlink", [](Around) { return ::socket(AF_NETLINK, SOCK_RAW, 0) >= 0; }},
    {"socket_pair", [](Around) { return socket_pair(SOCK_STREAM).has_value(); }},
    {"connect", connects},
    {"execve", executes},
    {"execveat",
     [](Around) { return calls(SYS_execveat, AT_FDCWD, "/bin/true", nullptr, nullptr, 0); }},
    {"fork", forks},
    {"clone_namespace",
     [](Around) { return calls(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }},
    {"unshare", [](Around) { return ::unshare(CLONE_NEWUSER) == 0; }},
    {"map_code", maps_code},
    {"turn_data_into_code", turns_data_into_code},
    {"memfd", [](Around) { return ::memfd_create("x", 0) >= 0; }},
    {"ptrace_parent",
     [](Around a) { return ::ptrace(PTRACE_SEIZE, a.parent, nullptr, nullptr) == 0; }},
    {"read_parent_memory", reads_parent},
    {"signal_parent", [](Around a) { return ::kill(a.parent, 0) == 0; }},
    {"signal_everyone", [](Around) { return ::kill(-1, 0) == 0; }},
    {"pidfd_parent", [](Around a) { return calls(SYS_pidfd_open, a.parent, 0); }},
    {"setuid_root", [](Around) { return ::setuid(0) == 0; }},
    {"setgid_root", [](Around) { return ::setgid(0) == 0; }},
    {"setgroups", [](Around) { return calls(SYS_setgroups, 0, nullptr); }},
    {"capset", regains_capabilities},
    {"raise_limit", raises_limit},
    {"become_dumpable", [](Around) { return ::prctl(PR_SET_DUMPABLE, 1) == 0; }},
    {"survive_parent", [](Around) { return ::prctl(PR_SET_PDEATHSIG, 0) == 0; }},
    {"mount",
     [](Around a) { return ::mount("none", a.scratch.c_str(), "tmpfs", 0, nullptr) == 0; }},
    {"chroot", [](Around a) { return ::chroot(a.scratch.c_str()) == 0; }},
    {"keyring", [](Around) { return calls(SYS_keyctl, 0, -3, 1); }},
    {"bpf",
     [](Around) { return calls(SYS_bpf, 0, nullptr, 0) || errno == EFAULT || errno == EINVAL; }},
    {"userfaultfd", [](Around) { return calls(SYS_userfaultfd, 1); }},
    {"io_uring", [](Around) { return calls(SYS_io_uring_setup, 1, nullptr) || errno == EFAULT; }},
    {"perf_event",
     [](Around) { return calls(SYS_perf_event_open, nullptr, 0, -1, -1, 0) || errno == EFAULT; }},
};

}  // namespace

std::span<const Escape> escapes() { return all; }

}  // namespace postern
