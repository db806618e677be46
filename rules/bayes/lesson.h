// lesson.h — what learning writes down of a message, and how it travels to where it is written.
//
// A message that is clear enough is learnt without anybody's asking (autolearn.h). The scan that
// finds this out has no files: it hands a lesson on, and the gateway, which has them, writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/bayes/token.h"

namespace postern {

/// The names under which it is remembered that a message was learnt.
struct LearningNames {
  std::string generated;   // of To, Date and the body: what is remembered
  std::string message_id;  // of Message-Id, "" where there is none: what old databases remember
};

struct Lesson {
  std::vector<Token> tokens;  // ascending, each once
  LearningNames names;
  std::uint32_t received = 0;  // seconds since 1970
};

struct AutoLesson {
  bool spam = false;
  Lesson lesson;
};

/// A message with more tokens is not learnt unasked. The bound is what fits an answer of a worker
/// (gateway/worker/answer.cc).
constexpr std::size_t most_auto_tokens = 50'000;
/// "…@sa_generated" has 53 octets.
constexpr std::size_t longest_generated_name = 64;

/// Where lessons belong, and what bounds what is kept of them.
struct LearningPlace {
  std::string database;    // folder
  double most_tokens = 0;  // bayes_expiry_max_db_size
  bool expire = false;     // bayes_auto_expire
};

}  // namespace postern
