#include "gateway/net/http_server.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <thread>

#include "gateway/base/bytes.h"
#include "gateway/net/socket.h"

namespace postern {
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

struct HttpServer::State {
  boost::asio::io_context io;
  tcp::acceptor acceptor{io};
  std::string path;
  Body body;
  std::thread thread;

  void serve() {
    for (;;) {
      boost::system::error_code error;
      tcp::socket socket(io);
      acceptor.accept(socket, error);
      if (error) return;  // closed by the destructor
      const timeval limit{5, 0};
      ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
      answer(socket);
    }
  }

  void answer(tcp::socket& socket) const {
    boost::system::error_code error;
    boost::beast::flat_buffer buffer(8192);
    http::request_parser<http::empty_body> request;
    http::read(socket, buffer, request, error);
    if (error) return;
    const bool known = request.get().target() == path && request.get().method() == http::verb::get;
    http::response<http::string_body> response(known ? http::status::ok : http::status::not_found,
                                               request.get().version());
    response.set(http::field::content_type, "text/plain; version=0.0.4");
    response.body() = known ? body() : "only GET " + path + " is here\n";
    response.keep_alive(false);
    response.prepare_payload();
    http::write(socket, response, error);
  }
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
  ::shutdown(state_->acceptor.native_handle(), SHUT_RDWR);  // wakes the blocking accept
  if (state_->thread.joinable()) state_->thread.join();
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(const std::string& address, std::string path,
                                                     Body body) {
  const auto colon = address.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : parse_number(std::string_view(address).substr(colon + 1), 65535);
  if (!port)
    return fail(std::errc::invalid_argument,
                "metrics_listen: \"" + address + "\" is not address:port, such as 127.0.0.1:9154");
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  const Endpoint endpoint{host, static_cast<std::uint16_t>(*port)};
  TRY(auto fd, listen_on(endpoint, 16, false));
  auto state = std::make_unique<State>();
  const bool v4 = host.find(':') == std::string::npos && !host.empty();
  boost::system::error_code error;
  state->acceptor.assign(v4 ? tcp::v4() : tcp::v6(), fd.release(), error);
  if (error) return fail(std::errc::io_error, "metrics_listen: " + error.message());
  state->acceptor.non_blocking(false, error);
  state->path = std::move(path);
  state->body = std::move(body);
  state->thread = std::thread([s = state.get()] { s->serve(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

}  // namespace postern
