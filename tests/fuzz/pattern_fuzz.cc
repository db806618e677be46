// pattern_fuzz.cc — a pattern and a text: what the index finds is what PCRE2 finds everywhere.
//
// The first line is the pattern, without delimiters; each further line is a subject. Compared are
// yes or no for the pattern reduced to that, and all spans for the pattern as it stands; the tree
// written out again must match like the original. Expressions that pass their limit are no matter:
// where they do depends on the way.
#include <algorithm>
#include <memory>
#include <string>

#include "gateway/base/bytes.h"
#include "rules/patterns/complexity.h"
#include "rules/patterns/pattern_index.h"
#include "rules/patterns/pattern_text.h"
#include "rules/patterns/pattern_tree.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

constexpr std::size_t longest_pattern = 200;  // beyond that time goes into compiling
constexpr std::size_t longest_text = 2000;

PatternHits scan(const Regex& regex, unsigned most, PatternIndex::Filtering filtering,
                 const std::vector<std::string_view>& subjects) {
  const IndexedPattern pattern{.rule = 0, .regex = &regex, .most = most};
  const auto index = PatternIndex::build(std::span(&pattern, 1), filtering);
  Matcher matcher;
  PatternScratch scratch;
  PatternHits hits;
  index.scan(subjects, matcher, scratch, [](std::uint32_t) { return false; }, hits);
  return hits;
}

bool same(const PatternHits& a, const PatternHits& b) {
  return std::ranges::equal(a.matches, b.matches, [](const auto& x, const auto& y) {
    return x.subject == y.subject && x.span.from == y.span.from && x.span.to == y.span.to;
  });
}

void compare_index(const Regex& regex, const std::vector<std::string_view>& subjects) {
  using Filtering = PatternIndex::Filtering;
  for (const unsigned most : {1U, 50U}) {
    const auto everywhere = scan(regex, most, Filtering::off, subjects);
    const auto filtered = scan(regex, most, Filtering::on, subjects);
    if (!everywhere.limited.empty() || !filtered.limited.empty()) continue;
    if (most == 1) {
      require(everywhere.matches.empty() == filtered.matches.empty(), "the index says yes or no");
    } else {
      require(same(everywhere, filtered), "the index finds all matches");
    }
  }
}

void compare_text(const Regex& regex, Repeated repeated,
                  const std::vector<std::string_view>& subjects) {
  const auto tree = parse_pattern(regex.pattern());
  if (!tree || tree->references) return;
  const auto again = Regex::compile(pattern_text(*tree, repeated), Regex::Start::anywhere);
  // Look-behinds may lose what made their length fixed in PCRE2's eyes.
  if (!again) return;
  Matcher matcher;
  for (const auto subject : subjects) {
    Regex::Span a;
    Regex::Span b;
    const auto one = regex.find(subject, 0, false, matcher, a);
    const auto other = again->find(subject, 0, false, matcher, b);
    if (one == Regex::Outcome::limit || other == Regex::Outcome::limit) continue;
    require(one == other, "the tree written out matches where the original does");
    if (one == Regex::Outcome::match)
      require(a.from == b.from && a.to == b.to, "… the same octets");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  auto subjects = split(input, '\n');
  const auto written = subjects.front();
  if (written.size() > longest_pattern || input.size() > longest_text) return 0;
  subjects.erase(subjects.begin());
  const std::string delimited = "m{" + std::string(written) + "}";
  if (const auto pattern = translate_pattern(delimited)) {
    if (const auto warning = complexity_warning(*pattern)) {
      require(warning->at < delimited.size() && !warning->what.empty(), "a warning has its place");
    }
  }
  auto regex = Regex::compile(delimited);
  if (!regex) {
    require(!regex.error().what.empty(), "an error says what");
    return 0;
  }
  compare_index(*regex, subjects);
  compare_text(*regex, Repeated::written_out, subjects);
  compare_text(*regex, Repeated::shared, subjects);
  return 0;
}
