// pattern.h — one compiled regular expression of a table, and the text that its match becomes.
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"
#include "policies/pattern_map.h"

namespace postern {

/// What the groups of a match stand for; valid until the same thread matches again.
struct Groups {
  std::string_view key;
  const PCRE2_SIZE* ends = nullptr;
  std::size_t count = 0;

  std::string_view text(std::size_t group) const;
};

class Pattern {
 public:
  /// `flags` are the letters behind the closing delimiter.
  static Result<Pattern> compile(std::string_view expression, std::string_view flags,
                                 PatternDialect dialect);
  /// An error where the limit of steps is exceeded.
  Result<bool> matches(std::string_view key, Groups& groups) const;
  std::size_t group_count() const { return group_count_; }

 private:
  struct Free {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  };
  std::unique_ptr<pcre2_code, Free> code_;
  std::size_t group_count_ = 0;
};

/// A result with $1 ${1} $(1) and $$.
class Template {
 public:
  /// `groups` is how many the pattern has: a higher number is an error.
  static Result<Template> parse(std::string_view text, std::size_t groups);
  /// An error where the text grows beyond 64 KiB.
  Result<std::string> expand(const Groups& groups) const;
  /// The text where it has no groups in it.
  bool constant() const { return pieces_.size() == 1 && pieces_.front().group == 0; }
  const std::string& text() const { return pieces_.front().literal; }

 private:
  struct Piece {
    std::string literal;
    std::size_t group = 0;  // appended behind the literal, where not 0
  };
  std::vector<Piece> pieces_;
};

}  // namespace postern
