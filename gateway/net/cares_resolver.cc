#include "gateway/net/cares_resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <list>
#include <map>
#include <utility>

#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/net/dns_cache.h"
#include "gateway/net/reactor.h"

namespace postern {
namespace {

constexpr Event dns_failed{
    "dns-failed", Level::debug,
    "A question to the DNS got no usable answer; the filter or delivery that "
    "asked says what it made of that."};

constexpr unsigned most_hops = 8;           // packets asked for, one alias leading to the next
constexpr std::size_t most_flights = 4096;  // questions at once; a session asks some ten
constexpr int attempts = 3;
// RFC 9715 §3: a size that passes unfragmented nearly everywhere; above it there is TCP.
constexpr int datagram_size = 1232;

Counter& answers(bool cached, DnsStatus status) {
  const auto make = [](const char* from, const char* result) {
    return &counter("postern_dns_answers_total", "Answers to questions, by source and result.",
                    {{"from", from}, {"result", result}});
  };
  const auto row = [&](const char* from) {
    return std::array{make(from, "found"), make(from, "no_such_name"), make(from, "no_records"),
                      make(from, "failed")};
  };
  static const std::array table{row("server"), row("cache")};
  return *table[cached][static_cast<std::size_t>(status)];
}

Seconds& server_seconds() {
  static Seconds& metric = duration_metric("postern_dns_seconds", "Time until a server's answer.");
  return metric;
}

DecodedAnswer failure(std::string why) {
  DecodedAnswer out;
  out.answer.error = std::move(why);
  return out;
}

/// "192.0.2.1", "192.0.2.1:53", "[2001:db8::1]:53" or "2001:db8::1", as c-ares wants to read it.
std::optional<std::string> server_text(const std::string& text) {
  std::string host = text;
  std::string port = "53";
  const std::size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string::npos) return {};
    host = text.substr(1, end - 1);
    if (end + 1 < text.size()) {
      if (text[end + 1] != ':') return {};
      port = text.substr(end + 2);
    }
  } else if (colon != std::string::npos && text.find(':') == colon) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  const auto number = parse_number(port, 65535);
  if (!number || *number == 0) return {};
  in6_addr scratch{};
  if (inet_pton(AF_INET, host.c_str(), &scratch) == 1) return fmt::format("{}:{}", host, *number);
  if (inet_pton(AF_INET6, host.c_str(), &scratch) == 1) {
    return fmt::format("[{}]:{}", host, *number);
  }
  return {};
}

}  // namespace

void describe(DnsSettings& settings, Keys& keys) {
  keys.list(
      "dns_servers", settings.dns_servers,
      "Resolvers to ask, as \"ip\", \"ip:port\" or \"[ip]:port\", in this order. Empty: those of "
      "/etc/resolv.conf. Blocklists want a resolver of your own, on this machine at best.");
  keys.duration("dns_timeout", settings.dns_timeout, milliseconds(100), std::chrono::minutes(1),
                "Longest wait for one answer, all servers and retries included.");
  keys.integer("dns_cache_size", settings.dns_cache_size, 0, 10'000'000,
               "How many answers each loop remembers, at about 512 octets each; 0 = none.");
  for (const auto& server : settings.dns_servers) {
    if (server_text(server)) continue;
    keys.problem("dns_servers",
                 fmt::format("'{}' is no server: an address is wanted, with a port if "
                             "you like, for example \"127.0.0.1:53\"",
                             printable(server)));
  }
}

