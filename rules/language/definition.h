// definition.h — rules as they were written: typed, checked one by one, not yet put together.
//
// Parsing fills Definitions; compile_rules() makes the RuleSet of it. As in SpamAssassin the last
// definition of a name wins, and scores, flags and descriptions belong to the name, so that they
// may stand before the rule or in another file.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/base/diagnosis.h"
#include "rules/headers/header_value.h"
#include "rules/language/claims.h"
#include "rules/language/eval_call.h"
#include "rules/language/expression.h"
#include "rules/language/replace_tags.h"
#include "rules/language/shortcircuit_settings.h"
#include "rules/parts/mime_header_values.h"
#include "rules/patterns/regex.h"
#include "rules/settings.h"
#include "rules/uris/uri_detail.h"

namespace postern {

enum class RuleType : std::uint8_t {
  header,
  header_eval,
  dns_eval,  // check_rbl and its kin: header evals that only ask the network
  body,
  body_eval,
  mime_header,  // a body eval to SpamAssassin
  uri_detail,   // … so is this
  uri,
  rawbody,
  rawbody_eval,
  full,
  full_eval,
  meta,
  empty,  // askdns, and what only a `reuse` line names: hit from outside, or never
};

struct Definition {
  RuleType type = RuleType::body;
  std::string where;                   // file:line:column of the directive
  std::string written;                 // the pattern, expression or call
  std::string where_written;           // … and its place
  HeaderSource header;                 // type header
  bool exists = false;                 // exists:Name, no pattern
  bool negated = false;                // !~
  std::optional<std::string> unset;    // [if-unset: …]
  std::shared_ptr<Regex> pattern;      // regular expressions; null for all others and exists:
  bool captures = false;               // it has (?<NAME>…) for templates
  std::vector<std::string> templates;  // the NAMEs of %{NAME} in it
  Expression expression;               // type meta
  EvalCall call;                       // evals
  MimeHeaderSource mime;               // type mime_header
  std::shared_ptr<UriConditions> uri;  // type uri_detail
};

struct RuleFlags {
  bool multiple = false;
  unsigned most_hits = 0;  // maxhits=N; 0 = no bound of its own
  bool no_subject = false;
  bool nice = false;
  bool network = false;
  bool learn = false;
  bool concat = false;             // mimeheader: over the values of all parts, joined
  PartRange parts;                 // … range=a-b: only in these
  std::vector<std::string> words;  // all of them, as written
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

/// A `test` line: text that a rule must hit, or must not.
struct Sample {
  std::string rule;
  bool hits = false;
  std::string text;
  std::string where;
};

/// A rule that stands in the files and takes no part in scans, or a definition that another one
/// replaced: for whoever wonders.
struct Idle {
  enum class Cause : std::uint8_t { scored_zero, condition, replaced };
  std::string rule;
  Cause cause = Cause::scored_zero;
  std::string where;     // of the definition
  std::string by_where;  // of the score, the condition or the later definition
};

struct Definitions {
  ConditionFacts facts;
  std::map<std::string, Definition, std::less<>> rules;
  std::map<std::string, Scores, std::less<>> scores;
  std::map<std::string, Described, std::less<>> descriptions;
  std::map<std::string, RuleFlags, std::less<>> flags;
  std::map<std::string, int, std::less<>> priorities;
  std::vector<Sample> samples;
  std::vector<Idle> idle;  // in the order of the files
  ReplaceTags replacements;
  ShortcircuitSettings shortcircuits;
  RuleSettings settings;
  bool user_rules = false;  // allow_user_rules: recipients may have rules of their own

  void note_idle(Idle rule) {
    constexpr std::size_t most = 100'000;  // as many as rules
    if (idle.size() < most) idle.push_back(std::move(rule));
  }
};

}  // namespace postern
