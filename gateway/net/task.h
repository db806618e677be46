// task.h — the coroutine type of the house.
//
// A Task<T> does nothing until it is awaited; the awaiter resumes when it has returned. Nothing is
// detached: what must run beside its maker is given to a TaskGroup, which its owner waits for.
// Exceptions pass to the awaiter. A Task belongs to one loop and one thread.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include "gateway/net/frames.h"

namespace postern {

template <class T = void>
class [[nodiscard]] Task;
template <class T>
class Soon;

namespace detail {

struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
    return done.promise().continuation;
  }
  void await_resume() const noexcept {}
};

/// Where a coroutine's frame comes from.
struct Framed {
  static void* operator new(std::size_t octets) { return Frames::take(octets); }
  static void operator delete(void* frame, std::size_t octets) noexcept {
    Frames::give(frame, octets);
  }
};

struct PromiseBase : Framed {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr exception;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle handle;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
        handle.promise().continuation = awaiting;
        return handle;
      }
      T await_resume() const { return handle.promise().take(); }
    };
    return Awaiter{handle_};
  }

 private:
  friend class Soon<T>;
  Handle handle_;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}
}  // namespace detail

/// A result that is mostly there at once: a coroutine takes over only where something must be
/// waited for. Awaited at once, like a Task.
template <class T>
class [[nodiscard]] Soon {
 public:
  Soon(T value) : value_(std::move(value)) {}
  Soon(Task<T> task) : task_(std::move(task)) {}

  bool await_ready() const noexcept { return value_.has_value(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    task_->handle_.promise().continuation = awaiting;
    return task_->handle_;
  }
  T await_resume() { return value_ ? std::move(*value_) : task_->handle_.promise().take(); }

 private:
  std::optional<T> value_;
  std::optional<Task<T>> task_;
};

/// Runs tasks beside their maker and knows when all have ended. The owner must co_await empty()
/// (or see count() == 0) before the group is destroyed. An exception that leaves a task is a bug
/// of ours and ends the process with a message: nothing may be lost in silence.
class TaskGroup {
 public:
  TaskGroup() = default;
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts the task now, up to its first wait.
  void spawn(Task<void> task) {
    ++count_;
    run(this, std::move(task));
  }
  std::size_t count() const { return count_; }

  auto empty() noexcept {
    struct Awaiter {
      TaskGroup& group;
      bool await_ready() const noexcept { return group.count_ == 0; }
      void await_suspend(std::coroutine_handle<> awaiting) const noexcept {
        group.waiter_ = awaiting;
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  struct Detached {
    struct promise_type : detail::Framed {
      Detached get_return_object() const noexcept { return {}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
    };
  };
  static Detached run(TaskGroup* group, Task<void> task) {
    {
      Task<void> own = std::move(task);  // its frame ends before the group may be told
      co_await std::move(own);
    }
    if (--group->count_ == 0 && group->waiter_) std::exchange(group->waiter_, nullptr).resume();
  }

  std::size_t count_ = 0;
  std::coroutine_handle<> waiter_;
};

/// Something that happens once on one loop: one coroutine waits, someone else sets the value.
template <class T>
class OneShot {
 public:
  void set(T value) {
    value_.emplace(std::move(value));
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }
  bool is_set() const { return value_.has_value(); }

  auto wait() noexcept {
    struct Awaiter {
      OneShot& shot;
      bool await_ready() const noexcept { return shot.value_.has_value(); }
      void await_suspend(std::coroutine_handle<> awaiting) const noexcept {
        shot.waiter_ = awaiting;
      }
      T await_resume() const { return std::move(*shot.value_); }
    };
    return Awaiter{*this};
  }

 private:
  std::optional<T> value_;
  std::coroutine_handle<> waiter_;
};

}  // namespace postern
