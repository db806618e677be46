// explanation.h — why a message got its score: what hit, on which octets, and what did not and why.
//
//     const auto explanation = explain(*loaded.rules, {.octets = message}, "SOME_RULE");
//     fmt::print("{}", explanation_text(explanation, "message.eml"));
//
// The values are those of a scan. Where a pattern matched is found by matching it once more, alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rules.h"

namespace postern {

/// A match. Octets count from the start of the text that the rule saw, which is rendered and
/// decoded, and not those of the message's source (but for full rules).
struct Place {
  std::string label;  // "body paragraph 3"
  std::string part;   // "1.2 text/html", or ""
  std::size_t from = 0;
  std::size_t to = 0;
  std::string before;  // at most 24 octets on either side
  std::string text;    // at most 1000
  std::string after;
};

struct SeenText {
  std::string label;
  std::string part;
  std::size_t size = 0;
  std::string text;  // the first 1000 octets
};

struct Operand {
  std::string name;
  double value = 0;
  std::string remark = {};  // "scored 0 at …", "no rule is called that"; "" for one that ran
  bool decides = false;     // were it the other way, the meta would be, too
};

struct RuleStory {
  std::string name;
  std::string type;     // the directive: "body", "header eval"
  std::string where;    // file:line:column
  std::string written;  // pattern, call or expression
  std::string description;
  double value = 0;
  double score = 0;       // in all
  double unit_score = 0;  // of one hit
  std::uint64_t microseconds = 0;
  std::vector<Place> places = {};      // at most 20
  std::vector<Operand> operands = {};  // of a meta
  // Of the rule that was asked for alone:
  std::vector<SeenText> seen = {};  // what it was matched against
  std::string why_not = {};         // nothing where it hit
};

struct Explanation {
  double score = 0;
  double required_score = 0;
  /// Names of the rules that scored, by score, highest first; the scores add up to the total.
  std::vector<std::string> waterfall;
  /// Those, every rule below their metas, and the one asked for; each once, sorted by name.
  std::vector<RuleStory> stories;
  std::string asked;

  const RuleStory* story(std::string_view name) const;
};

/// How the message is scanned: scan(), or by someone who can ask the DNS.
using Scanning =
    std::function<ScanResult(const RuleSet& rules, const ScanInput& input, ScanScratch& scratch)>;

/// `asked`: a rule to be explained whether it hit or not; "" for none.
Explanation explain(const RuleSet& rules, const ScanInput& input, const std::string& asked,
                    const Scanning& scanning = scan);

/// For people, within 80 columns; control and 8-bit octets as \xHH.
std::string explanation_text(const Explanation& explanation, std::string_view message);
/// Everything, as one line of JSON.
std::string explanation_json(const Explanation& explanation, std::string_view message);

}  // namespace postern
