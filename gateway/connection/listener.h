// listener.h — accepts connections on one loop and gives each to a session.
//
// Limits are kept here, before a session costs anything: connections in all and from one client.
// Who is over them hears 421 and is gone. When descriptors or memory run out the listener pauses
// instead of spinning (fault F13).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "gateway/base/config.h"
#include "gateway/session/session.h"

namespace postern {

struct ConnectionSettings {
  std::int64_t smtpd_client_connection_count_limit = 50;
  std::int64_t connection_limit = 10000;
};
void describe(ConnectionSettings& settings, Keys& keys);

/// How many connections each client has, over all loops; thread-safe. Bounded by the connections
/// that are open.
class ConnectionCount {
 public:
  enum class Admission { admitted, too_many, too_many_from_client };
  Admission enter(const std::string& client, const ConnectionSettings& settings, bool exempt);
  void leave(const std::string& client);

 private:
  std::mutex mutex_;
  std::map<std::string, std::int64_t> by_client_;
  std::int64_t total_ = 0;
};

class Listener {
 public:
  struct Generation {
    std::shared_ptr<const SessionConfig> session;
    ConnectionSettings connection;
  };
  using Current = std::function<std::shared_ptr<const Generation>()>;

  /// `current` gives the configuration for the next session; all references outlive the listener.
  Listener(SessionHost& host, UniqueFd fd, ConnectionCount& count, Current current);

  Task<void> run();
  /// Accepts no more, and lets the sessions say 421. Await sessions_ended() then.
  void drain();
  /// The open sessions end as with drain(), so that what is in force now holds for their clients,
  /// too; accepting goes on.
  void renew_sessions();
  auto sessions_ended() { return sessions_.empty(); }
  std::size_t sessions() const { return open_.size(); }

 private:
  Task<void> serve(UniqueFd fd, Endpoint client, std::shared_ptr<const Generation> generation);

  SessionHost& host_;
  Socket socket_;
  const Endpoint own_;
  ConnectionCount& count_;
  Current current_;
  TaskGroup sessions_;
  std::set<Session*> open_;
  bool draining_ = false;
};

}  // namespace postern
