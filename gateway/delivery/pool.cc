#include "gateway/delivery/pool.h"

#include <algorithm>
#include <functional>

#include "gateway/base/metrics.h"

namespace postern {
namespace {

Gauge& idle_connections =
    gauge("postern_delivery_connections_idle", "Outbound connections kept for a next message.");
Gauge& used_connections =
    gauge("postern_delivery_connections_in_use", "Outbound connections that carry a message now.");

// Peeking is a system call; within this time a server does not tire of us.
constexpr milliseconds trusted = milliseconds(100);
// Bounds memory and descriptors when thousands of destinations get one message each.
constexpr std::size_t most_idle = 500;

}  // namespace

ConnectionPool::Lease::Lease(ConnectionPool& pool, std::unique_ptr<SmtpClient> client)
    : pool_(&pool), client_(std::move(client)) {
  pool_->in_use_.insert(client_.get());
  used_connections.add(1);
}

ConnectionPool::Lease& ConnectionPool::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    end();
    pool_ = other.pool_;
    client_ = std::move(other.client_);
  }
  return *this;
}

void ConnectionPool::Lease::end() {
  if (!client_) return;
  pool_->in_use_.erase(client_.get());
  used_connections.add(-1);
  pool_->give(std::move(client_));
}

std::size_t ConnectionPool::PeerHash::operator()(const Peer& peer) const {
  return std::hash<std::string>()(peer.endpoint.host) * 31 + peer.endpoint.port;
}

ConnectionPool::ConnectionPool(const DeliveryContext& context)
    : context_(context),
      helo_(context.settings->smtp_helo_name.empty() ? context.hostname
                                                     : context.settings->smtp_helo_name),
      timer_(context.loop, [this] { sweep(); }) {}

ConnectionPool::Lease ConnectionPool::take(const Peer& peer) {
  const auto found = idle_.find(peer);
  if (found == idle_.end()) return {};
  auto& kept = found->second;
  std::unique_ptr<SmtpClient> client;
  while (!client && !kept.empty()) {
    Idle last = std::move(kept.back());
    kept.pop_back();
    --idle_count_;
    idle_connections.add(-1);
    const bool fresh = context_.loop.now() - last.since < trusted;
    if (!last.client->keepable()) {
      goodbyes_.spawn(say_goodbye(std::move(last.client)));
    } else if (fresh || !last.client->went_away()) {
      client = std::move(last.client);
    }
  }
  if (kept.empty()) idle_.erase(found);
  return client ? Lease(*this, std::move(client)) : Lease();
}

ConnectionPool::Lease ConnectionPool::make(const Peer& peer) {
  return Lease(*this, std::make_unique<SmtpClient>(context_.loop, *context_.settings, helo_, peer));
}

void ConnectionPool::give(std::unique_ptr<SmtpClient> client) {
  const auto patience = context_.settings->smtp_connection_cache_time_limit;
  if (closed_ || patience <= milliseconds(0) || idle_count_ >= most_idle || !client->keepable()) {
    goodbyes_.spawn(say_goodbye(std::move(client)));
    return;
  }
  const SteadyTime now = context_.loop.now();
  idle_[client->peer()].push_back({std::move(client), now});
  ++idle_count_;
  idle_connections.add(1);
  if (!std::exchange(timer_set_, true)) timer_.set(now + patience);
}

// One timer for all: it runs for the one that has lain longest.
void ConnectionPool::sweep() {
  const auto patience = context_.settings->smtp_connection_cache_time_limit;
  const SteadyTime now = context_.loop.now();
  SteadyTime next = SteadyTime::max();
  for (auto peer = idle_.begin(); peer != idle_.end();) {
    auto& kept = peer->second;  // oldest first: they are pushed and popped at the back
    const auto living =
        std::ranges::find_if(kept, [&](const Idle& i) { return now - i.since < patience; });
    for (auto old = kept.begin(); old != living; ++old) {
      --idle_count_;
      idle_connections.add(-1);
      goodbyes_.spawn(say_goodbye(std::move(old->client)));
    }
    kept.erase(kept.begin(), living);
    if (!kept.empty()) next = std::min(next, kept.front().since + patience);
    peer = kept.empty() ? idle_.erase(peer) : std::next(peer);
  }
  timer_set_ = next != SteadyTime::max();
  if (timer_set_) timer_.set(next);
}

Task<> ConnectionPool::say_goodbye(std::unique_ptr<SmtpClient> client) { co_await client->quit(); }

Task<> ConnectionPool::close() {
  closed_ = true;
  auto idle = std::exchange(idle_, {});
  idle_connections.add(-static_cast<std::int64_t>(std::exchange(idle_count_, 0)));
  for (auto& [peer, kept] : idle) {
    for (auto& one : kept) goodbyes_.spawn(say_goodbye(std::move(one.client)));
  }
  timer_.clear();
  co_await goodbyes_.empty();
}

void ConnectionPool::shut() {
  for (SmtpClient* const client : in_use_) client->shut();
}

}  // namespace postern
