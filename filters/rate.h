// rate.h — the rate filter in a storm: the configured limits, or stricter ones, and clients of ours
// that bring far more than they usually do.
#pragma once

#include <memory>

#include "gateway/pipeline/filter.h"
#include "policies/storm.h"
#include "policies/usual_rates.h"

namespace postern {

extern const FilterType rate_filter;

struct StormRates {
  const StormMeasures* clients = nullptr;  // null: strangers have the configured limits
  const StormMeasures* inside = nullptr;   // null: mynetworks has no limit
  UsualRates* usual = nullptr;             // outlives every session
};

/// `configured` is what rate_filter made of its settings, or null where the pipeline has no rate
/// filter: then there are only the storm's limits. Its exceptions hold in a storm, too. Counting
/// begins anew, as with a reload.
std::shared_ptr<const FilterFactory> rates_in_storm(const FilterFactory* configured,
                                                    const StormRates& storm);

}  // namespace postern
