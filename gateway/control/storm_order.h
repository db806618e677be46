// storm_order.h — a storm that is on, as orders.json keeps it: what was done, so that it can be
// undone, also by another life of the gateway.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "gateway/base/result.h"
#include "policies/storm.h"
#include "policies/usual_rates.h"

namespace postern {

struct StormOrder {
  struct Done {
    StormStep step = StormStep::park;
    std::uint64_t messages = 0;  // that it has changed
  };

  StormPreset preset = StormPreset::gentle;
  std::string why;
  WallTime since{};
  bool ending = false;      // `off` has begun: what follows a restart is more undoing
  std::vector<Done> steps;  // begun, in order; noted before the first change of each
  /// What was usual for the busiest clients when it began. Learning that takes half a day, and
  /// after a restart they must not be taken for bots.
  std::vector<UsualRates::Known> usual;
};

boost::json::value write_storm(const StormOrder& order);
Result<StormOrder> read_storm(const boost::json::value& section);

}  // namespace postern
