#include "gateway/net/pyzor_resolver.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <random>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/net/pyzor_message.h"
#include "gateway/net/socket.h"

namespace postern {
namespace {

constexpr Event pyzor_failed{
    "pyzor-failed", Level::debug,
    "A Pyzor server gave no usable answer: the rules go on without it. If it stays so, take it out "
    "of pyzor_servers, or see whether UDP to it is let through."};

constexpr int attempts = 3;  // packets

/// "host", "host:port", "[2001:db8::1]:port".
std::optional<PyzorServer> read_server(std::string_view text) {
  PyzorServer server;
  const auto colon = text.rfind(':');
  auto host = text;
  if (colon != std::string_view::npos && (text.starts_with('[') || text.find(':') == colon)) {
    const auto port = parse_number(text.substr(colon + 1), 65535);
    if (!port || *port == 0) return {};
    server.port = static_cast<std::uint16_t>(*port);
    host = text.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.size() > 255) return {};
  server.host = std::string(host);
  return server;
}

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};
std::optional<Address> socket_address(const std::string& host, std::uint16_t port) {
  Address out;
  auto* const four = reinterpret_cast<sockaddr_in*>(&out.storage);
  if (::inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    out.length = sizeof *four;
    return out;
  }
  auto* const six = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (::inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) != 1) return {};
  six->sin6_family = AF_INET6;
  six->sin6_port = htons(port);
  out.length = sizeof *six;
  return out;
}

/// A socket that speaks with that address only; the kernel picks a port that nobody can guess.
Result<UniqueFd> datagram_socket(const std::string& host, std::uint16_t port) {
  const auto address = socket_address(host, port);
  if (!address) return fail(std::errc::invalid_argument, "no address");
  UniqueFd fd(::socket(address->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("socket");
  const auto* const where = reinterpret_cast<const sockaddr*>(&address->storage);
  if (::connect(fd.get(), where, address->length) != 0) return fail_errno("connect");
  return fd;
}

std::uint16_t random_thread() {
  static thread_local std::random_device random;
  return std::uniform_int_distribution<std::uint16_t>(least_pyzor_thread)(random);
}

/// Waits for the answer until `deadline`. Nothing: none came, and one may still come.
Task<Result<std::optional<DigestCount>>> receive(Socket& socket, std::uint16_t thread,
                                                 SteadyTime deadline) {
  std::array<char, largest_pyzor_packet + 1> packet;
  for (;;) {
    const Wait how = co_await socket.readable(deadline);
    if (how == Wait::timed_out) co_return std::optional<DigestCount>{};
    if (how == Wait::closed) co_return fail(std::errc::operation_canceled, "given up");
    const ssize_t size = ::recv(socket.fd(), packet.data(), packet.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) co_return fail_errno("no answer");  // ICMP: nobody is there
    const std::string_view octets(packet.data(), static_cast<std::size_t>(size));
    CO_TRY(auto count, decode_pyzor_answer(octets, thread));
    co_return std::optional(count);
  }
}

}  // namespace

void describe(PyzorSettings& settings, Keys& keys) {
  std::vector<std::string> servers;
  keys.list("pyzor_servers", servers,
            "Pyzor servers that check_pyzor asks, as \"host\" or \"host:port\" (24441), such as "
            "\"public.pyzor.org\". They see a digest of each message that is scored with "
            "network_tests. Empty: Pyzor is not asked.");
  keys.duration("pyzor_timeout", settings.timeout, milliseconds(100), std::chrono::minutes(1),
                "Longest wait for Pyzor's servers, retries included.");
  constexpr std::size_t most_servers = 8;
  if (servers.size() > most_servers)
    keys.problem("pyzor_servers", "more than eight servers: each is asked about each message");
  for (const auto& text : servers) {
    auto server = read_server(text);
    if (server) {
      settings.servers.push_back(*std::move(server));
    } else {
      keys.problem("pyzor_servers",
                   fmt::format("'{}' is no server: a host is wanted, with a port if you like, for "
                               "example \"public.pyzor.org:24441\"",
                               printable(text)));
    }
  }
}

Task<std::optional<DigestCount>> PyzorResolver::digest_count(std::string digest,
                                                             SteadyTime deadline) {
  std::optional<DigestCount> sum;
  deadline = std::min(deadline, loop_.now() + settings_.timeout);
  TaskGroup group;
  for (const PyzorServer& server : settings_.servers)
    group.spawn(ask(server, digest, deadline, sum));
  co_await group.empty();
  co_return sum;
}

Task<> PyzorResolver::ask(const PyzorServer& server, const std::string& digest, SteadyTime deadline,
                          std::optional<DigestCount>& sum) {
  const auto give_up = [&server](std::string_view why) {
    log(pyzor_failed, {{"server", server.host}, {"error", why}});
  };
  const std::string host = co_await address_of(server.host, deadline);
  auto fd = datagram_socket(host, server.port);
  if (!fd) co_return give_up(fd.error().what);
  auto socket = Socket::of_nonblocking(loop_, *std::move(fd));
  const auto thread = random_thread();
  const auto packet = encode_pyzor_check(digest, thread, std::time(nullptr));
  for (int left = attempts; left > 0; --left) {
    if (::send(socket.fd(), packet.data(), packet.size(), 0) < 0)
      co_return give_up("cannot send to it");
    const SteadyTime now = loop_.now();
    const auto until = now + (deadline - now) / left;
    auto count = co_await receive(socket, thread, until);
    if (!count) co_return give_up(count.error().what);
    if (!*count) continue;
    if (!sum) sum.emplace();
    sum->reported += (*count)->reported;
    sum->welcome += (*count)->welcome;
    co_return;
  }
  give_up("timed out");
}

Task<std::string> PyzorResolver::address_of(const std::string& host, SteadyTime deadline) {
  if (socket_address(host, 0)) co_return host;
  for (const auto type : {RecordType::a, RecordType::aaaa}) {
    const auto answer = co_await dns_.query(host, type, deadline);
    if (!answer.records.empty()) co_return answer.records.front().text;
  }
  co_return "";
}

}  // namespace postern
