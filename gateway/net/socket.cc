#include "gateway/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstring>

#include "gateway/net/reactor.h"

namespace postern {

std::string Endpoint::text() const {
  if (is_unix()) return "unix:" + host;
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return name + ":" + std::to_string(port);
}

// A direction's wait outlives its deadline in Asio: cancelling would cancel the other direction
// too. So a timed-out wait stays outstanding, and the next one takes its place.
struct Socket::State : std::enable_shared_from_this<Socket::State> {
  struct Direction {
    std::coroutine_handle<> waiter;
    Wait* result = nullptr;
    SteadyTime deadline = SteadyTime::max();
    bool outstanding = false;
  };

  State(Loop& l, UniqueFd fd)
      : loop(l), descriptor(l.reactor().io, fd.release()), timer(l, [this] { expire(); }) {
    descriptor.non_blocking(true);
  }

  void wait(bool writing, SteadyTime deadline, std::coroutine_handle<> waiter, Wait* result) {
    Direction& direction = directions[writing];
    direction.waiter = waiter;
    direction.result = result;
    direction.deadline = deadline;
    if (closed) {
      loop.post([self = shared_from_this(), writing] { self->finish(writing, Wait::closed); });
      return;
    }
    if (!direction.outstanding) {
      direction.outstanding = true;
      using Descriptor = boost::asio::posix::stream_descriptor;
      descriptor.async_wait(
          writing ? Descriptor::wait_write : Descriptor::wait_read,
          [self = shared_from_this(), writing](const boost::system::error_code& error) {
            self->directions[writing].outstanding = false;
            self->finish(writing, error ? Wait::closed : Wait::ready);
          });
    }
    arm();
  }

  void finish(bool writing, Wait how) {
    Direction& direction = directions[writing];
    if (!direction.waiter) return;
    *direction.result = how;
    direction.deadline = SteadyTime::max();
    std::exchange(direction.waiter, nullptr).resume();
  }

  void arm() { timer.set(std::min(directions[0].deadline, directions[1].deadline)); }

  void expire() {
    const auto self = shared_from_this();  // a resumed coroutine may destroy the socket
    const SteadyTime now = loop.now();
    for (const bool writing : {false, true}) {
      if (directions[writing].waiter && directions[writing].deadline <= now) {
        finish(writing, Wait::timed_out);
      }
    }
    if (!closed) arm();
  }

  Loop& loop;
  boost::asio::posix::stream_descriptor descriptor;
  Timer timer;
  Direction directions[2];
  bool closed = false;
};

Socket::Socket(Loop& loop, UniqueFd fd) : state_(std::make_shared<State>(loop, std::move(fd))) {}
Socket::Socket(Socket&&) noexcept = default;

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    if (state_) shut();
    state_ = std::move(other.state_);
  }
  return *this;
}

Socket::~Socket() {
  if (!state_) return;
  state_->closed = true;
  state_->timer.clear();
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

int Socket::fd() const { return state_->descriptor.native_handle(); }
Loop& Socket::loop() const { return state_->loop; }

void Socket::Awaiter::await_suspend(std::coroutine_handle<> awaiting) {
  socket.state_->wait(writing, deadline, awaiting, &result);
}

void Socket::shut() {
  state_->closed = true;
  ::shutdown(fd(), SHUT_RDWR);
  for (const bool writing : {false, true}) {
    state_->loop.post([self = state_, writing] { self->finish(writing, Wait::closed); });
  }
}

Result<std::optional<std::size_t>> Socket::try_read(std::span<char> into) {
  for (;;) {
    const ssize_t n = ::read(fd(), into.data(), into.size());
    if (n >= 0) return std::optional(static_cast<std::size_t>(n));
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return std::optional<std::size_t>{};
    return fail_errno("read");
  }
}

Result<std::optional<std::size_t>> Socket::try_write(std::string_view octets) {
  for (;;) {
    const ssize_t n = ::send(fd(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (n >= 0) return std::optional(static_cast<std::size_t>(n));
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return std::optional<std::size_t>{};
    return fail_errno("write");
  }
}

namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Result<Address> to_sockaddr(const Endpoint& endpoint) {
  Address out;
  if (endpoint.is_unix()) {
    auto* path = reinterpret_cast<sockaddr_un*>(&out.storage);
    if (endpoint.host.size() >= sizeof path->sun_path) {
      return fail(std::errc::filename_too_long, "Unix socket path too long: " + endpoint.host);
    }
    path->sun_family = AF_UNIX;
    std::memcpy(path->sun_path, endpoint.host.c_str(), endpoint.host.size() + 1);
    out.length = sizeof *path;
    return out;
  }
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (endpoint.host.empty() || endpoint.host == "::") {
    v6->sin6_family = AF_INET6;
    v6->sin6_addr = in6addr_any;
    v6->sin6_port = htons(endpoint.port);
    out.length = sizeof *v6;
  } else if (inet_pton(AF_INET, endpoint.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(endpoint.port);
    out.length = sizeof *v4;
  } else if (inet_pton(AF_INET6, endpoint.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint.port);
    out.length = sizeof *v6;
  } else {
    return fail(std::errc::invalid_argument, "not a numeric address: " + endpoint.host);
  }
  return out;
}

Endpoint from_sockaddr(const sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return {text, ntohs(v4.sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
    return {text, ntohs(v6.sin6_port)};
  }
  if (storage.ss_family == AF_UNIX) {
    return {reinterpret_cast<const sockaddr_un&>(storage).sun_path, 0};
  }
  return {};
}

}  // namespace

Result<UniqueFd> listen_on(const Endpoint& endpoint, int backlog, bool share) {
  TRY(auto address, to_sockaddr(endpoint));
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("socket for " + endpoint.text());
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (endpoint.is_unix()) ::unlink(endpoint.host.c_str());
  if (::bind(fd.get(), address.get(), address.length) != 0) {
    return fail_errno("cannot bind " + endpoint.text());
  }
  if (::listen(fd.get(), backlog) != 0) return fail_errno("cannot listen on " + endpoint.text());
  return fd;
}

Result<std::optional<UniqueFd>> try_accept(const Socket& listener) {
  const int fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // replies are written whole
    return std::optional(UniqueFd(fd));
  }
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return fail_errno("accept");
    default:
      return std::optional<UniqueFd>{};
  }
}

Endpoint local_endpoint(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return from_sockaddr(storage);
}

Endpoint peer_endpoint(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return from_sockaddr(storage);
}

Task<Result<Socket>> connect_to(Loop& loop, Endpoint endpoint, std::string source,
                                SteadyTime deadline) {
  CO_TRY(auto address, to_sockaddr(endpoint));
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) co_return fail_errno("socket for " + endpoint.text());
  if (!endpoint.is_unix()) {
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (!source.empty()) {
    const Endpoint from{source, 0};
    CO_TRY(auto own, to_sockaddr(from));
    if (::bind(fd.get(), own.get(), own.length) != 0) co_return fail_errno("cannot bind " + source);
  }
  const int started = ::connect(fd.get(), address.get(), address.length);
  if (started != 0 && errno != EINPROGRESS) co_return fail_errno("connect to " + endpoint.text());
  Socket socket(loop, std::move(fd));
  if (started != 0) {
    const Wait how = co_await socket.writable(deadline);
    if (how == Wait::timed_out) {
      co_return fail(std::errc::timed_out,
                     "connect to " + endpoint.text() + ": Connection timed out");
    }
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) co_return fail_errno("connect to " + endpoint.text(), error);
    if (how != Wait::ready) co_return fail(std::errc::operation_canceled, "connect given up");
  }
  co_return std::move(socket);
}

}  // namespace postern
