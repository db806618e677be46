#include "gateway/control/client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstring>

#include "gateway/base/unique_fd.h"

namespace postern {
namespace {
namespace json = boost::json;

Result<UniqueFd> connect_to_gateway(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(std::errc::filename_too_long, path + ": too long for a socket");
  std::memcpy(address.sun_path, path.c_str(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail_errno("cannot reach the gateway at " + path +
                      " (does it run? are you its user or root?)");
  }
  return fd;
}

}  // namespace

Result<std::uint64_t> ask_gateway(const std::string& socket_path, const std::string& request,
                                  const std::function<void(const std::string&)>& line) {
  TRY(auto fd, connect_to_gateway(socket_path));
  const std::string out = request + "\n";
  for (std::size_t sent = 0; sent < out.size();) {
    const ssize_t n = ::send(fd.get(), out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (n < 0) return fail_errno("sending to the gateway");
    sent += static_cast<std::size_t>(n);
  }
  std::string buffer;
  char piece[65536];
  for (;;) {
    std::size_t from = 0;
    for (std::size_t end; (end = buffer.find('\n', from)) != std::string::npos; from = end + 1) {
      const std::string one = buffer.substr(from, end - from);
      if (one.find("\"end\":true") == std::string::npos) {
        line(one);
        continue;
      }
      boost::system::error_code error;
      const json::value last = json::parse(one, error);
      if (error || !last.is_object())
        return fail(std::errc::protocol_error, "the gateway's answer is no JSON");
      if (const auto* what = last.as_object().if_contains("error")) {
        return fail(std::errc::invalid_argument, std::string(what->as_string()));
      }
      const auto* count = last.as_object().if_contains("count");
      return count ? count->to_number<std::uint64_t>() : 0;
    }
    buffer.erase(0, from);
    const ssize_t n = ::read(fd.get(), piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return fail(std::errc::connection_reset, "the gateway ended in the middle of its answer");
    buffer.append(piece, static_cast<std::size_t>(n));
  }
}

}  // namespace postern
