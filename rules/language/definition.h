// definition.h — rules as they were written: typed, checked one by one, not yet put together.
//
// Parsing fills Definitions; compile_rules() makes the RuleSet of it. As in SpamAssassin the last
// definition of a name wins, and scores, flags and descriptions belong to the name, so that they
// may stand before the rule or in another file.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/base/diagnosis.h"
#include "rules/headers/header_value.h"
#include "rules/language/expression.h"
#include "rules/patterns/regex.h"

namespace postern {

enum class RuleType { header, body, rawbody, uri, full, meta };

struct Definition {
  RuleType type = RuleType::body;
  std::string where;                 // file:line:column of the directive
  HeaderSource header;               // type header
  bool exists = false;               // exists:Name, no pattern
  bool negated = false;              // !~
  std::optional<std::string> unset;  // [if-unset: …]
  std::shared_ptr<Regex> pattern;    // null for exists: and meta
  Expression expression;             // type meta
};

struct RuleFlags {
  bool multiple = false;
  unsigned most_hits = 0;  // maxhits=N; 0 = no bound of its own
  bool no_subject = false;
  bool nice = false;
  bool network = false;
  bool learn = false;
};

/// One score for each set: bit 0 of the index = network tests on, bit 1 = Bayes on.
struct Scores {
  std::array<double, 4> sets{};
  std::string where;
};

struct Described {
  std::string text;
  std::string where;
};

struct Definitions {
  std::map<std::string, Definition, std::less<>> rules;
  std::map<std::string, Scores, std::less<>> scores;
  std::map<std::string, Described, std::less<>> descriptions;
  std::map<std::string, RuleFlags, std::less<>> flags;
  std::map<std::string, int, std::less<>> priorities;
  double required_score = 5.0;
  std::string subject_tag;  // rewrite_header Subject; "" = leave it
};

}  // namespace postern
