// answer.h — the result of a task that never waits, without a loop: questions to a zone in memory.
#pragma once

#include <cassert>
#include <optional>
#include <utility>

#include "gateway/net/task.h"

namespace postern {

namespace detail {
template <class T>
Task<void> keep_answer(Task<T> task, std::optional<T>& answer) {
  answer.emplace(co_await std::move(task));
}
}  // namespace detail

template <class T>
T answer_at_once(Task<T> task) {
  std::optional<T> answer;
  TaskGroup group;
  group.spawn(detail::keep_answer(std::move(task), answer));
  assert(answer && "a task that waits has no place here");
  return std::move(*answer);
}

}  // namespace postern
