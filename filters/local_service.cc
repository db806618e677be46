#include "filters/local_service.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <utility>

#include "gateway/net/stream.h"

namespace postern {

Task<Result<std::string>> ask_local_service(Loop& loop, std::string path, std::string opening,
                                            Message message, std::size_t limit,
                                            SteadyTime deadline) {
  Endpoint endpoint{std::move(path), 0};
  CO_TRY(auto socket, co_await connect_to(loop, std::move(endpoint), "", deadline));
  Stream stream(std::move(socket));
  stream.write(opening);
  stream.write(message.received);
  CO_TRY(co_await stream.send(*message.content, deadline));
  CO_TRY(co_await stream.flush(deadline));
  if (::shutdown(stream.socket().fd(), SHUT_WR) != 0) co_return fail_errno("shutdown");
  std::string answer;
  for (;;) {
    const auto some = co_await stream.read_some(deadline);
    if (some.empty()) break;
    if (answer.size() + some.size() > limit)
      co_return fail(std::errc::message_size, "the service says more than an answer");
    answer += some;
    stream.consume(some.size());
  }
  if (stream.last_wait() == Wait::timed_out)
    co_return fail(std::errc::timed_out, "the service did not answer in time");
  co_return answer;
}

void describe_socket(Keys& keys, std::string& path, std::string_view help) {
  keys.text("socket", path, help);
  if (!path.starts_with('/') || path.size() >= sizeof(sockaddr_un::sun_path))
    keys.problem("socket", "a Unix socket is wanted: an absolute path of at most 107 octets");
}

}  // namespace postern
