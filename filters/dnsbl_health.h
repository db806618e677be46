// dnsbl_health.h — whether the answers of a DNS list can be believed.
//
// Lists die, are sold, or refuse who asks too much, and then list the whole world or answer with an
// error that looks like a listing. So each zone proves itself before it is believed, and every ten
// minutes from then on: it must list the test entry 127.0.0.2 and must not list 127.0.0.1 (RFC 5782
// §5). A zone that fails is ignored, with an alarm, until it passes.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "filters/dnsbl_site.h"
#include "gateway/base/metrics.h"
#include "gateway/pipeline/filter.h"

namespace postern {

/// What a zone said about one address.
struct ZoneAnswer {
  bool failed = false;               // no usable answer: never a listing
  bool refused = false;              // 127.255.255.0/24: the provider's error, not a listing
  std::vector<ListAnswer> listings;  // within 127.0.0.0/8; anything else is no list's answer
};
ZoneAnswer read_zone_answer(const DnsAnswer& answer);

/// Shared by all sessions, on all loops.
class DnsblHealth {
 public:
  /// `shown` is the zone's public name: part of a zone's name may be a secret key.
  DnsblHealth(std::string zone, std::string shown);

  /// Asks for the test entries where that is due; otherwise returns at once.
  Task<void> test_if_due(Context context, SteadyTime deadline);
  bool believed() const { return standing_ == Standing::good; }
  /// The provider refused an ordinary question: nothing is believed until the next test.
  void refused(const Context& context);

 private:
  enum class Standing : std::uint8_t { unknown, good, bad };
  struct Questions;

  bool claim(SteadyTime now);
  void conclude(const Questions& answers, SteadyTime now);
  void set(Standing standing, std::string_view why, SteadyTime now);
  void set_next_test(SteadyTime when);

  std::string zone_;
  std::string shown_;
  Gauge& believed_;
  std::atomic<Standing> standing_ = Standing::unknown;
  std::atomic<SteadyTime::rep> next_test_ = SteadyTime::min().time_since_epoch().count();
};

}  // namespace postern
