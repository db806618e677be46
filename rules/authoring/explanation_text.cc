#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "gateway/base/bytes.h"
#include "rules/authoring/explanation.h"
#include "rules/authoring/legible.h"

namespace postern {
namespace {

constexpr std::size_t width = 80;
constexpr std::size_t shown_texts = 20;
constexpr std::size_t deepest = 8;  // metas over metas are indented no further

std::string number(double value) {
  // Sums of decimal fractions: -0.00 is no score that anybody wrote.
  return fmt::format("{:.2f}", std::abs(value) < 0.005 ? 0.0 : value);
}

/// Breaks at blanks; a word longer than a line is broken where the line ends.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  const std::string margin(indent, ' ');
  const auto room = width - indent;
  while (!text.empty()) {
    auto take = std::min(room, text.size());
    if (take < text.size()) {
      const auto blank = text.rfind(' ', take);
      if (blank != std::string_view::npos && blank > 0) take = blank;
    }
    out += margin + std::string(trim(text.substr(0, take))) + "\n";
    text = trim(text.substr(take));
  }
  return out;
}

class TextReport {
 public:
  TextReport(const Explanation& explanation, std::string_view message) : explanation_(explanation) {
    out_ = fmt::format("{}: {} of {} points: {}\n\n", legible(message), number(explanation.score),
                       number(explanation.required_score),
                       explanation.score >= explanation.required_score ? "spam" : "no spam");
  }

  std::string run() {
    waterfall();
    if (!explanation_.asked.empty()) {
      if (const auto* const story = explanation_.story(explanation_.asked)) asked(*story);
      return std::move(out_);
    }
    for (const auto& name : explanation_.waterfall) {
      if (const auto* const story = explanation_.story(name)) tell(*story);
    }
    return std::move(out_);
  }

 private:
  void waterfall() {
    out_ += "  points     sum  rule\n";
    double sum = 0;
    for (const auto& name : explanation_.waterfall) {
      const auto* const story = explanation_.story(name);
      if (story == nullptr) continue;
      sum += story->score;
      auto line = fmt::format("{:>8}{:>8}  {}", number(story->score), number(sum), name);
      if (story->score != story->unit_score)
        line += fmt::format(" ({} x {})", story->value, number(story->unit_score));
      if (line.size() + 5 < width && !story->description.empty())
        line += "  " + legible(story->description, width - line.size() - 2);
      out_ += line + "\n";
    }
    out_ += fmt::format("{:>8}          total\n", number(explanation_.score));
  }

  void head(const RuleStory& story) {
    out_ += fmt::format("\n{}  {} points, value {:.6g}, {} us\n", story.name, number(story.score),
                        story.value, story.microseconds);
    if (!story.where.empty()) out_ += fmt::format("  {} at {}\n", story.type, story.where);
    if (!story.description.empty()) out_ += wrapped(legible(story.description), 2);
    if (!story.written.empty()) out_ += wrapped(legible(story.written, 700), 4);
  }

  void places(const RuleStory& story, std::size_t indent) {
    const std::string margin(indent, ' ');
    for (const auto& place : story.places) {
      out_ += fmt::format("{}{}, octets {}-{}{}\n", margin, place.label, place.from, place.to,
                          place.part.empty() ? "" : ", part " + place.part);
      const auto around = width - indent - 2;
      const auto text = legible(place.text, around / 2);
      const auto side = (around - text.size() - 6) / 2;
      const auto before = legible(place.before);
      const auto after = legible(place.after);
      out_ += fmt::format("{}  {}>>{}<<{}\n", margin,
                          before.size() > side ? before.substr(before.size() - side) : before, text,
                          after.substr(0, side));
    }
  }

  void tell(const RuleStory& story) {
    head(story);
    places(story, 4);
    operand_tree(story);
  }

  struct Branch {
    const Operand* operand;
    std::size_t depth;
  };