// Lives until its last handler has run. c-ares may call back from within any of its functions;
// all that such a call does is to leave a note on the loop, so that no coroutine runs inside.
class CaresResolver::Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(Loop& owner, const DnsSettings& settings)
      : loop(owner),
        timeout(settings.dns_timeout),
        cache_(static_cast<std::size_t>(settings.dns_cache_size)),
        timer_(owner, [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }) {}

  Result<> start(const DnsSettings& settings);
  void close();
  Task<DecodedAnswer> ask(std::string name, RecordType type, SteadyTime deadline);

  Loop& loop;
  const milliseconds timeout;

 private:
  using Question = std::pair<std::string, RecordType>;

  struct Waiter;
  struct Flight {
    SteadyTime started;
    std::list<Waiter*> waiters;
  };
  struct Waiter {
    Flight* flight = nullptr;
    OneShot<DecodedAnswer> answer;
    ~Waiter() {
      if (flight) flight->waiters.remove(this);
    }
  };
  /// What c-ares carries for us while a question is under way.
  struct Ticket {
    std::weak_ptr<Channel> channel;
    Question question;
  };
  /// A socket of c-ares. It lives in watched_, whose nodes do not move.
  struct Watched {
    Channel* channel = nullptr;
    ares_socket_t fd = ARES_SOCKET_BAD;
    Loop::Reactor::Key key = 0;
  };

  void send(const Question& question);
  static void answered(void* ticket, int status, int timeouts, unsigned char* packet, int length);
  void complete(const Question& question, const DecodedAnswer& answer);
  static void socket_changed(void* self, ares_socket_t fd, int readable, int writable);
  void watch(ares_socket_t fd, bool readable, bool writable);
  void told(ares_socket_t fd, std::uint32_t events);
  void process(ares_socket_t readable, ares_socket_t writable);
  void arm();

  ares_channel channel_ = nullptr;
  DnsCache cache_;
  Timer timer_;
  std::map<Question, Flight> flights_;
  std::map<ares_socket_t, Watched> watched_;
};

Result<> CaresResolver::Channel::start(const DnsSettings& settings) {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  if (library != ARES_SUCCESS) return fail(std::errc::not_enough_memory, ares_strerror(library));
  ares_options options{};
  options.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.ednspsz = datagram_size;
  // c-ares doubles the wait at each round: 1 + 2 quarters leave the last round cut short by us.
  options.timeout = static_cast<int>(timeout.count() / 4);
  options.tries = attempts;
  options.sock_state_cb = &Channel::socket_changed;
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                   ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE;
  if (const int status = ares_init_options(&channel_, &options, mask); status != ARES_SUCCESS) {
    channel_ = nullptr;
    return fail(std::errc::io_error, fmt::format("cannot set up DNS: {}", ares_strerror(status)));
  }
  if (settings.dns_servers.empty()) return {};
  std::string servers;
  for (const auto& server : settings.dns_servers) {
    const auto text = server_text(server);
    if (!text) return fail(std::errc::invalid_argument, "dns_servers: not a server: " + server);
    servers += (servers.empty() ? "" : ",") + *text;
  }
  if (const int status = ares_set_servers_ports_csv(channel_, servers.c_str())) {
    return fail(std::errc::invalid_argument, fmt::format("dns_servers: {}", ares_strerror(status)));
  }
  return {};
}

void CaresResolver::Channel::close() {
  timer_.clear();
  if (!channel_) return;
  ares_destroy(channel_);  // answers what is under way, and gives up its sockets
  channel_ = nullptr;
}

Task<DecodedAnswer> CaresResolver::Channel::ask(std::string name, RecordType type,
                                                SteadyTime deadline) {
  const auto self = shared_from_this();  // the resolver may go while we wait
  if (const auto* known = cache_.find(name, type, loop.now())) {
    answers(true, known->answer.status).add();
    co_return *known;
  }
  const Question question{std::move(name), type};
  if (!channel_) co_return failure("the resolver has ended");
  if (!flights_.contains(question)) {
    if (flights_.size() >= most_flights) co_return failure("too many questions under way");
    send(question);
  }
  Waiter waiter;
  waiter.flight = &flights_.at(question);
  waiter.flight->waiters.push_back(&waiter);
  Timer limit(loop, [&waiter] { waiter.answer.set(failure("timed out")); });
  limit.set(deadline);
  auto answer = co_await waiter.answer.wait();
  if (answer.answer.status == DnsStatus::failed) {
    log(dns_failed, {{"question", question.first},
                     {"type", static_cast<unsigned>(type)},
                     {"error", answer.answer.error}});
  }
  co_return answer;
}

void CaresResolver::Channel::send(const Question& question) {
  flights_[question].started = loop.now();
  auto ticket = std::make_unique<Ticket>(Ticket{weak_from_this(), question});
  constexpr int class_internet = 1;
  ares_query(channel_, question.first.c_str(), class_internet, static_cast<int>(question.second),
             &Channel::answered, ticket.release());
  arm();
}

void CaresResolver::Channel::answered(void* argument, int status, int, unsigned char* packet,
                                      int length) {
  const std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(argument));
  const auto channel = ticket->channel.lock();
  if (!channel) return;
  DecodedAnswer answer;
  if (packet && length > 0) {
    const std::string_view octets(reinterpret_cast<const char*>(packet),
                                  static_cast<std::size_t>(length));
    answer = decode_dns_answer(octets, ticket->question.first, ticket->question.second);
  } else {
    answer = failure(ares_strerror(status));
  }
  channel->loop.post([channel, question = std::move(ticket->question), answer = std::move(answer)] {
    channel->complete(question, answer);
  });
}

