// usual_rates.h — how many messages a minute each client usually brings, and who brings far more.
//
// For every client a slow average (half a day) of its messages a minute. One that is taken over by
// a spam-bot leaves its own average by a factor within a minute, whatever that average is; a
// newsletter host that always sends much does not. A minute far above the usual counts as `doubt`
// times the usual and no more, so that a bot does not become usual by going on.
//
// Fixed memory, seeded hash: clients live in small sets; a full set forgets the one with the lowest
// average, so that new addresses push out each other and not who sends regularly. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "policies/rate.h"

namespace postern {

class UsualRates {
 public:
  /// Who brings no more than this in a minute is never over, and nobody's usual rate is less.
  static constexpr std::uint32_t least = 20;
  static constexpr double doubt = 5;

  explicit UsualRates(std::size_t clients = 16384);

  /// A message of that client was accepted.
  void arrived(std::string_view client, SteadyTime now);

  struct Judgement {
    bool over = false;
    bool news = false;        // the first time in this minute; for the log
    std::uint32_t count = 0;  // accepted in this minute
    double usual = least;     // a minute
  };
  /// Whether its messages in this minute have reached `factor` times what is usual for it.
  Judgement judge(std::string_view client, double factor, SteadyTime now);

  struct Known {
    std::string client;
    double usual = 0;
  };
  /// Those with the highest averages, at most `most`; to be kept over a restart.
  std::vector<Known> busiest(std::size_t most, SteadyTime now) const;
  void learn(const Known& known, SteadyTime now);

 private:
  struct Entry {
    std::uint64_t tag = 0;  // the client's hash; 0 = free
    std::int64_t minute = 0;
    double average = 0;
    std::uint32_t count = 0;
    bool told = false;
    std::array<char, 46> client{};  // an address as text
  };
  static constexpr std::size_t ways = 8;

  static void catch_up(Entry& entry, std::int64_t minute);
  Entry* find(std::string_view client);
  Entry& place(std::string_view client, std::int64_t minute);

  SeededHash hash_;
  mutable std::mutex mutex_;
  std::vector<std::array<Entry, ways>> sets_;
};

}  // namespace postern
