#include "rules/patterns/pattern_pass.h"

#include <algorithm>
#include <array>

#include "rules/patterns/pattern_window.h"

namespace postern {
namespace {

// Octets of each buffer that a thread keeps between messages: few messages are larger.
constexpr std::size_t most_kept = 1024 * 1024;

constexpr auto folding = [] {
  std::array<char, 256> out{};
  for (unsigned octet = 0; octet < 256; ++octet) {
    out[octet] = static_cast<char>(folded(static_cast<std::uint8_t>(octet)));
  }
  return out;
}();

constexpr auto in_word = [] {
  std::array<bool, 256> out{};
  for (const auto& [first, last] :
       {std::pair{'a', 'z'}, std::pair{'A', 'Z'}, std::pair{'0', '9'}, std::pair{'_', '_'}}) {
    for (auto octet = first; octet <= last; ++octet) out[static_cast<unsigned char>(octet)] = true;
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
    const char* const before = scratch_.text_.data();  // before[i] stands in front of text[i]
    index_.grams_.scan(scratch_.folded_.data(), text.size(),
                       [this, before](std::uint32_t number_of_place, std::size_t at) {
                         const auto& place = index_.places_[number_of_place];
                         const bool word = in_word[static_cast<unsigned char>(before[at])];
                         if (word ? place.word_before : place.other_before) window_found(place, at);
                       });
    index_.sets_.scan(before + 1, text.size(), [this](std::uint32_t place, std::size_t at) {
      window_found(index_.places_[place], at);
    });
    count_candidates();
  }
  for (const auto slot : index_.everywhere_) count_everywhere(slot);
}

void PatternPass::release() {
  if (scratch_.text_.capacity() > most_kept) scratch_.text_ = {};
  if (scratch_.folded_.capacity() > most_kept) scratch_.folded_ = {};
  if (scratch_.candidates_.capacity() > most_kept / sizeof(PatternScratch::Candidate)) {
    scratch_.candidates_ = {};
  }
}

void PatternPass::fold() {
  auto& plain = scratch_.text_;
  auto& out = scratch_.folded_;
  const auto size = text_.size();
  plain.resize(1 + size + longest_window);
  out.resize(size + longest_gram);
  plain[0] = before_the_text;
  text_.copy(plain.data() + 1, size);
  std::fill_n(plain.data() + 1 + size, longest_window, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = folding[static_cast<unsigned char>(text_[i])];
  std::fill_n(out.data() + size, longest_gram, '\0');
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
  if (slot.most > 1 || slot.least_windows > 1) {
    scratch_.candidates_.push_back({place.slot, from, to, place.one_by_one});
  } else if (place.one_by_one) {
    try_starts(place.slot, from, to);
  } else {
    search_rest(place.slot, from);
  }
}

void PatternPass::try_starts(std::uint32_t number, std::uint32_t from, std::uint32_t to) {
  auto& tried = scratch_.searched_[number];
  auto& last = scratch_.since_[number];
  Regex::Span found;
  for (auto start = from; start <= to && wanted(number); ++start) {
    if (tried == round_ && last == start) continue;  // several windows may point to it
    tried = round_;
    last = start;
    if (match(number, Regex::Start::anchored, start, false, found)) take(number, found);
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
  if (match(number, Regex::Start::anywhere, from, false, found)) take(number, found);
}

/// Rules that count: their matches follow one another, so candidates are put in order first. And
/// rules of which a match holds several windows: with fewer in the subject there is none.
void PatternPass::count_candidates() {
  auto& candidates = scratch_.candidates_;
  std::sort(candidates.begin(), candidates.end());
  for (auto first = candidates.begin(); first != candidates.end();) {
    const auto number = first->slot;
    const auto last = std::find_if(first, candidates.end(),
                                   [&](const auto& each) { return each.slot != number; });
    std::size_t next = 0;  // where the next match may begin
    if (static_cast<std::size_t>(last - first) < index_.slots_[number].least_windows) first = last;
    for (; first != last; ++first) count_between(number, *first, next);
  }
  candidates.clear();
}

void PatternPass::count_between(std::uint32_t number, const PatternScratch::Candidate& candidate,
                                std::size_t& next) {
  Regex::Span found;
  const auto from = std::max<std::size_t>(candidate.from, next);
  if (candidate.one_by_one) {
    for (auto start = from; start <= candidate.to && wanted(number); ++start) {
      if (start < next) continue;
      next = start + 1;
      if (!match(number, Regex::Start::anchored, start, false, found)) continue;
      take(number, found);
      next = found.to;
    }
    return;
  }
  next = from;
  while (wanted(number) && match(number, Regex::Start::anywhere, next, false, found)) {
    take(number, found);
    next = found.to;
  }
  next = text_.size() + 1;  // searched to the end
}

void PatternPass::count_everywhere(std::uint32_t number) {
  Regex::Span found;
  bool after_empty = false;
  while (wanted(number) && found.to <= text_.size() &&
         match(number, Regex::Start::anywhere, found.to, after_empty, found)) {
    take(number, found);
    after_empty = found.empty();
  }
}

bool PatternPass::match(std::uint32_t number, Regex::Start how, std::size_t start, bool after_empty,
                        Regex::Span& found) {
  const auto& opening = index_.openings_[number];
  const bool anchored = how == Regex::Start::anchored;
  if (anchored && !opening.may_begin(text_, start)) return false;
  const auto& slot = index_.slots_[number];
  const auto rule = slot.rule;
  if (left_out_(rule)) {
    finish(number);
    return false;
  }
  const CostWatch watch(hits_.costs, rule);
  if (opening.is_all()) {
    const auto span = anchored ? opening.match(text_, start) : opening.find(text_, start);
    if (span) found = *span;
    return span.has_value();
  }
  const auto& code = index_.codes_[anchored ? slot.anchored : slot.floating];
  const auto outcome = code.find(text_, start, after_empty, matcher_, found);
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
