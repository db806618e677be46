#include "gateway/control/client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cstring>
#include <utility>

#include "gateway/base/bytes.h"
#include "gateway/base/unique_fd.h"

namespace postern {
namespace {
namespace json = boost::json;

// As the gateway writes them: no message's line begins so.
constexpr std::string_view octets_follow = "{\"v\":1,\"octets\":";
constexpr std::string_view end_begins = "{\"v\":1,\"end\":true";

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

Result<> send_all(int fd, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t n = ::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("sending to the gateway");
    octets.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

Result<GatewayAnswer> read_last_line(const std::string& line) {
  boost::system::error_code error;
  const json::value last = json::parse(line, error);
  const json::object* object = error ? nullptr : last.if_object();
  if (!object) return fail(std::errc::protocol_error, "the gateway's answer is no JSON");
  GatewayAnswer out;
  const auto* count = object->if_contains("count");
  if (const auto* number = count ? count->if_int64() : nullptr)
    out.count = static_cast<std::uint64_t>(*number);
  out.error = text_at(*object, "error");
  out.kind = text_at(*object, "kind");
  return out;
}

/// What has come and was not used yet.
class Input {
 public:
  explicit Input(int fd) : fd_(fd) {}

  Result<std::string> line() {
    std::size_t end;
    while ((end = buffer_.find('\n', from_)) == std::string::npos) TRY(fill());
    std::string out = buffer_.substr(from_, end - from_);
    from_ = end + 1;
    return out;
  }

  Result<> octets(std::uint64_t size, const std::function<void(std::string_view)>& use) {
    while (size > 0) {
      if (from_ == buffer_.size()) TRY(fill());
      const auto piece = std::string_view(buffer_).substr(from_, size);
      use(piece);
      from_ += piece.size();
      size -= piece.size();
    }
    return {};
  }

 private:
  Result<> fill() {
    buffer_.erase(0, std::exchange(from_, 0));
    for (;;) {
      const ssize_t n = ::read(fd_, piece_.data(), piece_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        return fail(std::errc::connection_reset,
                    "the gateway ended in the middle of its answer; what it had begun may be done");
      }
      buffer_.append(piece_.data(), static_cast<std::size_t>(n));
      return {};
    }
  }

  int fd_;
  std::string buffer_;
  std::size_t from_ = 0;
  std::array<char, 256U << 10> piece_{};
};

}  // namespace

Result<GatewayAnswer> ask_gateway(const std::string& socket_path, const std::string& request,
                                  const AnswerReader& reader) {
  TRY(const auto fd, connect_to_gateway(socket_path));
  TRY(send_all(fd.get(), request + "\n"));
  Input input(fd.get());
  for (;;) {
    TRY(const std::string line, input.line());
    if (line.starts_with(octets_follow)) {
      const auto digits = std::string_view(line).substr(octets_follow.size());
      const auto size = parse_number(digits.substr(0, digits.find('}')));
      if (!size) return fail(std::errc::protocol_error, "the gateway's answer makes no sense");
      TRY(input.octets(*size, reader.octets));
    } else if (line.starts_with(end_begins)) {
      return read_last_line(line);
    } else {
      reader.line(line);
    }
  }
}

}  // namespace postern
