#include "gateway/scheduler/suspensions.h"

#include <algorithm>

#include "gateway/base/glob.h"

namespace postern {

std::string Suspension::text() const {
  const std::string what = of == Of::destination ? "mail to " : "mail from ";
  return what + pattern + " is suspended" + (reason.empty() ? "" : ": " + reason);
}

void Suspensions::add(Suspension suspension) {
  remove(suspension.of, suspension.pattern);
  all_.push_back(std::move(suspension));
}

bool Suspensions::remove(Suspension::Of of, std::string_view pattern) {
  return std::erase_if(all_, [&](const Suspension& each) {
           return each.of == of && each.pattern == pattern;
         }) > 0;
}

void Suspensions::expire(WallTime now) {
  std::erase_if(all_, [now](const Suspension& each) { return each.until <= now; });
}

const Suspension* Suspensions::of_sender(std::string_view sender, WallTime now) const {
  for (const Suspension& each : all_) {
    if (each.of != Suspension::Of::sender || each.until <= now) continue;
    if (each.pattern == "<>" ? sender.empty() : glob_match(each.pattern, sender)) return &each;
  }
  return nullptr;
}

const Suspension* Suspensions::of_destination(std::string_view domain, std::string_view next_hop,
                                              WallTime now) const {
  for (const Suspension& each : all_) {
    if (each.of != Suspension::Of::destination || each.until <= now) continue;
    if (glob_match(each.pattern, domain) || glob_match(each.pattern, next_hop)) return &each;
  }
  return nullptr;
}

}  // namespace postern
