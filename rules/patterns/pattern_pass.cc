#include "rules/patterns/pattern_pass.h"

#include <algorithm>
#include <array>

#include "rules/patterns/pattern_window.h"

namespace postern {
namespace {

constexpr auto folding = [] {
  std::array<char, 256> out{};
  for (unsigned octet = 0; octet < 256; ++octet) {
    out[octet] = static_cast<char>(folded(static_cast<std::uint8_t>(octet)));
  }
  return out;
}();

}  // namespace

PatternPass::PatternPass(const PatternIndex& index, Matcher& matcher, PatternScratch& scratch,
                         const std::function<bool(std::uint32_t)>& left_out, PatternHits& hits)
    : index_(index), matcher_(matcher), scratch_(scratch), left_out_(left_out), hits_(hits) {
  const auto slots = index.slots_.size();
  if (scratch.done_.size() < slots) {
    scratch.done_.resize(slots);
    scratch.searched_.resize(slots);
    scratch.since_.resize(slots);
    scratch.counts_.resize(slots);
  }
  // Marks of earlier scans are told from ours by their number; when the numbers run out they go.
  if (scratch.round_ > UINT32_MAX / 2) {
    std::ranges::fill(scratch.done_, 0);
    std::ranges::fill(scratch.searched_, 0);
    scratch.round_ = 0;
  }
  scan_ = ++scratch.round_;
  std::fill_n(scratch.counts_.begin(), slots, 0U);
}

void PatternPass::subject(std::uint32_t number, std::string_view text) {
  number_ = number;
  text_ = text;
  round_ = ++scratch_.round_;
  if (!text.empty() && !index_.places_.empty()) {
    fold();
    const auto found = [this](std::uint32_t place, std::size_t at) {
      window_found(index_.places_[place], at);
    };
    index_.grams_.scan(scratch_.folded_.data(), text.size(), found);
    index_.sets_.scan(scratch_.folded_.data(), text.size(), found);
    count_candidates();
  }
  for (const auto slot : index_.everywhere_) count_everywhere(slot);
}

void PatternPass::fold() {
  auto& out = scratch_.folded_;
  out.resize(text_.size() + longest_window);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    out[i] = folding[static_cast<unsigned char>(text_[i])];
  }
  std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(text_.size()), longest_window, '\0');
}

bool PatternPass::wanted(std::uint32_t number) const {
  const auto& slot = index_.slots_[number];
  return scratch_.done_[number] != scan_ && !(slot.skip_first && number_ == 0);
}

void PatternPass::window_found(const PatternIndex::Place& place, std::size_t position) {
  const auto& slot = index_.slots_[place.slot];
  if (!wanted(place.slot) || position < place.offset.least) return;
  const auto at = static_cast<std::uint32_t>(position);
  const auto from = place.offset.most > at ? 0 : at - place.offset.most;
  auto to = at - place.offset.least;
  if (slot.at_start) {
    if (from > 0) return;
    to = 0;
  }
  if (slot.most > 1) {
    scratch_.candidates_.push_back({place.slot, from, to, place.one_by_one});
  } else if (place.one_by_one) {
    try_starts(place.slot, from, to);
  } else {
    search_rest(place.slot, from);
  }
}

void PatternPass::try_starts(std::uint32_t number, std::uint32_t from, std::uint32_t to) {
  const auto code = index_.slots_[number].anchored;
  Regex::Span found;
  for (auto start = from; start <= to && wanted(number); ++start) {
    if (match(number, code, start, false, found)) take(number, found);
  }
}

/// Searches to the end of the subject, and remembers that: later windows need not again.
void PatternPass::search_rest(std::uint32_t number, std::uint32_t from) {
  auto& searched = scratch_.searched_[number];
  auto& since = scratch_.since_[number];
  if (searched == round_ && since <= from) return;
  searched = round_;
  since = from;
  Regex::Span found;
  if (match(number, index_.slots_[number].floating, from, false, found)) take(number, found);
}

/// Rules that count: their matches follow one another, so candidates are put in order first.
void PatternPass::count_candidates() {
  auto& candidates = scratch_.candidates_;
  std::sort(candidates.begin(), candidates.end());
  std::uint32_t last = UINT32_MAX;
  std::size_t next = 0;  // where the next match may begin
  for (const auto& candidate : candidates) {
    if (candidate.slot != last) next = 0;
    last = candidate.slot;
    count_between(candidate.slot, candidate, next);
  }
  candidates.clear();
}

void PatternPass::count_between(std::uint32_t number, const PatternScratch::Candidate& candidate,
                                std::size_t& next) {
  const auto& slot = index_.slots_[number];
  Regex::Span found;
  const auto from = std::max<std::size_t>(candidate.from, next);
  if (candidate.one_by_one) {
    for (auto start = from; start <= candidate.to && wanted(number); ++start) {
      if (start < next || !match(number, slot.anchored, start, false, found)) continue;
      take(number, found);
      next = found.to;
    }
    return;
  }
  next = from;
  while (wanted(number) && match(number, slot.floating, next, false, found)) {
    take(number, found);
    next = found.to;
  }
  next = text_.size() + 1;  // searched to the end
}

void PatternPass::count_everywhere(std::uint32_t number) {
  Regex::Span found;
  bool after_empty = false;
  while (wanted(number) && found.to <= text_.size() &&
         match(number, index_.slots_[number].floating, found.to, after_empty, found)) {
    take(number, found);
    after_empty = found.empty();
  }
}

bool PatternPass::match(std::uint32_t number, std::uint32_t code, std::size_t start,
                        bool after_empty, Regex::Span& found) {
  const auto rule = index_.slots_[number].rule;
  if (left_out_(rule)) {
    finish(number);
    return false;
  }
  const auto outcome = index_.codes_[code].find(text_, start, after_empty, matcher_, found);
  if (outcome == Regex::Outcome::limit) {
    finish(number);
    hits_.limited.push_back(rule);
  }
  return outcome == Regex::Outcome::match;
}

void PatternPass::take(std::uint32_t number, const Regex::Span& found) {
  const auto& slot = index_.slots_[number];
  hits_.matches.push_back({slot.rule, number_, found});
  if (++scratch_.counts_[number] >= slot.most) finish(number);
}

}  // namespace postern
