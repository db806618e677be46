// suspensions.h — what an administrator has told to wait: a destination or a sender, until when,
// why.
//
// Every suspension ends by itself: what nobody remembers must not keep mail for ever. Times are
// wall times, since a suspension outlives a restart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"

namespace postern {

struct Suspension {
  enum class Of : std::uint8_t { destination, sender };
  Of of = Of::destination;
  std::string pattern;  // glob; a destination's domain or next hop, a sender's address
  WallTime until{};
  std::string reason;

  /// "mail to *.example.org is suspended: under repair"
  std::string text() const;
};

class Suspensions {
 public:
  /// Takes the place of one of the same kind and pattern.
  void add(Suspension suspension);
  /// False where there is none.
  bool remove(Suspension::Of of, std::string_view pattern);
  /// Forgets those that are over.
  void expire(WallTime now);

  /// The first that holds for mail of `sender` ("" is the null sender, which the pattern "<>"
  /// means); null for none. Valid until the next change.
  const Suspension* of_sender(std::string_view sender, WallTime now) const;
  /// The same for a recipient's domain, or a next hop.
  const Suspension* of_destination(std::string_view domain, std::string_view next_hop,
                                   WallTime now) const;
  const std::vector<Suspension>& all() const { return all_; }

 private:
  std::vector<Suspension> all_;
};

}  // namespace postern
