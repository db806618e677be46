// remote_filter.h — a filter whose code runs in a worker, as the gateway's chain sees it.
//
// Its factory stands where the filter's own would: the chain cannot tell the difference.
#pragma once

#include <memory>
#include <vector>

#include "gateway/pipeline/filter.h"
#include "gateway/worker/pool.h"

namespace postern {

/// The pools of all loops. Filled before the loops run, and read only from then on.
class WorkerPools {
 public:
  void add(Placement placement, Loop& loop, std::unique_ptr<WorkerPool> pool);
  /// The pool for questions on `loop`, or null where none was configured.
  WorkerPool* find(Placement placement, const Loop& loop) const;

  /// A new zygote for all pools of a kind; from any thread. The pools outlive the loops.
  void set_control(Placement placement, const Control& control) const;
  /// Ends the workers of one loop; on that loop.
  Task<> close(const Loop& loop) const;

 private:
  struct Entry {
    Placement placement;
    Loop* loop;
    std::unique_ptr<WorkerPool> pool;
  };
  std::vector<Entry> entries_;
};

/// Makes filters that answer Stage::message by asking a worker for the filter `type.name`.
std::shared_ptr<const FilterFactory> remote_factory(const FilterType& type,
                                                    std::shared_ptr<const WorkerPools> pools);

}  // namespace postern
