#include "gateway/worker/channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace postern {
namespace {

constexpr std::size_t most_descriptors = 4;

// The kernel wants this buffer aligned for a cmsghdr.
template <std::size_t Count>
union Ancillary {
  cmsghdr aligned;
  char octets[CMSG_SPACE(Count * sizeof(int))];
};

void collect(msghdr& message, std::vector<UniqueFd>& into) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      into.emplace_back(fd);
    }
  }
}

}  // namespace

Result<std::optional<std::size_t>> send_with(int socket, std::string_view octets, int descriptor) {
  iovec piece{const_cast<char*>(octets.data()), octets.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  Ancillary<1> ancillary{};
  if (descriptor >= 0) {
    message.msg_control = ancillary.octets;
    message.msg_controllen = sizeof ancillary.octets;
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
  }
  for (;;) {
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent >= 0) return std::optional(static_cast<std::size_t>(sent));
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return std::optional<std::size_t>{};
    return fail_errno("sending to a worker");
  }
}

Result<std::optional<Received>> receive_with(int socket, std::span<char> into) {
  iovec piece{into.data(), into.size()};
  Ancillary<most_descriptors> ancillary{};
  for (;;) {
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = ancillary.octets;
    message.msg_controllen = sizeof ancillary.octets;
    const ssize_t got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return std::optional<Received>{};
    if (got < 0) return fail_errno("receiving from a worker's channel");
    Received received;
    received.octets = static_cast<std::size_t>(got);
    received.more_descriptors = (message.msg_flags & MSG_CTRUNC) != 0;
    collect(message, received.descriptors);
    return std::optional(std::move(received));
  }
}

Result<std::pair<UniqueFd, UniqueFd>> socket_pair(int type) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) return fail_errno("socketpair");
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

}  // namespace postern
