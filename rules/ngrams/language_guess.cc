#include "rules/ngrams/language_guess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/ngrams/gram.h"

namespace postern {
namespace {

// Shorter texts are guessed wrong too often (TextCat.pm).
constexpr std::size_t shortest_sample = 256;

std::size_t solid_run(std::string_view text, std::size_t at, std::size_t most) {
  const auto end = std::min(text.size(), at + most);
  auto to = at;
  while (to < end && !is_space(text[to])) ++to;
  return to - at;
}

/// "Re: AW: ": up to ten words of two to twelve letters and a colon.
std::size_t prefixes_end(std::string_view text) {
  std::size_t at = 0;
  for (int i = 0; i < 10; ++i) {
    auto colon = at;
    while (colon < text.size() && is_alpha(text[colon])) ++colon;
    if (colon - at < 2 || colon - at > 12 || colon == text.size() || text[colon] != ':') break;
    at = colon + 1;
    while (at < text.size() && is_space(text[at])) ++at;
  }
  return at;
}

/// A piece of text that is taken out: where it begins and ends.
struct Piece {
  std::size_t from = std::string_view::npos;
  std::size_t to = 0;
};

/// The text with each piece made one blank; `next` finds the first that begins at an offset or
/// later.
template <class Next>
std::string blanked(std::string_view text, Next next) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (Piece piece = next(text, done); piece.from != std::string_view::npos;
       piece = next(text, done)) {
    out.append(text.substr(done, piece.from - done)).push_back(' ');
    done = piece.to;
  }
  return out.append(text.substr(done));
}

Piece next_link(std::string_view text, std::size_t start) {
  constexpr std::array<std::string_view, 3> marks{"://", ":&#x2F;&#x2F;", "%3A%2F%2F"};
  constexpr std::size_t longest = 1024;
  for (auto at = text.find("http", start); at != std::string_view::npos;
       at = text.find("http", at + 1)) {
    auto behind = at + 4;
    if (behind < text.size() && text[behind] == 's') ++behind;
    for (const auto mark : marks) {
      if (!text.substr(behind).starts_with(mark)) continue;
      const auto length = solid_run(text, behind + mark.size(), longest);
      if (length > 0) return {at, behind + mark.size() + length};
    }
  }
  return {};
}

Piece next_address(std::string_view text, std::size_t start) {
  constexpr std::size_t longest_local = 64;
  constexpr std::size_t longest_domain = 128;
  for (auto at = text.find('@', start); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at + 1 >= text.size() || !is_alpha(text[at + 1])) continue;
    const auto length = solid_run(text, at + 2, longest_domain);
    if (length == 0) continue;
    const auto earliest = std::max(start, at > longest_local ? at - longest_local : 0);
    auto from = at;
    while (from > earliest && !is_space(text[from - 1])) --from;
    if (from < at) return {from, at + 2 + length};
  }
  return {};
}

Piece next_host(std::string_view text, std::size_t start) {
  constexpr std::size_t longest = 128;
  const auto in_word = [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; };
  for (auto at = text.find("www.", start); at != std::string_view::npos;
       at = text.find("www.", at + 1)) {
    if (at > 0 && in_word(text[at - 1])) continue;
    if (const auto length = solid_run(text, at + 4, longest)) return {at, at + 4 + length};
  }
  return {};
}

/// What each model's distance comes to: of models with the same answer, the nearest one.
std::map<std::string, double> distances(const std::vector<std::uint64_t>& grams,
                                        const LanguageSettings& settings) {
  const auto& models = settings.models->models();
  const double farthest = settings.most_grams;
  std::vector<double> sums(models.size(), farthest * static_cast<double>(grams.size()));
  for (std::size_t i = 0; i < grams.size(); ++i) {
    for (const auto& place : settings.models->places(grams[i]))
      sums[place.model] +=
          std::abs(static_cast<double>(place.rank) - static_cast<double>(i)) - farthest;
  }
  std::set<std::string> skipped(settings.inactive.begin(), settings.inactive.end());
  for (const auto& language : settings.expected) skipped.erase(language);
  std::map<std::string, double> out;
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (skipped.contains(models[i].language)) continue;
    const auto [entry, added] = out.try_emplace(models[i].answer, sums[i]);
    entry->second = std::min(entry->second, sums[i]);
  }
  return out;
}

}  // namespace

std::string LanguageGuess::text() const {
  std::string out;
  for (const auto& language : languages) {
    if (!out.empty()) out += ' ';
    out += language;
  }
  return out;
}

std::string language_sample(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += '\n';
    text += lines[i];
  }
  text.erase(0, prefixes_end(text));
  text = blanked(blanked(blanked(text, next_link), next_address), next_host);
  if (text.size() > longest_sample) text.resize(longest_sample);
  return text;
}

LanguageGuess guess_languages(const std::vector<std::string>& lines,
                              const LanguageSettings& settings) {
  LanguageGuess out;
  if (!settings.models) return out;
  const auto text = language_sample(lines);
  out.length = text.size();
  if (text.size() < shortest_sample) return out;
  const auto grams = frequent_grams(text, static_cast<std::size_t>(settings.most_grams),
                                    static_cast<std::size_t>(settings.optimal_grams));
  std::vector<std::pair<double, std::string>> nearest;
  for (auto& [answer, distance] : distances(grams, settings))
    nearest.emplace_back(distance, answer);
  std::ranges::sort(nearest);
  for (const auto& [distance, answer] : nearest) {
    if (!out.languages.empty() && distance >= settings.acceptable_score * nearest.front().first)
      break;
    out.languages.push_back(answer);
  }
  if (static_cast<double>(out.languages.size()) > settings.most_languages) out.languages.clear();
  return out;
}

}  // namespace postern
