// pool_parts.h — what a pool knows of a worker, of a question under way, and of one that waits.
//
// Inside pool*.cc only.
#pragma once

#include <utility>

#include "gateway/worker/pool.h"

namespace postern {

/// A question that a worker has; it lives in the asking coroutine.
struct WorkerPool::Job {
  std::uint64_t id;
  Resolver& dns;
  SteadyTime deadline;
  bool asked = false;  // the question was sent to its end
  unsigned lookups = 0;
  OneShot<Attempt> done = {};
};

struct WorkerPool::Worker {
  enum class State : std::uint8_t { starting, idle, busy, gone };

  Worker(WorkerPool& pool, std::uint64_t name, Control from, UniqueFd channel)
      : token(name),
        control(std::move(from)),
        socket(pool.loop_, std::move(channel)),
        timer(pool.loop_, [&pool, name] { pool.expired(name); }) {}

  const std::uint64_t token;  // random; the zygote knows the worker by it
  const Control control;
  Socket socket;
  Timer timer;  // until ready, or until the answer
  State state = State::starting;
  std::uint32_t pid = 0;
  std::string sandbox;
  std::uint64_t served = 0;
  bool retiring = false;
  Job* job = nullptr;
  std::string outgoing;  // answers to its lookups
  bool sending = false;  // someone sends them
};

/// One that waits for a free worker; it lives in the asking coroutine.
struct WorkerPool::Waiter {
  explicit Waiter(WorkerPool& pool) : timer(pool.loop_, [this, &pool] { pool.leave_line(this); }) {}
  OneShot<Result<WorkerPointer>> turn;
  Timer timer;
};

/// 64 random bits: a name that nobody can guess.
std::uint64_t random_name();

}  // namespace postern
