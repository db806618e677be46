// pattern_index.h — many patterns, looked for in the same texts at once.
//
// A body has hundreds of rules and few of them match; running each over all of the text costs
// milliseconds. When the rules are loaded, pattern_window.h says for each what every match of it
// must contain. One pass over the text then looks for all of these windows together, and PCRE2 is
// asked only where one stands, at the few places where a match around it could begin. Patterns of
// which nothing is necessary are run everywhere. The answer is exactly that of running all of
// them everywhere (Filtering::off does that, and tests compare the two).
//
// Built once, never changed, safe in all threads and across fork.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "rules/base/rule_costs.h"
#include "rules/patterns/gram_table.h"
#include "rules/patterns/pattern_opening.h"
#include "rules/patterns/pattern_tree.h"
#include "rules/patterns/regex.h"
#include "rules/patterns/set_table.h"

namespace postern {

struct IndexedPattern {
  std::uint32_t rule = 0;  // how the caller calls it; several patterns may share one
  const Regex* regex = nullptr;
  /// Matches after which it is not looked for any more, in all subjects together. With 1 only
  /// whether it matches counts: the span is then part of what Perl would call the match.
  unsigned most = 1;
  bool skip_first = false;  // not in subject 0 (tflags nosubject)
};

struct PatternHit {
  std::uint32_t rule = 0;
  std::uint32_t subject = 0;
  Regex::Span span;
};

/// What was found; matches of one rule are in the order of the text.
struct PatternHits {
  std::vector<PatternHit> matches;
  std::vector<std::uint32_t> limited;  // rules whose pattern passed its limit, once each
  RuleCosts* costs = nullptr;          // where given, PCRE2's time is added, by rule
};

/// What a scan needs and the next one can use again: one a thread, for all indexes.
class PatternScratch {
 private:
  friend class PatternPass;
  struct Candidate {
    std::uint32_t slot;
    std::uint32_t from;  // the match begins between these two
    std::uint32_t to;
    bool one_by_one;  // with the anchored code
    bool operator<(const Candidate& other) const {
      return slot != other.slot ? slot < other.slot : from < other.from;
    }
  };
  std::vector<char> text_;  // as it is, with room at both ends for windows
  std::vector<char> folded_;
  std::vector<Candidate> candidates_;
  std::vector<std::uint32_t> done_;      // by slot: the scan in which nothing more is wanted
  std::vector<std::uint32_t> searched_;  // by slot: the subject that was searched to its end …
  std::vector<std::uint32_t> since_;     // … from here, or only here when starts are tried
  std::vector<unsigned> counts_;         // by slot, of this scan
  std::uint32_t round_ = 0;
};

class PatternIndex {
 public:
  enum class Filtering { on, off };

  PatternIndex() = default;
  static PatternIndex build(std::span<const IndexedPattern> patterns,
                            Filtering filtering = Filtering::on);

  /// Adds to `hits`. Rules for which `left_out` says so are not run.
  void scan(std::span<const std::string_view> subjects, Matcher& matcher, PatternScratch& scratch,
            const std::function<bool(std::uint32_t)>& left_out, PatternHits& hits) const;

  /// How many patterns are run on every subject, for want of a window.
  std::size_t unfiltered() const { return everywhere_.size(); }
  std::size_t size() const { return slots_.size(); }

 private:
  friend class PatternPass;
  friend class IndexBuilding;

  struct Slot {
    std::uint32_t rule = 0;
    unsigned most = 1;
    bool skip_first = false;
    bool at_start = false;       // a match begins at the start of the subject, or not at all
    unsigned least_windows = 1;  // so many of them are in each match
    std::uint32_t anchored = 0;  // in codes_
    std::uint32_t floating = 0;
  };
  /// Which pattern a window belongs to, and how far it is from where its match begins.
  struct Place {
    std::uint32_t slot;
    LengthRange offset;
    bool one_by_one;  // few starts are possible: each is tried with the anchored code
    /// In front of a gram: nothing but octets of a word, of none, or either.
    bool word_before = true;
    bool other_before = true;
  };

  std::vector<Slot> slots_;
  std::vector<PatternOpening> openings_;  // by slot
  std::vector<Regex> codes_;
  std::vector<Place> places_;
  GramTables grams_;
  SetTable sets_;
  std::vector<std::uint32_t> everywhere_;  // slots
};

}  // namespace postern
