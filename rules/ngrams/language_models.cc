#include "rules/ngrams/language_models.h"

#include <algorithm>
#include <map>

#include "rules/ngrams/gram.h"

namespace postern {
namespace {

constexpr std::size_t most_models = 1000;

LanguageModels::Model named(std::string_view name) {
  const std::string language(name.substr(0, name.find('.')));
  const auto utf8 = name.find(".utf8");
  const bool other_charset = utf8 != std::string_view::npos && utf8 > 0;
  return {language, other_charset ? language : std::string(name)};
}

}  // namespace

LanguageModels LanguageModels::parse(std::string_view text) {
  LanguageModels out;
  std::map<std::uint64_t, std::vector<Place>> all;
  std::map<std::uint64_t, std::uint32_t> ranks;  // of the model that is being read
  std::uint32_t rank = 1;
  while (!text.empty() && out.models_.size() < most_models) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("0 ") && line.size() > 2) {
      const auto model = static_cast<std::uint32_t>(out.models_.size());
      out.models_.push_back(named(line.substr(2)));
      for (const auto& [gram, place] : ranks) all[gram].push_back({model, place});
      ranks.clear();
      rank = 1;
      continue;
    }
    if (const auto gram = gram_of(line)) ranks[gram] = rank;  // of two places the later counts
    ++rank;
  }
  for (const auto& [gram, places] : all) {
    out.grams_.push_back(gram);
    out.starts_.push_back(static_cast<std::uint32_t>(out.places_.size()));
    out.places_.insert(out.places_.end(), places.begin(), places.end());
  }
  out.starts_.push_back(static_cast<std::uint32_t>(out.places_.size()));
  return out;
}

std::span<const LanguageModels::Place> LanguageModels::places(std::uint64_t gram) const {
  const auto found = std::ranges::lower_bound(grams_, gram);
  if (found == grams_.end() || *found != gram) return {};
  const auto i = static_cast<std::size_t>(found - grams_.begin());
  return std::span(places_).subspan(starts_[i], starts_[i + 1] - starts_[i]);
}

}  // namespace postern
