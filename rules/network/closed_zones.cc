#include "rules/network/closed_zones.h"

namespace postern {

void ClosedZones::close(const std::set<std::string>& zones, Time until) {
  const std::lock_guard lock(mutex_);
  for (const auto& zone : zones) until_[zone] = until;
}

std::set<std::string, std::less<>> ClosedZones::closed(Time now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
  std::set<std::string, std::less<>> out;
  for (const auto& [zone, until] : until_) out.insert(zone);
  return out;
}

}  // namespace postern
