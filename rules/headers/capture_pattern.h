// capture_pattern.h — a regular expression of our own whose groups are wanted: for formats with so
// many optional corners that a hand-written scan would be worse to read.
//
// Octets, ASCII classes, native code. Compiled once, shared by all threads; what a match found lies
// in a Captures of the caller's. A match that passes 1,000,000 steps counts as none.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;

namespace postern {

class Captures {
 public:
  Captures();

  /// What the group held; nothing where it took no part. Points into the subject.
  std::optional<std::string_view> operator[](std::size_t group) const;
  std::size_t begin() const;
  std::size_t end() const;

 private:
  friend class CapturePattern;
  struct Free {
    void operator()(pcre2_real_match_data_8* data) const;
    void operator()(pcre2_real_match_context_8* context) const;
  };
  std::unique_ptr<pcre2_real_match_data_8, Free> data_;
  std::unique_ptr<pcre2_real_match_context_8, Free> context_;
  std::string_view subject_;
  std::size_t groups_ = 0;  // of the last match, the whole of it included
};

class CapturePattern {
 public:
  /// The pattern is part of the program: a wrong one ends it.
  explicit CapturePattern(std::string_view pattern, bool ignore_case = false);

  bool matches(std::string_view subject, Captures& captures, std::size_t from = 0) const;
  /// The number of a named group, 0 where the pattern has none of that name.
  std::size_t group(std::string_view name) const;

 private:
  struct Free {
    void operator()(pcre2_real_code_8* code) const;
  };
  std::unique_ptr<pcre2_real_code_8, Free> code_;
};

}  // namespace postern
