#include "rules/evals/stock_info.h"

#include <algorithm>
#include <set>
#include <string>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

struct StockPatterns {
  Regex label;
  Regex word;  // what labels of that kind end with, without all but letters
};

const StockPatterns& patterns() {
  static const StockPatterns made{
      Regex::compile(R"(/^\s*[^:\s][^:\n]{2,29}\s*:\s*\S/m)").value(),
      Regex::compile(
          "/(?:^trad(?:e|ing)date|company(?:name)?|s\\w?(?:t\\w?o\\w?c\\w?k|y\\w?m(?:\\w?b\\w?o\\w?"
          "l)?)"
          "|t(?:arget|icker)|(?:opening|current)p(?:rice)?|p(?:rojected|osition)|expectations"
          "|weeks?high|marketperformance|(?:year|week|month|day|price)(?:target|estimates?)|sector"
          "|r(?:ecommendation|ating))$/")
          .value()};
  return made;
}

std::string letters_of(std::string_view label) {
  std::string letters;
  for (const char c : label.substr(0, label.find(':'))) {
    if (is_alpha(c)) letters += lower(c);
  }
  return letters;
}

}  // namespace

void StockLabels::prepare() { patterns(); }

StockLabels::StockLabels(ScannedMessage& message) {
  const auto& all = message.parts().all();
  const auto part = std::ranges::find_if(
      all, [](const Part& candidate) { return candidate.type == "text/plain"; });
  if (part == all.end()) return;
  const auto text = part->rendered().text();
  std::set<std::string, std::less<>> labels;
  Regex::Span line;
  for (std::size_t at = 0;
       patterns().label.find(text, at, false, message.matcher(), line) == Regex::Outcome::match;
       at = line.to) {
    const auto letters = letters_of(text.substr(line.from, line.to - line.from));
    Regex::Span word;
    if (patterns().word.find(letters, 0, false, message.matcher(), word) == Regex::Outcome::match)
      labels.insert(letters.substr(word.from));
  }
  count = labels.size();
}

}  // namespace postern
