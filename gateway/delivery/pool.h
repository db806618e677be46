// pool.h — connections that are kept for the next message.
//
// Opening a connection costs more than a message on one that stands (measured: 1.6 times the CPU
// of the whole relay). A connection is kept for a few seconds after a message, and ends by age, by
// count or when it lies idle. That a kept connection has died is nobody's fault: whoever took it
// repeats at once on a new one (see HopSender).
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gateway/delivery/settings.h"
#include "gateway/delivery/smtp_client.h"

namespace postern {

class ConnectionPool {
 public:
  /// A connection in use. When it goes, the pool keeps the connection or says goodbye to it.
  class Lease {
   public:
    Lease() = default;
    Lease(ConnectionPool& pool, std::unique_ptr<SmtpClient> client);
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { end(); }

    explicit operator bool() const { return client_ != nullptr; }
    SmtpClient* operator->() const { return client_.get(); }

   private:
    void end();
    ConnectionPool* pool_ = nullptr;
    std::unique_ptr<SmtpClient> client_;
  };

  /// The context outlives the pool; close() must have ended before the pool does.
  explicit ConnectionPool(const DeliveryContext& context);
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// The kept connection to `peer` that was used last, or an empty lease.
  Lease take(const Peer& peer);
  /// A client that is not connected yet.
  Lease make(const Peer& peer);
  std::size_t idle() const { return idle_count_; }

  /// Says QUIT on all idle connections and keeps none from here on.
  Task<> close();
  /// Wakes all who wait on a connection in use: their recipients end as temporary failures.
  void shut();

 private:
  struct Idle {
    std::unique_ptr<SmtpClient> client;
    SteadyTime since;
  };
  struct PeerHash {
    std::size_t operator()(const Peer& peer) const;
  };

  void give(std::unique_ptr<SmtpClient> client);
  void sweep();
  Task<> say_goodbye(std::unique_ptr<SmtpClient> client);

  const DeliveryContext& context_;
  const std::string& helo_;
  std::unordered_map<Peer, std::vector<Idle>, PeerHash> idle_;
  std::size_t idle_count_ = 0;
  std::unordered_set<SmtpClient*> in_use_;
  TaskGroup goodbyes_;
  Timer timer_;
  bool timer_set_ = false;
  bool closed_ = false;
};

}  // namespace postern
