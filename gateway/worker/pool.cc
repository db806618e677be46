#include "gateway/worker/pool.h"

#include <sys/random.h>

#include <algorithm>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/worker/channel.h"
#include "gateway/worker/pool_parts.h"

namespace postern {
namespace {

constexpr Event poison_message{"poison_message", Level::warning,
                               "Two workers were lost over this message; on_failure answered for "
                               "it. See the workers' last lines."};

}  // namespace

std::uint64_t random_name() {
  std::uint64_t value = 0;
  // 8 octets are below the size from which getrandom() may be interrupted or short.
  if (::getrandom(&value, sizeof value, 0) != sizeof value) std::terminate();
  return value;
}

Task<Answer> WorkerPool::ask(std::string filter, Context context, Message message) {
  meters_.asked.add();
  note_degradation();
  CO_TRY(const EncodedRequest request, encode_request(filter, context.evidence, message));
  Attempt first = co_await attempt(request, context, false);
  if (!first.worker_lost || loop_.now() >= context.deadline) co_return std::move(first.answer);
  Attempt second = co_await attempt(request, context, true);
  if (second.worker_lost) {
    const std::string reason = second.answer ? "" : second.answer.error().what;
    log(poison_message,
        {{"queue", context.evidence.id.text()}, {"filter", filter}, {"reason", reason}});
  }
  co_return std::move(second.answer);
}

Task<WorkerPool::Attempt> WorkerPool::attempt(const EncodedRequest& request, Context context,
                                              bool fresh) {
  auto acquired = co_await acquire(context.deadline, fresh);
  if (!acquired) co_return Attempt{std::unexpected(std::move(acquired).error()), false};
  const WorkerPointer worker = *std::move(acquired);

  const SteadyTime until = std::min(context.deadline, loop_.now() + settings_.scan_deadline);
  Job job{random_name(), context.dns, until};
  worker->job = &job;
  worker->timer.set(until);
  const FrameHeader header{FrameKind::ask, 0, job.id, 0, until};
  std::string octets = encode_frame(header, request.body);
  co_await send(worker, std::move(octets), request.content.get(), until);
  job.asked = true;
  co_return co_await job.done.wait();
}

// A failure here is found in the job: lose() sets it.
Task<> WorkerPool::send(WorkerPointer worker, std::string octets, int descriptor,
                        SteadyTime deadline) {
  std::string_view rest = octets;
  while (!rest.empty() && worker->state == Worker::State::busy) {
    const auto sent = send_with(worker->socket.fd(), rest, descriptor);
    if (!sent) {
      lose(worker, Loss::died, sent.error().what);
      co_return;
    }
    if (*sent) {
      rest.remove_prefix(**sent);
      descriptor = -1;
      continue;
    }
    const Wait how = co_await worker->socket.writable(deadline);
    if (how == Wait::timed_out) co_return;  // the worker's timer speaks
  }
}

WorkerPool::WorkerPointer WorkerPool::take_idle(bool fresh) {
  if (idle_.empty()) return nullptr;
  auto chosen = std::prev(idle_.end());
  if (fresh) {
    const auto unused = std::ranges::find_if(idle_, [](const auto& w) { return w->served == 0; });
    if (unused != idle_.end()) chosen = unused;
  }
  const WorkerPointer worker = *chosen;
  idle_.erase(chosen);
  worker->state = Worker::State::busy;
  return worker;
}

Task<Result<WorkerPool::WorkerPointer>> WorkerPool::acquire(SteadyTime deadline, bool fresh) {
  if (closing_) co_return fail(std::errc::operation_canceled, "the gateway is shutting down");
  if (WorkerPointer worker = take_idle(fresh)) co_return worker;
  if (workers_.empty() && breaker_.open(loop_.now())) {
    co_return fail(std::errc::broken_pipe,
                   "all " + settings_.kind + " workers have died; waiting to restart");
  }
  if (line_.size() >= settings_.waiting_limit) {
    co_return fail(std::errc::resource_unavailable_try_again,
                   "too many messages wait for a " + settings_.kind + " worker");
  }
  Waiter waiter(*this);
  waiter.timer.set(deadline);
  line_.push_back(&waiter);
  meters_.waiting.add(1);
  Result<WorkerPointer> worker = co_await waiter.turn.wait();
  meters_.waiting.add(-1);
  co_return worker;
}

void WorkerPool::leave_line(Waiter* waiter) {
  line_.remove(waiter);
  waiter->turn.set(
      fail(std::errc::timed_out, "no " + settings_.kind + " worker became free in time"));
}

void WorkerPool::fail_line(std::errc code, const std::string& what) {
  while (!line_.empty()) {
    Waiter* waiter = line_.front();
    line_.pop_front();
    waiter->turn.set(fail(code, what));
  }
}

}  // namespace postern
