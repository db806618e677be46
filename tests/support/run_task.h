// run_task.h — runs one task to its end on a loop, for tests.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>

#include "gateway/net/loop.h"
#include "gateway/net/task.h"

namespace postern::test {

namespace detail {
template <class T>
Task<void> keep_result(Task<T> task, Loop& loop, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
  loop.stop();
}
inline Task<void> stop_after(Task<void> task, Loop& loop, bool& done) {
  co_await std::move(task);
  done = true;
  loop.stop();
}
}  // namespace detail

/// The loop must not have been stopped before; what else stands on it runs along.
template <class T>
T run_task(Loop& loop, Task<T> task) {
  std::optional<T> result;
  TaskGroup group;
  group.spawn(detail::keep_result(std::move(task), loop, result));
  if (!result) loop.run();
  loop.poll();  // resets the stop, so that the loop serves a next task
  if (!result) throw std::logic_error("the loop was stopped before the task had ended");
  return std::move(*result);
}

inline void run_task(Loop& loop, Task<void> task) {
  bool done = false;
  TaskGroup group;
  group.spawn(detail::stop_after(std::move(task), loop, done));
  if (!done) loop.run();
  loop.poll();
  if (!done) throw std::logic_error("the loop was stopped before the task had ended");
}

}  // namespace postern::test
