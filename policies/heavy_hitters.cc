#include "policies/heavy_hitters.h"

#include <algorithm>

namespace postern {
namespace {

constexpr std::size_t longest_key = 256;  // any domain name and more

}  // namespace

void HeavyHitters::add(std::string_view key) {
  key = key.substr(0, longest_key);
  const auto found = std::ranges::find(kept_, key, &Hitter::key);
  if (found != kept_.end()) {
    ++found->count;
  } else if (kept_.size() < places_) {
    kept_.push_back({std::string(key), 1});
  } else if (!kept_.empty()) {
    Hitter& rarest = *std::ranges::min_element(kept_, {}, &Hitter::count);
    rarest.key = key;
    ++rarest.count;
  }
}

HeavyHitters::Hitter HeavyHitters::top() const {
  const auto most = std::ranges::max_element(kept_, {}, &Hitter::count);
  return most == kept_.end() ? Hitter{} : *most;
}

}  // namespace postern
