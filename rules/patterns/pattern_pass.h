// pattern_pass.h — one pass of an index (pattern_index.h) over the subjects of a message.
#pragma once

#include <cstdint>
#include <string_view>

#include "rules/patterns/pattern_index.h"

namespace postern {

class PatternPass {
 public:
  PatternPass(const PatternIndex& index, Matcher& matcher, PatternScratch& scratch,
              const std::function<bool(std::uint32_t)>& left_out, PatternHits& hits);

  void subject(std::uint32_t number, std::string_view text);
  /// Gives back what an unusually large message made the scratch space grow to.
  void release();

 private:
  using Slot = PatternIndex::Slot;

  void fold();
  void window_found(const PatternIndex::Place& place, std::size_t position);
  void try_starts(std::uint32_t number, std::uint32_t from, std::uint32_t to);
  void search_rest(std::uint32_t number, std::uint32_t from);
  void count_candidates();
  void count_between(std::uint32_t number, const PatternScratch::Candidate& candidate,
                     std::size_t& next);
  void count_everywhere(std::uint32_t number);

  bool wanted(std::uint32_t number) const;
  bool match(std::uint32_t number, Regex::Start how, std::size_t start, bool after_empty,
             Regex::Span& found);
  void take(std::uint32_t number, const Regex::Span& found);
  void finish(std::uint32_t number) { scratch_.done_[number] = scan_; }

  const PatternIndex& index_;
  Matcher& matcher_;
  PatternScratch& scratch_;
  const std::function<bool(std::uint32_t)>& left_out_;
  PatternHits& hits_;
  std::uint32_t scan_;
  std::uint32_t round_ = 0;  // of the subject
  std::uint32_t number_ = 0;
  std::string_view text_;
};

}  // namespace postern
