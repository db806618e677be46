#include "gateway/connection/listener.h"

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"

namespace postern {
namespace {

constexpr Event too_many{"connection-refused", Level::info,
                         "A client had too many connections, or all of them were taken: "
                         "smtpd_client_connection_count_limit, "
                         "connection_limit."};
constexpr Event accept_failed{
    "accept-failed", Level::error,
    "A connection could not be accepted: descriptors or memory are short. Raise the limit "
    "(ulimit -n) or lower connection_limit; accepting pauses for a moment."};

Counter& refused_connections =
    counter("postern_connections_refused_total", "Connections answered with 421 at once.");

constexpr milliseconds accept_pause = milliseconds(200);

}  // namespace

void describe(ConnectionSettings& settings, Keys& keys) {
  keys.integer("smtpd_client_connection_count_limit", settings.smtpd_client_connection_count_limit,
               1, 100000,
               "Connections that one client address may have open at once; clients in mynetworks "
               "are exempt.");
  keys.integer("connection_limit", settings.connection_limit, 10, 1000000,
               "Connections open at once, over all clients. Each wants a descriptor.");
}

ConnectionCount::Admission ConnectionCount::enter(const std::string& client,
                                                  const ConnectionSettings& settings, bool exempt) {
  const std::lock_guard lock(mutex_);
  if (total_ >= settings.connection_limit) return Admission::too_many;
  std::int64_t& mine = by_client_[client];
  if (!exempt && mine >= settings.smtpd_client_connection_count_limit)
    return Admission::too_many_from_client;
  ++mine;
  ++total_;
  return Admission::admitted;
}

void ConnectionCount::leave(const std::string& client) {
  const std::lock_guard lock(mutex_);
  --total_;
  const auto found = by_client_.find(client);
  if (--found->second == 0) by_client_.erase(found);
}

Listener::Listener(SessionHost& host, UniqueFd fd, ConnectionCount& count, Current current)
    : host_(host),
      socket_(host.loop, std::move(fd)),
      own_(local_endpoint(socket_.fd())),
      count_(count),
      current_(std::move(current)) {}

Task<void> Listener::run() {
  while (!draining_) {
    auto accepted = try_accept(socket_);
    if (!accepted) {
      log(accept_failed, {{"error", accepted.error().what}});
      co_await host_.loop.sleep_until(host_.loop.now() + accept_pause);
      continue;
    }
    if (!*accepted) {
      if (co_await socket_.readable(SteadyTime::max()) == Wait::closed) co_return;
      continue;
    }
    UniqueFd fd = std::move((*accepted)->fd);
    const std::string& client = (*accepted)->peer.host;
    auto generation = current_();
    const auto address = IpAddress::parse(client);
    const auto trusted = address ? generation->session->policies->mynetworks.contains(*address)
                                 : Result<bool>(false);
    const auto admission = count_.enter(client, generation->connection, trusted && *trusted);
    if (admission != ConnectionCount::Admission::admitted) {
      const bool one = admission == ConnectionCount::Admission::too_many_from_client;
      const Reply answer = reply(421, {4, 7, 0},
                                 generation->session->smtpd.myhostname +
                                     (one ? " Error: too many connections from " + client
                                          : std::string(" Error: too many connections")));
      // A fresh socket's buffer takes one line; if not, closing says as much.
      static_cast<void>(::send(fd.get(), answer.wire().data(), answer.wire().size(),
                               MSG_NOSIGNAL | MSG_DONTWAIT));
      refused_connections.add();
      log(too_many, {{"client", client}, {"reply", answer.line()}});
      continue;
    }
    sessions_.spawn(serve(std::move(fd), std::move((*accepted)->peer), std::move(generation)));
  }
}

Task<void> Listener::serve(UniqueFd fd, Endpoint client,
                           std::shared_ptr<const Generation> generation) {
  const std::string host = client.host;
  {
    // Where we listen on all addresses only the connection knows which one the client chose.
    const bool on_all = own_.host == "::" || own_.host == "0.0.0.0";
    Endpoint server = on_all ? local_endpoint(fd.get()) : own_;
    Session session(host_, generation->session, Socket::of_nonblocking(host_.loop, std::move(fd)),
                    {std::move(client), std::move(server)});
    open_.insert(&session);
    co_await session.run();
    open_.erase(&session);
  }
  count_.leave(host);
}

void Listener::drain() {
  draining_ = true;
  socket_.shut();
  renew_sessions();
}

void Listener::renew_sessions() {
  for (Session* session : open_) session->drain();
}

}  // namespace postern
