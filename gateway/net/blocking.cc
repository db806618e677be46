#include "gateway/net/blocking.h"

namespace postern {

BlockingPool::BlockingPool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  arrived_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void BlockingPool::push(std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  arrived_.notify_one();
}

// noexcept on purpose: what throws here has broken the rule of run(), and half-done work on files
// must end the process rather than be forgotten.
void BlockingPool::serve() {
  [this]() noexcept {
    std::unique_lock lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      auto work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }();
}

}  // namespace postern
