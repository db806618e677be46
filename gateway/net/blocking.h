// blocking.h — work that blocks (files), done beside the loop.
//
// co_await pool.run(loop, function) runs the function on one of the pool's threads and resumes on
// the loop. The order between functions is not kept. The destructor runs what waits, then joins:
// nothing that was begun is lost, but the loops must still take posts.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "gateway/net/loop.h"

namespace postern {

class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// The function owns or outlives what it uses; it must not throw and must not touch the loop.
  template <class Function>
  auto run(Loop& loop, Function function) {
    return Awaiter<Function>{*this, loop, std::move(function), std::nullopt};
  }

 private:
  template <class Function>
  struct Awaiter {
    BlockingPool& pool;
    Loop& loop;
    Function function;
    std::optional<std::invoke_result_t<Function&>> result;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
      // The awaiter lives in the waiting coroutine's frame until it is resumed.
      pool.push([this, awaiting] {
        result.emplace(function());
        loop.post([awaiting] { awaiting.resume(); });
      });
    }
    auto await_resume() { return std::move(*result); }
  };

  void push(std::move_only_function<void()> work);
  void serve();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::move_only_function<void()>> waiting_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace postern
