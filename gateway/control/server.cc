#include "gateway/control/server.h"

#include <sys/stat.h>

namespace postern {
namespace {
constexpr std::size_t longest_request = 64 << 10;
constexpr milliseconds patience = seconds(60);
}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(Loop& loop, const std::string& path,
                                                           QueueDesk& queue, StormDesk& storm) {
  const Endpoint endpoint{path, 0};
  if (!endpoint.is_unix()) {
    return fail(std::errc::invalid_argument,
                "control_socket: \"" + path + "\" must be an absolute path");
  }
  const mode_t mask = ::umask(0177);
  auto fd = listen_on(endpoint, 16, false);
  ::umask(mask);
  if (!fd) return std::unexpected(fd.error());
  return std::unique_ptr<ControlServer>(new ControlServer(loop, std::move(*fd), queue, storm));
}

Task<void> ControlServer::run() {
  while (!closing_) {
    auto accepted = try_accept(socket_);
    if (accepted && *accepted) {
      auto socket = Socket::of_nonblocking(loop_, std::move((*accepted)->fd));
      clients_.spawn(serve(std::move(socket)));
    } else if (!accepted) {
      co_await loop_.sleep_until(loop_.now() + milliseconds(200));
    } else if (co_await socket_.readable(SteadyTime::max()) == Wait::closed) {
      co_return;
    }
  }
}

void ControlServer::close() {
  closing_ = true;
  socket_.shut();
}

namespace {
Task<bool> write(Stream& stream, Loop& loop, std::string octets) {
  auto sent = co_await stream.send(octets, loop.now() + patience);
  co_return sent.has_value();
}
}  // namespace

Task<void> ControlServer::serve(Socket socket) {
  Stream stream(std::move(socket));
  for (;;) {
    const auto line = co_await stream.read_line(longest_request, loop_.now() + patience);
    if (line.how != Stream::Line::complete && line.how != Stream::Line::bare_lf) co_return;
    std::string request(line.text);
    DeskAnswer::Send send = [&stream, this](std::string octets) {
      return write(stream, loop_, std::move(octets));
    };
    if (StormDesk::means(request)) {
      co_await storm_.answer(std::move(request), std::move(send));
    } else {
      co_await queue_.answer(std::move(request), std::move(send));
    }
  }
}

}  // namespace postern
