#include "policies/heavy_hitters.h"

#include <algorithm>
#include <utility>

namespace postern {
namespace {
// RFC 5321 §4.5.3.1: 64 octets of local part, "@", 255 of domain.
constexpr std::size_t longest_key = 320;
}  // namespace

void HeavyHitters::add(std::string_view key) {
  key = key.substr(0, longest_key);
  ++total_;
  const std::uint64_t tag = hash_(key);
  if (const auto found = by_tag_.find(tag); found != by_tag_.end()) {
    ++places_[found->second].hitter.count;
    rose(found->second);
    return;
  }
  if (places_.size() < capacity_) {
    const auto place = static_cast<std::uint32_t>(places_.size());
    places_.push_back({{std::string(key), 1, 0}, tag, place});
    by_tag_[tag] = place;
    // The counts above it are 1 or more, so that it may stay a leaf only where it is not the least.
    heap_.push_back(place);
    for (std::uint32_t at = place; at > 0; at = (at - 1) / 2) {
      const std::uint32_t parent = (at - 1) / 2;
      if (places_[heap_[parent]].hitter.count <= 1) break;
      swap_in_heap(at, parent);
    }
    return;
  }
  if (heap_.empty()) return;
  const std::uint32_t least = heap_.front();
  Place& place = places_[least];
  by_tag_.erase(place.tag);
  by_tag_[tag] = least;
  place.tag = tag;
  place.hitter.key.assign(key);
  place.hitter.error = place.hitter.count;
  ++place.hitter.count;
  rose(least);
}

void HeavyHitters::swap_in_heap(std::uint32_t a, std::uint32_t b) {
  std::swap(heap_[a], heap_[b]);
  places_[heap_[a]].in_heap = a;
  places_[heap_[b]].in_heap = b;
}

void HeavyHitters::rose(std::uint32_t place) {
  const auto count = [this](std::size_t at) { return places_[heap_[at]].hitter.count; };
  for (std::uint32_t at = places_[place].in_heap;;) {
    const std::uint32_t left = 2 * at + 1;
    if (left >= heap_.size()) return;
    const std::uint32_t right = left + 1;
    const std::uint32_t less = right < heap_.size() && count(right) < count(left) ? right : left;
    if (count(at) <= count(less)) return;
    swap_in_heap(at, less);
    at = less;
  }
}

std::vector<HeavyHitters::Hitter> HeavyHitters::all() const {
  std::vector<Hitter> out;
  out.reserve(places_.size());
  for (const Place& place : places_) out.push_back(place.hitter);
  return out;
}

HeavyHitters::Hitter HeavyHitters::top() const {
  const auto most =
      std::ranges::max_element(places_, {}, [](const Place& p) { return p.hitter.count; });
  return most == places_.end() ? Hitter{} : most->hitter;
}

std::uint64_t HeavyHitters::at_least(std::string_view key) const {
  const auto found = by_tag_.find(hash_(key.substr(0, longest_key)));
  if (found == by_tag_.end()) return 0;
  const Hitter& hitter = places_[found->second].hitter;
  return hitter.count - hitter.error;
}

void HeavyHitters::clear() {
  total_ = 0;
  places_.clear();
  heap_.clear();
  by_tag_.clear();
}

void RecentHitters::turn(SteadyTime now) {
  if (now < begun_ + window_) return;
  std::swap(previous_, present_);
  present_.clear();
  if (now >= begun_ + 2 * window_) {
    previous_.clear();
    begun_ = now;
  } else {
    begun_ += window_;
  }
}

void RecentHitters::add(std::string_view key, SteadyTime now) {
  turn(now);
  present_.add(key);
}

RecentHitters::Share RecentHitters::top(SteadyTime now) {
  turn(now);
  Share best;
  const double total = static_cast<double>(present_.total() + previous_.total());
  if (total == 0) return best;
  const auto consider = [&](const HeavyHitters& of) {
    for (HeavyHitters::Hitter& hitter : of.all()) {
      const auto sure = present_.at_least(hitter.key) + previous_.at_least(hitter.key);
      const double part = static_cast<double>(sure) / total;
      if (part > best.part) best = {std::move(hitter.key), part};
    }
  };
  consider(present_);
  consider(previous_);
  return best;
}

double RecentHitters::usual_part(std::string_view key, SteadyTime now) {
  turn(now);
  if (previous_.total() == 0) return 0;
  return static_cast<double>(previous_.at_least(key)) / static_cast<double>(previous_.total());
}

double RecentHitters::recent(SteadyTime now) {
  turn(now);
  const double gone = std::chrono::duration<double>(now - begun_).count() /
                      std::chrono::duration<double>(window_).count();
  return static_cast<double>(present_.total()) +
         static_cast<double>(previous_.total()) * std::clamp(1.0 - gone, 0.0, 1.0);
}

}  // namespace postern
