// http_server.h — answers GET for one path, for a monitoring system: a thread of its own, one
// request at a time, so that a scrape can never delay mail.
//
// Behind it stands Boost.Beast. Requests over 8 KiB, or slower than five seconds, are dropped.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/base/result.h"

namespace postern {

class HttpServer {
 public:
  using Body = std::function<std::string()>;

  /// `address`: "127.0.0.1:9154", "[::1]:9154". `body` is called on the server's thread.
  static Result<std::unique_ptr<HttpServer>> open(const std::string& address, std::string path,
                                                  Body body);
  ~HttpServer();

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace postern
