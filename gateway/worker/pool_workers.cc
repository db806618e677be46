// pool_workers.cc — the life of a pool's workers: ordered, watched, lost, replaced.
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "gateway/base/log.h"
#include "gateway/worker/answer.h"
#include "gateway/worker/channel.h"
#include "gateway/worker/pool_parts.h"

namespace postern {
namespace {

constexpr Event worker_sandbox{"worker_sandbox", Level::info,
                               "The layers that confine the workers; see sandbox in [worker]."};
constexpr Event worker_lost{"worker_lost", Level::warning,
                            "A worker died, hung or answered nonsense; its message was tried once "
                            "more and it was replaced."};
constexpr Event workers_degraded{"workers_degraded", Level::error,
                                 "Workers die faster than accidents explain; they are restarted "
                                 "slowly. Look for poison_message."};
constexpr Event workers_recovered{"workers_recovered", Level::info,
                                  "A minute has passed without many crashes."};
constexpr Event zygote_lost{
    "zygote_lost", Level::error,
    "The process that workers come from has ended; the supervisor restarts it."};

constexpr milliseconds retry_start{1000};  // where our own process lacks descriptors or memory
constexpr milliseconds retry_order{5};     // a zygote reads its orders in microseconds

std::string hex_name(std::uint64_t token) { return fmt::format("{:016x}", token); }

bool zygote_is_gone(const Error& error) {
  return error.code == std::errc::broken_pipe || error.code == std::errc::connection_reset ||
         error.code == std::errc::not_connected || error.code == std::errc::connection_refused;
}

void make_non_blocking(const Control& control) {
  if (control) ::fcntl(control->get(), F_SETFL, ::fcntl(control->get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

WorkerPool::Meters::Meters(const std::string& kind)
    : asked(counter("postern_worker_asked_total", "Questions to workers.", {{"kind", kind}})),
      crashes(counter("postern_worker_crashes_total", "Workers that died or answered nonsense.",
                      {{"kind", kind}})),
      timeouts(counter("postern_worker_timeouts_total",
                       "Workers killed as they passed the deadline.", {{"kind", kind}})),
      alive(gauge("postern_workers", "Workers that live.", {{"kind", kind}})),
      waiting(
          gauge("postern_worker_waiting", "Messages that wait for a worker.", {{"kind", kind}})),
      degraded(gauge("postern_worker_degraded",
                     "Pools whose workers are restarted slowly after crashes.", {{"kind", kind}})) {
}

WorkerPool::WorkerPool(Loop& loop, Control control, PoolSettings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      meters_(settings_.kind),
      control_(std::move(control)),
      start_timer_(loop, [this] { fill(); }),
      order_timer_(loop, [this] { send_orders(); }) {
  make_non_blocking(control_);
  fill();
}

WorkerPool::~WorkerPool() = default;

Task<> WorkerPool::close() {
  closing_ = true;
  const std::vector<WorkerPointer> all = workers_;
  for (const WorkerPointer& worker : all)
    lose(worker, Loss::closing, "the gateway is shutting down");
  fail_line(std::errc::operation_canceled, "the gateway is shutting down");
  start_timer_.clear();
  order_timer_.clear();
  orders_.clear();
  co_await watchers_.empty();
}

void WorkerPool::set_control(Control control) {
  control_ = std::move(control);
  make_non_blocking(control_);
  zygote_gone_ = false;
  sandbox_logged_ = false;
  breaker_.reset();
  note_degradation();
  const std::vector<WorkerPointer> all = workers_;
  for (const WorkerPointer& worker : all) {
    if (worker->state != Worker::State::busy) lose(worker, Loss::replaced, "a new zygote is there");
  }
  fill();
}

std::vector<WorkerPool::Status> WorkerPool::status() const {
  std::vector<Status> out;
  for (const WorkerPointer& worker : workers_) {
    if (worker->state == Worker::State::starting) continue;
    out.push_back({worker->pid, worker->state == Worker::State::busy, worker->sandbox});
  }
  return out;
}

std::size_t WorkerPool::current_workers() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(workers_, [this](const auto& w) { return w->control == control_; }));
}

void WorkerPool::fill() {
  if (closing_ || !control_) return;
  while (!zygote_gone_ && current_workers() < settings_.workers) {
    const SteadyTime now = loop_.now();
    if (now < breaker_.next_start()) return start_timer_.set(breaker_.next_start());
    if (!start_worker()) return start_timer_.set(now + retry_start);
  }
}

bool WorkerPool::start_worker() {
  auto ends = socket_pair(SOCK_STREAM);
  if (!ends) return false;
  const auto worker =
      std::make_shared<Worker>(*this, random_name(), control_, std::move(ends->first));
  workers_.push_back(worker);
  meters_.alive.add(1);
  worker->timer.set(loop_.now() + settings_.start_deadline);
  watchers_.spawn(watch(worker));
  give({FrameKind::start, control_, worker->token, std::move(ends->second)});
  return true;
}

void WorkerPool::give(Order order) {
  orders_.push_back(std::move(order));
  send_orders();
}

void WorkerPool::send_orders() {
  std::deque<Order> orders = std::exchange(orders_, {});
  for (Order& order : orders) {
    const std::string octets = encode_frame({order.kind, 0, order.token, 0, {}}, {});
    const auto sent = send_with(order.control->get(), octets, order.descriptor.get());
    const bool later = sent ? !*sent : !undeliverable(order, sent.error());
    if (!later) continue;
    orders_.push_back(std::move(order));
    order_timer_.set(loop_.now() + retry_order);
  }
}

// True when there is no sense in trying again.
bool WorkerPool::undeliverable(const Order& order, const Error& error) {
  if (!zygote_is_gone(error)) return false;
  if (order.control == control_ && !zygote_gone_) {
    zygote_gone_ = true;
    log(zygote_lost, {{"kind", settings_.kind}, {"error", error.what}});
  }
  const auto found =
      std::ranges::find_if(workers_, [&](const auto& w) { return w->token == order.token; });
  if (found != workers_.end()) lose(*found, Loss::no_zygote, error.what);
  return true;
}

Task<> WorkerPool::watch(WorkerPointer worker) {
  FrameReader reader(largest_answer);
  while (worker->state != Worker::State::gone) {
    const Wait how = co_await worker->socket.readable(SteadyTime::max());
    if (how == Wait::closed || !receive(worker, reader)) break;
  }
  lose(worker, Loss::died, "its channel was closed");
}

// False when the worker is lost.
bool WorkerPool::receive(const WorkerPointer& worker, FrameReader& reader) {
  std::array<char, 16 * 1024> buffer;
  auto received = receive_with(worker->socket.fd(), buffer);
  if (!received) return lose(worker, Loss::died, received.error().what), false;
  if (!*received) return true;
  const Received& got = **received;
  if (!got.descriptors.empty() || got.more_descriptors) {
    return lose(worker, Loss::garbled, "it sent descriptors"), false;
  }
  if (got.octets == 0) return lose(worker, Loss::died, "its channel was closed"), false;
  if (worker->state == Worker::State::idle) {
    return lose(worker, Loss::garbled, "it spoke without being asked"), false;
  }
  reader.feed(std::string_view(buffer.data(), got.octets));
  for (;;) {
    const auto frame = reader.take();
    if (!frame) return lose(worker, Loss::garbled, frame.error().what), false;
    if (!*frame) return true;
    if ((*frame)->header.kind == FrameKind::lookup) {
      if (!look_up(worker, **frame)) return false;
      continue;
    }
    if ((*frame)->header.kind == FrameKind::digest_lookup) {
      if (!look_up_digest(worker, **frame)) return false;
      continue;
    }
    if (!reader.empty()) return lose(worker, Loss::garbled, "octets behind its answer"), false;
    return worker->state == Worker::State::starting ? welcome(worker, **frame)
                                                    : handle(worker, **frame);
  }
}

bool WorkerPool::welcome(const WorkerPointer& worker, const Frame& frame) {
  if (frame.header.kind == FrameKind::failure) {
    const auto reason = decode_failure(frame.body);
    return lose(worker, Loss::died, reason ? reason->what : "it cannot start"), false;
  }
  const auto note = decode_ready(frame.body);
  if (frame.header.kind != FrameKind::ready || frame.header.id != worker->token || !note) {
    return lose(worker, Loss::garbled, "it did not begin with ready"), false;
  }
  worker->timer.clear();
  worker->pid = note->pid;
  worker->sandbox = note->sandbox;
  if (!std::exchange(sandbox_logged_, true)) {
    log(worker_sandbox, {{"kind", settings_.kind}, {"sandbox", note->sandbox}});
  }
  release(worker);
  return true;
}

bool WorkerPool::handle(const WorkerPointer& worker, const Frame& frame) {
  Job* job = worker->job;
  const bool answered = frame.header.kind == FrameKind::answer;
  if (job == nullptr || frame.header.id != job->id ||
      (!answered && frame.header.kind != FrameKind::failure)) {
    return lose(worker, Loss::garbled, "an answer to another question"), false;
  }
  // Half a frame may be on its way to it, which the next question must not be taken for.
  if (worker->sending) return lose(worker, Loss::garbled, "it did not await its lookups"), false;
  Answer answer = Opinion{};
  if (answered) {
    answer = decode_opinion(frame.body);
    if (!answer) return lose(worker, Loss::garbled, answer.error().what), false;
  } else {
    auto failure = decode_failure(frame.body);
    if (!failure) return lose(worker, Loss::garbled, failure.error().what), false;
    if (failure->code == std::errc::state_not_recoverable) {
      return lose(worker, Loss::died, failure->what), false;
    }
    answer = std::unexpected(*std::move(failure));
  }
  worker->job = nullptr;
  worker->timer.clear();
  ++worker->served;
  worker->retiring = (frame.header.flags & frame_is_last) != 0;
  release(worker);
  job->done.set(Attempt{std::move(answer), false});
  return true;
}

// The worker is free: for the first in line, for later, or to go.
void WorkerPool::release(const WorkerPointer& worker) {
  if (worker->retiring) return lose(worker, Loss::retired, "it has lived long enough");
  if (worker->control != control_) return lose(worker, Loss::replaced, "a new zygote is there");
  if (line_.empty()) {
    worker->state = Worker::State::idle;
    idle_.push_back(worker);
    return;
  }
  Waiter* waiter = line_.front();
  line_.pop_front();
  worker->state = Worker::State::busy;
  waiter->turn.set(worker);
}

std::string_view WorkerPool::loss_name(Loss loss) {
  switch (loss) {
    case Loss::died:
      return "died";
    case Loss::timed_out:
      return "timed_out";
    case Loss::garbled:
      return "garbled";
    case Loss::retired:
      return "retired";
    case Loss::replaced:
      return "replaced";
    case Loss::no_zygote:
      return "no_zygote";
    case Loss::closing:
      return "closing";
  }
  return "?";
}

void WorkerPool::lose(WorkerPointer worker, Loss loss, const std::string& what) {
  if (worker->state == Worker::State::gone) return;
  worker->state = Worker::State::gone;
  std::erase(workers_, worker);
  std::erase(idle_, worker);
  meters_.alive.add(-1);
  worker->timer.clear();
  worker->socket.shut();
  if (loss != Loss::no_zygote) give({FrameKind::kill, worker->control, worker->token, {}});

  // A worker whose zygote was replaced is none of the new one's.
  const bool accident = loss == Loss::died || loss == Loss::garbled || loss == Loss::timed_out;
  if (accident && !closing_) {
    (loss == Loss::timed_out ? meters_.timeouts : meters_.crashes).add();
    log(worker_lost, {{"kind", settings_.kind},
                      {"worker", hex_name(worker->token)},
                      {"pid", worker->pid},
                      {"reason", loss_name(loss)},
                      {"error", what}});
    if (worker->control == control_) breaker_.crashed(loop_.now());
    note_degradation();
  }
  Job* job = std::exchange(worker->job, nullptr);
  fill();
  if (workers_.empty() && breaker_.open(loop_.now())) {
    fail_line(std::errc::broken_pipe, "all " + settings_.kind + " workers have died");
  }
  if (job == nullptr) return;
  const auto code = loss == Loss::timed_out ? std::errc::timed_out : std::errc::broken_pipe;
  job->done.set(
      Attempt{fail(code, settings_.kind + " worker " + std::string(loss_name(loss)) + ": " + what),
              loss != Loss::closing});
}

void WorkerPool::expired(std::uint64_t token) {
  const auto found =
      std::ranges::find_if(workers_, [&](const auto& w) { return w->token == token; });
  if (found == workers_.end()) return;
  const bool starting = (*found)->state == Worker::State::starting;
  lose(*found, Loss::timed_out, starting ? "it did not become ready" : "it passed its deadline");
}

void WorkerPool::note_degradation() {
  const bool now_degraded = breaker_.open(loop_.now());
  if (now_degraded == was_degraded_) return;
  was_degraded_ = now_degraded;
  meters_.degraded.add(now_degraded ? 1 : -1);
  log(now_degraded ? workers_degraded : workers_recovered, {{"kind", settings_.kind}});
}

}  // namespace postern
