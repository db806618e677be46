// standing_orders.h — what an administrator ordered and a restart must not forget: orders.json.
//
// One section for each kind of order. The file is small and written whole, under another name,
// synced and renamed, so that a crash leaves the old orders or the new. A file that makes no sense
// is set aside as orders.json.broken with an event: mail goes on without its orders rather than not
// at all.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/control/storm_order.h"
#include "gateway/net/blocking.h"
#include "gateway/queue/disk.h"
#include "gateway/scheduler/suspensions.h"

namespace postern {

/// In memory; each member is a section of the file.
struct Orders {
  std::vector<Suspension> suspensions;
  std::optional<StormOrder> storm;  // while one is on
};

/// The file's text, and back. An error names what is wrong; unknown sections are one, since an
/// order that is silently dropped is an order that is not followed.
std::string write_orders(const Orders& orders);
Result<Orders> read_orders(std::string_view text);

/// Lives on one loop.
class StandingOrders {
 public:
  /// `disk` is the spool directory's.
  StandingOrders(Loop& loop, BlockingPool& files, std::unique_ptr<Disk> disk)
      : loop_(loop), files_(files), disk_(std::move(disk)) {}

  /// What was in force when the gateway ended; blocks, so before the loop runs. Without a file
  /// there are no orders.
  void load();

  /// Change them, then save().
  Orders& orders() { return orders_; }
  const Orders& orders() const { return orders_; }
  /// The orders as they are now are on stable storage when the task returns without an error.
  Task<Result<>> save();

 private:
  Result<> write(std::uint64_t number, const std::string& text);

  Loop& loop_;
  BlockingPool& files_;
  std::unique_ptr<Disk> disk_;
  Orders orders_;
  std::uint64_t saves_ = 0;
  std::mutex mutex_;           // of the file, and of the next
  std::uint64_t written_ = 0;  // the latest of the saves that is on disk
};

}  // namespace postern
