// regex.h — one compiled regular expression of a rule, and what a thread needs to run it.
//
// PCRE2 in octet mode (never UTF), JIT-compiled, under Perl's /aa folding: /i also folds the
// octets C0-DE with E0-FE (D7 and F7 apart), as Perl does on octet strings and PCRE2's own tables
// do not. Every match is bounded: 100,000 steps and 8 MiB of heap, then Outcome::limit (fault F31).
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/patterns/perl_pattern.h"

struct pcre2_real_code_8;

namespace postern {

class Matcher;

class Regex {
 public:
  enum class Outcome { none, match, limit };
  struct Span {
    std::size_t from = 0;
    std::size_t to = 0;
    bool empty() const { return from == to; }
  };

  /// `written` with its delimiters and modifiers, as in a rule file.
  static std::expected<Regex, SyntaxError> compile(std::string_view written);

  /// The same from text that is already in PCRE2's words. `anchored`: a match begins where the
  /// search does.
  enum class Start { anywhere, anchored };
  static std::expected<Regex, SyntaxError> compile(PerlPattern pattern, Start start);

  /// What was compiled, without origins.
  const PerlPattern& pattern() const { return pattern_; }

  /// Native code, where it may be made (native_code.h); without it matches are slower.
  void compile_native();

  /// Searches from `start`. `after_empty`: the last match was empty and stood at `start`, so that
  /// another empty one there does not count (Perl's //g).
  Outcome find(std::string_view subject, std::size_t start, bool after_empty, Matcher& matcher,
               Span& found) const;
  Outcome matches(std::string_view subject, Matcher& matcher) const;
  /// Where the first group of the first match stands; none where it took no part in it.
  Outcome first_group(std::string_view subject, Matcher& matcher, std::optional<Span>& group) const;

  /// The first group of each of the first `most` matches, of those in which it took part.
  std::vector<std::string> first_groups(std::string_view subject, std::size_t most,
                                        Matcher& matcher) const;

  struct NamedGroup {
    std::string name;
    std::string text;  // never empty
  };
  /// Of each of the first `most` matches the named groups that took part in it.
  std::vector<std::vector<NamedGroup>> named_groups(std::string_view subject, std::size_t most,
                                                    Matcher& matcher) const;

 private:
  struct Free {
    void operator()(pcre2_real_code_8* code) const;
  };
  Regex(pcre2_real_code_8* code, PerlPattern pattern) : code_(code), pattern_(std::move(pattern)) {}
  std::unique_ptr<pcre2_real_code_8, Free> code_;
  PerlPattern pattern_;
  bool native_ = false;
};

/// Match data, limits and JIT stack: one a thread, used for all expressions.
class Matcher {
 public:
  Matcher();
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

 private:
  friend class Regex;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace postern
