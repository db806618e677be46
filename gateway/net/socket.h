// socket.h — a non-blocking descriptor on a loop, with a deadline for each wait.
#pragma once

#include <sys/socket.h>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/base/unique_fd.h"
#include "gateway/net/loop.h"

namespace postern {

/// A socket address as we log and route it.
struct Endpoint {
  std::string host;        // numeric: "192.0.2.1", "2001:db8::1"; or the path of a Unix socket
  std::uint16_t port = 0;  // 0 for a Unix socket
  bool is_unix() const { return !host.empty() && host.front() == '/'; }
  std::string text() const;  // "192.0.2.1:25", "[2001:db8::1]:25", "unix:/path"
  bool operator==(const Endpoint&) const = default;
};

/// How a wait ended.
enum class Wait { ready, timed_out, closed };

/// Owns the descriptor. One reader and one writer may wait at a time. shut() wakes both, so that a
/// shutdown never hangs on a silent peer.
///
/// The kernel tells of each change once, and the socket remembers: try_read() is no system call
/// while it knows that nothing has come. Who reads by other means just waits before each read.
class Socket {
 public:
  Socket(Loop& loop, UniqueFd fd);  // sets O_NONBLOCK
  /// For a descriptor that was made with SOCK_NONBLOCK.
  static Socket of_nonblocking(Loop& loop, UniqueFd fd);
  Socket(Socket&&) noexcept;
  Socket& operator=(Socket&&) noexcept;
  ~Socket();

  int fd() const;
  Loop& loop() const;

  /// co_await socket.readable(deadline), co_await socket.writable(deadline).
  auto readable(SteadyTime deadline) { return Awaiter{*this, deadline, false, Wait::closed}; }
  auto writable(SteadyTime deadline) { return Awaiter{*this, deadline, true, Wait::closed}; }

  /// Octets read (0 = end), or would_block as nothing. Before the first wait: nothing.
  Result<std::optional<std::size_t>> try_read(std::span<char> into);
  /// `closing`: the socket is closed at once when all is written, and what is left goes out with
  /// the end as one segment.
  Result<std::optional<std::size_t>> try_write(std::string_view octets, bool closing = false);

  /// What was read by other means ended with EAGAIN: the next wait need not ask the kernel.
  void found_empty();

  /// Nothing more is read: a waiting reader, or the next, meets the end. Writing goes on.
  void stop_reading();
  /// Ends all waits with Wait::closed, now and from here on.
  void shut();

  struct State;

 private:
  explicit Socket(std::shared_ptr<State> state);
  struct Awaiter {
    Socket& socket;
    SteadyTime deadline;
    bool writing;
    Wait result;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting);
    Wait await_resume() const noexcept { return result; }
  };
  std::shared_ptr<State> state_;
};

/// Bound and listening, close-on-exec, SO_REUSEADDR. `endpoint.host` empty = all addresses.
/// `share` sets SO_REUSEPORT, so that each loop can have a listener of its own.
Result<UniqueFd> listen_on(const Endpoint& endpoint, int backlog, bool share);
/// A connection that was accepted, SOCK_NONBLOCK; TCP_NODELAY comes with the listening socket.
struct Accepted {
  UniqueFd fd;
  Endpoint peer;
};
/// The next waiting connection, or nothing when none waits. Errors: only those of our own process
/// (descriptors, memory); what the peer did wrong counts as nothing.
Result<std::optional<Accepted>> try_accept(Socket& listener);
/// The endpoint that a listening or connected socket really has (port 0 was given, or accept).
Endpoint local_endpoint(int fd);
Endpoint peer_endpoint(int fd);

/// Connects before the deadline; `source` (numeric, may be empty) is bound first.
Task<Result<Socket>> connect_to(Loop& loop, Endpoint endpoint, std::string source,
                                SteadyTime deadline);

}  // namespace postern