  /// What a meta is made of, depth first; a rule that came before is not taken apart again.
  void operand_tree(const RuleStory& top) {
    std::vector<Branch> waiting;
    std::vector<std::string_view> told;
    push(top, 1, waiting);
    while (!waiting.empty()) {
      const auto branch = waiting.back();
      waiting.pop_back();
      const auto& operand = *branch.operand;
      const auto indent = 2 + 2 * std::min(branch.depth, deepest);
      const auto* const story = explanation_.story(operand.name);
      const bool again = std::ranges::find(told, operand.name) != told.end();
      auto line =
          fmt::format("{}{} = {:.6g}", std::string(indent, ' '), operand.name, operand.value);
      if (operand.decides) line += "  decides";
      if (!operand.remark.empty()) line += "  " + operand.remark;
      if (again && story != nullptr && !story->operands.empty()) line += "  (see above)";
      out_ += line + "\n";
      if (again || story == nullptr) continue;
      told.push_back(operand.name);
      if (story->value != 0) places(*story, indent + 2);
      push(*story, branch.depth + 1, waiting);
    }
  }

  static void push(const RuleStory& story, std::size_t depth, std::vector<Branch>& waiting) {
    for (auto operand = story.operands.rbegin(); operand != story.operands.rend(); ++operand)
      waiting.push_back({&*operand, depth});
  }

  void asked(const RuleStory& story) {
    tell(story);
    if (!story.why_not.empty()) out_ += "\n" + wrapped("no hit: " + story.why_not, 2);
    if (story.seen.empty()) return;
    out_ += fmt::format("\n  it was matched against {} {}:\n", story.seen.size(),
                        story.seen.size() == 1 ? "text" : "texts");
    for (std::size_t i = 0; i < std::min(story.seen.size(), shown_texts); ++i) {
      const auto& seen = story.seen[i];
      out_ += fmt::format("    {}, {} octets{}\n      {}\n", seen.label, seen.size,
                          seen.part.empty() ? "" : ", part " + seen.part,
                          legible(seen.text, width - 6));
    }
    if (story.seen.size() > shown_texts)
      out_ += fmt::format("    and {} more (--json has them)\n", story.seen.size() - shown_texts);
  }

  const Explanation& explanation_;
  std::string out_;
};

boost::json::array places_json(const RuleStory& story) {
  boost::json::array out;
  for (const auto& place : story.places) {
    out.push_back({{"in", place.label},
                   {"part", place.part},
                   {"from", place.from},
                   {"to", place.to},
                   {"before", legible(place.before)},
                   {"text", legible(place.text)},
                   {"after", legible(place.after)}});
  }
  return out;
}

boost::json::object story_json(const RuleStory& story) {
  boost::json::array operands;
  for (const auto& operand : story.operands) {
    operands.push_back({{"name", operand.name},
                        {"value", operand.value},
                        {"decides", operand.decides},
                        {"remark", operand.remark}});
  }
  boost::json::array seen;
  for (const auto& text : story.seen) {
    seen.push_back({{"in", text.label},
                    {"part", text.part},
                    {"size", text.size},
                    {"text", legible(text.text)}});
  }
  return {{"name", story.name},
          {"type", story.type},
          {"where", story.where},
          {"written", legible(story.written)},
          {"description", legible(story.description)},
          {"value", story.value},
          {"score", story.score},
          {"unit_score", story.unit_score},
          {"microseconds", story.microseconds},
          {"matches", places_json(story)},
          {"operands", std::move(operands)},
          {"seen", std::move(seen)},
          {"why_not", story.why_not}};
}

}  // namespace

std::string explanation_text(const Explanation& explanation, std::string_view message) {
  return TextReport(explanation, message).run();
}

std::string explanation_json(const Explanation& explanation, std::string_view message) {
  boost::json::array stories;
  for (const auto& story : explanation.stories) stories.push_back(story_json(story));
  const boost::json::object out{
      {"message", legible(message)},
      {"score", explanation.score},
      {"required_score", explanation.required_score},
      {"spam", explanation.score >= explanation.required_score},
      {"hits", boost::json::array(explanation.waterfall.begin(), explanation.waterfall.end())},
      {"rules", std::move(stories)}};
  return boost::json::serialize(out) + "\n";
}

}  // namespace postern
