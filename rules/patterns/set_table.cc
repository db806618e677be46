#include "rules/patterns/set_table.h"

namespace postern {

void SetTable::add(const OctetSet& before, std::span<const OctetSet> sets, std::uint32_t place) {
  if (groups_.empty() || groups_.back().places.size() == 64) groups_.emplace_back();
  auto& group = groups_.back();
  const auto bit = std::uint64_t{1} << group.places.size();
  group.places.push_back(place);
  before.each([&](std::uint8_t octet) { group.before[octet] |= bit; });
  for (std::size_t position = 0; position < longest; ++position) {
    const auto allowed = position < sets.size() ? sets[position] : OctetSet::all();
    allowed.each([&](std::uint8_t octet) { group.allowed[position][octet] |= bit; });
  }
}

}  // namespace postern
