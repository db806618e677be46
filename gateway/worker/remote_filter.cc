#include "gateway/worker/remote_filter.h"

#include <string>
#include <utility>

namespace postern {
namespace {

class RemoteFilter final : public Filter {
 public:
  RemoteFilter(const FilterType& type, std::shared_ptr<const WorkerPools> pools)
      : type_(type), pools_(std::move(pools)) {}

  Task<Answer> on_message(Context context, Message message) override {
    WorkerPool* pool = pools_->find(type_.placement, context.loop);
    if (pool == nullptr)
      co_return fail(std::errc::broken_pipe, "there are no workers for this filter");
    std::string name(type_.name);
    co_return co_await pool->ask(std::move(name), context, std::move(message));
  }

 private:
  const FilterType& type_;
  std::shared_ptr<const WorkerPools> pools_;
};

class RemoteFactory final : public FilterFactory {
 public:
  RemoteFactory(const FilterType& type, std::shared_ptr<const WorkerPools> pools)
      : type_(type), pools_(std::move(pools)) {}

  std::unique_ptr<Filter> make() const override {
    return std::make_unique<RemoteFilter>(type_, pools_);
  }
  bool answers(Stage stage) const override { return stage == Stage::message; }

 private:
  const FilterType& type_;
  std::shared_ptr<const WorkerPools> pools_;
};

}  // namespace

void WorkerPools::add(Placement placement, Loop& loop, std::unique_ptr<WorkerPool> pool) {
  entries_.push_back({placement, &loop, std::move(pool)});
}

WorkerPool* WorkerPools::find(Placement placement, const Loop& loop) const {
  for (const Entry& entry : entries_) {
    if (entry.placement == placement && entry.loop == &loop) return entry.pool.get();
  }
  return nullptr;
}

void WorkerPools::set_control(Placement placement, const Control& control) const {
  for (const Entry& entry : entries_) {
    if (entry.placement != placement) continue;
    entry.loop->post([pool = entry.pool.get(), control] { pool->set_control(control); });
  }
}

Task<> WorkerPools::close(const Loop& loop) const {
  for (const Entry& entry : entries_) {
    if (entry.loop == &loop) co_await entry.pool->close();
  }
}

std::shared_ptr<const FilterFactory> remote_factory(const FilterType& type,
                                                    std::shared_ptr<const WorkerPools> pools) {
  return std::make_shared<RemoteFactory>(type, std::move(pools));
}

}  // namespace postern
