#include "gateway/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "gateway/net/reactor.h"

namespace postern {

std::string Endpoint::text() const {
  if (is_unix()) return "unix:" + host;
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return name + ":" + std::to_string(port);
}

// What is known of each direction decides what a wait and a read cost. Edge-triggered, the kernel
// speaks only of changes: `blocked` can only end with an event, `ready` is one that met nobody
// waiting, and with `nothing` known the kernel has to be asked.
struct Socket::State : std::enable_shared_from_this<Socket::State> {
  enum class Known : std::uint8_t { nothing, ready, blocked };
  struct Direction {
    std::coroutine_handle<> waiter;
    Wait* result = nullptr;
    SteadyTime deadline = SteadyTime::max();
    Known known = Known::nothing;
  };

  State(Loop& l, UniqueFd f)
      : loop(l),
        fd(std::move(f)),
        alarm(l.reactor().alarms, this, [](void* self) { static_cast<State*>(self)->expire(); }) {}

  /// False: there is nothing to wait for.
  bool wait(bool writing, SteadyTime deadline, std::coroutine_handle<> waiter, Wait* result) {
    Direction& direction = directions[writing];
    if (!closed && direction.known == Known::ready) {
      direction.known = Known::nothing;
      *result = Wait::ready;
      return false;
    }
    direction.waiter = waiter;
    direction.result = result;
    direction.deadline = deadline;
    if (closed || !watch(writing)) {
      post_closed(writing);
    } else {
      arm();
    }
    return true;
  }

  /// Sees to it that an event will come. False where the kernel cannot (memory).
  bool watch(bool writing) {
    constexpr std::uint32_t input = EPOLLIN | EPOLLRDHUP | EPOLLET;
    const std::uint32_t wanted = watched | input | (writing ? std::uint32_t{EPOLLOUT} : 0);
    Loop::Reactor& reactor = loop.reactor();
    if (key == 0) {
      key = reactor.watch(fd.get(), wanted, this, [](void* self, std::uint32_t events) {
        static_cast<State*>(self)->told(events);
      });
      watched = wanted;
      return key != 0;
    }
    if (wanted == watched && directions[writing].known == Known::blocked) return true;
    watched = wanted;
    return reactor.rewatch(key, wanted);
  }

  void told(std::uint32_t events) {
    const Loop::Reactor& reactor = loop.reactor();
    const auto mine = key;
    constexpr std::uint32_t end = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if (events & end) hung_up = true;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) happened(true);
    // Who was woken may have ended the socket.
    if (events & (EPOLLIN | end) && reactor.knows(mine)) happened(false);
  }

  void happened(bool writing) {
    Direction& direction = directions[writing];
    direction.known = direction.waiter ? Known::nothing : Known::ready;
    finish(writing, closed ? Wait::closed : Wait::ready);
  }

  void finish(bool writing, Wait how) {
    Direction& direction = directions[writing];
    if (!direction.waiter) return;
    *direction.result = how;
    direction.deadline = SteadyTime::max();
    std::exchange(direction.waiter, nullptr).resume();
  }

  void post_closed(bool writing) {
    if (!directions[writing].waiter) return;
    loop.post([self = shared_from_this(), writing] { self->finish(writing, Wait::closed); });
  }

  void arm() { alarm.set(std::min(directions[0].deadline, directions[1].deadline)); }

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

  void end() {
    closed = true;
    alarm.set(SteadyTime::max());
    loop.reactor().forget(key);
    fd.reset();
    for (const bool writing : {false, true}) post_closed(writing);
  }

  Loop& loop;
  UniqueFd fd;
  Alarm alarm;
  Loop::Reactor::Key key = 0;
  std::uint32_t watched = 0;
  Direction directions[2];
  bool hung_up = false;  // the end is there to be read: a short read is not the last
  bool closed = false;
};

Socket::Socket(Loop& loop, UniqueFd fd) : state_(std::make_shared<State>(loop, std::move(fd))) {
  const int flags = ::fcntl(state_->fd.get(), F_GETFL);
  if (!(flags & O_NONBLOCK)) ::fcntl(state_->fd.get(), F_SETFL, flags | O_NONBLOCK);
}

Socket::Socket(std::shared_ptr<State> state) : state_(std::move(state)) {}
Socket::Socket(Socket&&) noexcept = default;

Socket Socket::of_nonblocking(Loop& loop, UniqueFd fd) {
  return Socket(std::make_shared<State>(loop, std::move(fd)));
}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    if (state_) state_->end();
    state_ = std::move(other.state_);
  }
  return *this;
}

Socket::~Socket() {
  if (state_) state_->end();
}

int Socket::fd() const { return state_->fd.get(); }
Loop& Socket::loop() const { return state_->loop; }

void Socket::found_empty() { state_->directions[false].known = State::Known::blocked; }

bool Socket::Awaiter::await_suspend(std::coroutine_handle<> awaiting) {
  return socket.state_->wait(writing, deadline, awaiting, &result);
}

void Socket::stop_reading() {
  ::shutdown(fd(), SHUT_RD);
  state_->post_closed(false);
}

void Socket::shut() {
  state_->closed = true;
  ::shutdown(fd(), SHUT_RDWR);
  for (const bool writing : {false, true}) state_->post_closed(writing);
}

Result<std::optional<std::size_t>> Socket::try_read(std::span<char> into) {
  State::Known& known = state_->directions[false].known;
  // A registration tells what is there already, and it has to be made anyway.
  if (state_->key == 0 || known == State::Known::blocked) return std::optional<std::size_t>{};
  for (;;) {
    const ssize_t n = ::read(fd(), into.data(), into.size());
    if (n >= 0) {
      const auto octets = static_cast<std::size_t>(n);
      // epoll(7): a stream that gave less than it was asked for is empty.
      if (octets < into.size() && !state_->hung_up) known = State::Known::blocked;
      return std::optional(octets);
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail_errno("read");
    known = State::Known::blocked;
    return std::optional<std::size_t>{};
  }
}

Result<std::optional<std::size_t>> Socket::try_write(std::string_view octets, bool closing) {
  const int flags = MSG_NOSIGNAL | (closing ? MSG_MORE : 0);
  for (;;) {
    const ssize_t n = ::send(fd(), octets.data(), octets.size(), flags);
    if (n >= 0) return std::optional(static_cast<std::size_t>(n));
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail_errno("write");
    state_->directions[true].known = State::Known::blocked;
    return std::optional<std::size_t>{};
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
  if (!endpoint.is_unix()) {
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // replies are written whole
  }
  if (::listen(fd.get(), backlog) != 0) return fail_errno("cannot listen on " + endpoint.text());
  return fd;
}

Result<std::optional<Accepted>> try_accept(Socket& listener) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  const int fd = ::accept4(listener.fd(), reinterpret_cast<sockaddr*>(&peer), &length,
                           SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) return std::optional(Accepted{UniqueFd(fd), from_sockaddr(peer)});
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return fail_errno("accept");
    case EAGAIN:
      listener.found_empty();
      break;
    default:
      break;
  }
  return std::optional<Accepted>{};
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
  auto socket = Socket::of_nonblocking(loop, std::move(fd));
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