void CaresResolver::Channel::complete(const Question& question, const DecodedAnswer& answer) {
  auto node = flights_.extract(question);
  if (node.empty()) return;
  Flight& flight = node.mapped();
  const SteadyTime now = loop.now();
  answers(false, answer.answer.status).add();
  server_seconds().observe(std::chrono::duration<double>(now - flight.started).count());
  cache_.store(question.first, question.second, answer, now);
  // A coroutine that goes on here may end others that wait for the same answer.
  while (!flight.waiters.empty()) {
    Waiter* const waiter = flight.waiters.front();
    flight.waiters.pop_front();
    waiter->flight = nullptr;
    if (!waiter->answer.is_set()) waiter->answer.set(answer);
  }
}

void CaresResolver::Channel::socket_changed(void* self, ares_socket_t fd, int readable,
                                            int writable) {
  static_cast<Channel*>(self)->watch(fd, readable != 0, writable != 0);
}

// Level-triggered: how much of what has come c-ares reads is its own business.
void CaresResolver::Channel::watch(ares_socket_t fd, bool readable, bool writable) {
  Loop::Reactor& reactor = loop.reactor();
  Watched& watched = watched_[fd];
  if (!readable && !writable) {
    reactor.unwatch(watched.key);  // c-ares closes it
    watched_.erase(fd);
    return;
  }
  std::uint32_t events = 0;
  if (readable) events |= EPOLLIN;
  if (writable) events |= EPOLLOUT;
  if (watched.key != 0) {
    reactor.rewatch(watched.key, events);
    return;
  }
  watched.channel = this;
  watched.fd = fd;
  watched.key = reactor.watch(fd, events, &watched, [](void* owner, std::uint32_t happened) {
    const Watched told = *static_cast<Watched*>(owner);
    told.channel->told(told.fd, happened);
  });
  // Out of memory in the kernel: the question will time out.
  if (watched.key == 0) watched_.erase(fd);
}

void CaresResolver::Channel::told(ares_socket_t fd, std::uint32_t events) {
  const auto self = shared_from_this();
  // An error of the socket is for c-ares to meet when it reads or writes.
  constexpr std::uint32_t end = EPOLLHUP | EPOLLERR;
  const bool readable = (events & (EPOLLIN | end)) != 0;
  const bool writable = (events & (EPOLLOUT | end)) != 0;
  process(readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
}

void CaresResolver::Channel::process(ares_socket_t readable, ares_socket_t writable) {
  if (!channel_) return;
  ares_process_fd(channel_, readable, writable);
  arm();
}

void CaresResolver::Channel::arm() {
  timeval left{};
  if (!ares_timeout(channel_, nullptr, &left)) return timer_.clear();
  timer_.set(loop.now() + seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
}

CaresResolver::CaresResolver(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
CaresResolver::~CaresResolver() { channel_->close(); }

Result<std::unique_ptr<CaresResolver>> CaresResolver::open(Loop& loop,
                                                           const DnsSettings& settings) {
  auto channel = std::make_shared<Channel>(loop, settings);
  std::unique_ptr<CaresResolver> resolver(new CaresResolver(channel));
  TRY(channel->start(settings));
  return resolver;
}

Task<DnsAnswer> CaresResolver::query(std::string name, RecordType type, SteadyTime deadline) {
  const auto channel = channel_;
  auto asked = question_name(name);
  if (!asked) co_return DnsAnswer{DnsStatus::no_such_name, {}, 0, "not a name of the DNS"};
  deadline = std::min(deadline, channel->loop.now() + channel->timeout);
  std::uint32_t ttl = UINT32_MAX;
  for (unsigned hop = 0; hop < most_hops; ++hop) {
    auto found = co_await channel->ask(*asked, type, deadline);
    ttl = std::min(ttl, found.answer.ttl);
    if (found.alias.empty()) {
      found.answer.ttl = ttl;
      co_return std::move(found.answer);
    }
    asked = std::move(found.alias);
  }
  co_return DnsAnswer{DnsStatus::failed, {}, 0, "too many aliases"};
}

}  // namespace postern
