// closed_zones.h — lists that have told us to stay away (dns_block_rule), and until when.
//
// A list that answers "blocked" to every question is asked no more for dns_block_time seconds, so
// that one full quota does not slow every message down. Shared by all scans of a process;
// thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace postern {

class ClosedZones {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void close(const std::set<std::string>& zones, Time until);
  std::set<std::string, std::less<>> closed(Time now);

 private:
  std::mutex mutex_;
  std::map<std::string, Time> until_;
};

}  // namespace postern
