// fake_dns_server.h — a DNS server on loopback that says whatever a test wants, by UDP and TCP.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gateway/base/unique_fd.h"

namespace postern::test {

class FakeDnsServer {
 public:
  /// The packets to send for a query, in order; none = silence. Runs on the server's thread.
  using Say = std::function<std::vector<std::string>(const std::string& query, bool tcp)>;

  explicit FakeDnsServer(Say say) : say_(std::move(say)) {
    udp_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    tcp_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    // The kernel picks the TCP port; the same UDP port is nearly always free, or we try the next.
    for (int attempt = 0; attempt < 50; ++attempt) {
      address.sin_port = 0;
      if (::bind(tcp_.get(), generic, length) != 0) break;
      ::getsockname(tcp_.get(), generic, &length);
      if (::bind(udp_.get(), generic, length) == 0) {
        port_ = ntohs(address.sin_port);
        break;
      }
      tcp_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    }
    std::array<int, 2> pipe{};
    if (port_ == 0 || ::listen(tcp_.get(), 4) != 0 || ::pipe(pipe.data()) != 0) {
      throw std::runtime_error("no port for the fake DNS server");
    }
    stop_read_.reset(pipe[0]);
    stop_write_.reset(pipe[1]);
    thread_ = std::thread([this] { serve(); });
  }

  ~FakeDnsServer() {
    stop_write_.reset();
    thread_.join();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int queries() const { return queries_; }

 private:
  void serve() {
    for (;;) {
      std::array<pollfd, 3> wait{
          {{udp_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}, {stop_read_.get(), POLLIN, 0}}};
      ::poll(wait.data(), wait.size(), -1);
      if (wait[2].revents) return;
      if (wait[0].revents) serve_udp();
      if (wait[1].revents) serve_tcp();
    }
  }

  void serve_udp() {
    std::string query(4096, '\0');
    sockaddr_in from{};
    socklen_t length = sizeof from;
    auto* const generic = reinterpret_cast<sockaddr*>(&from);
    const auto n = ::recvfrom(udp_.get(), query.data(), query.size(), 0, generic, &length);
    if (n < 12) return;
    query.resize(static_cast<std::size_t>(n));
    ++queries_;
    for (const auto& packet : say_(query, false)) {
      (void)::sendto(udp_.get(), packet.data(), packet.size(), 0, generic, length);
    }
  }

  void serve_tcp() {
    const UniqueFd client(::accept(tcp_.get(), nullptr, nullptr));
    std::string query(2, '\0');
    if (::recv(client.get(), query.data(), 2, MSG_WAITALL) != 2) return;
    query.resize(static_cast<std::size_t>(static_cast<unsigned char>(query[0]) << 8 |
                                          static_cast<unsigned char>(query[1])));
    if (::recv(client.get(), query.data(), query.size(), MSG_WAITALL) < 12) return;
    ++queries_;
    for (const auto& packet : say_(query, true)) {
      const std::string framed =
          std::string{static_cast<char>(packet.size() >> 8), static_cast<char>(packet.size())} +
          packet;
      (void)::send(client.get(), framed.data(), framed.size(), MSG_NOSIGNAL);
    }
    char ignored = 0;
    (void)::recv(client.get(), &ignored, 1, 0);  // until the client has read and closed
  }

  Say say_;
  UniqueFd udp_, tcp_, stop_read_, stop_write_;
  std::uint16_t port_ = 0;
  std::atomic<int> queries_ = 0;
  std::thread thread_;
};

}  // namespace postern::test
