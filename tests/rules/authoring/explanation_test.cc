#define BOOST_TEST_DYN_LINK
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "rules/authoring/explanation.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

constexpr std::string_view letter =
    "From: Eve <eve@example.org>\n"
    "To: bob@example.com\n"
    "Subject: you won\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/alternative; boundary=b\n"
    "\n"
    "--b\n"
    "Content-Type: text/plain\n"
    "\n"
    "first lines\n"
    "\n"
    "claim your prize today, and a prize tomorrow\n"
    "\n"
    "--b\n"
    "Content-Type: text/html\n"
    "\n"
    "<p>only in the page</p>\n"
    "--b--\n";

Explanation explained(std::string_view rules, const std::string& asked = "",
                      std::string_view message = letter) {
  const auto loaded = load(rules);
  return explain(*loaded.rules, {.octets = message}, asked);
}

const RuleStory& story(const Explanation& explanation, std::string_view name) {
  const auto* const found = explanation.story(name);
  BOOST_REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(explaining)

BOOST_AUTO_TEST_CASE(a_body_match_names_paragraph_part_and_octets) {
  const auto out = explained("body A /prize/\n");
  const auto& places = story(out, "A").places;
  BOOST_REQUIRE(places.size() == 1U);
  BOOST_TEST(places[0].label == "body paragraph 2");
  BOOST_TEST(places[0].part == "1.1 text/plain");
  BOOST_TEST(places[0].from == 11U);
  BOOST_TEST(places[0].to == 16U);
  BOOST_TEST(places[0].text == "prize");
  BOOST_TEST(places[0].before == "claim your ");
}

BOOST_AUTO_TEST_CASE(a_match_in_the_page_names_the_page) {
  const auto out = explained("body A /only in/\nrawbody R /<p>only/\n");
  BOOST_TEST(story(out, "A").places.at(0).part == "1.2 text/html");
  BOOST_TEST(story(out, "R").places.at(0).part == "1.2 text/html");
}

BOOST_AUTO_TEST_CASE(every_match_of_a_rule_that_counts_is_shown) {
  const auto out = explained("body A /prize/\ntflags A multiple\n");
  BOOST_TEST(story(out, "A").places.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_header_match_names_the_value_it_saw) {
  const auto out = explained("header A From:addr =~ /eve/\nbody S /you won/\n");
  BOOST_TEST(story(out, "A").places.at(0).label == "header From:addr");
  BOOST_TEST(story(out, "S").places.at(0).label == "header Subject (as body text)");
}

BOOST_AUTO_TEST_CASE(a_match_in_a_part_header_names_the_part) {
  const auto out = explained("mimeheader A Content-Type =~ /html/\n");
  BOOST_TEST(story(out, "A").places.at(0).part == "1.2 text/html");
}

BOOST_AUTO_TEST_CASE(the_waterfall_adds_up_to_the_score) {
  const auto out = explained("body A /prize/\nscore A 2\nbody B /claim/\nscore B -0.5\n");
  BOOST_TEST(out.score == 1.5);
  BOOST_TEST(out.waterfall == (std::vector<std::string>{"A", "B"}),
             boost::test_tools::per_element());
  double sum = 0;
  for (const auto& name : out.waterfall) sum += story(out, name).score;
  BOOST_TEST(sum == out.score);
}

BOOST_AUTO_TEST_CASE(a_meta_shows_the_values_of_what_it_asks_for) {
  const auto out = explained("body __A /prize/\nbody __B /nowhere/\nmeta M __A && !__B\n");
  const auto& operands = story(out, "M").operands;
  BOOST_REQUIRE(operands.size() == 2U);
  BOOST_TEST(operands[0].name == "__A");
  BOOST_TEST(operands[0].value == 1.0);
  BOOST_TEST(operands[1].value == 0.0);
  BOOST_TEST(story(out, "__A").places.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_meta_that_did_not_hit_names_the_operand_that_failed) {
  const auto out = explained("body __A /prize/\nbody __B /nowhere/\nmeta M __A && __B\n", "M");
  BOOST_TEST(story(out, "M").why_not == "it would hit with __B");
  BOOST_TEST(story(out, "M").operands.at(1).decides);
  BOOST_TEST(!story(out, "M").operands.at(0).decides);
}

BOOST_AUTO_TEST_CASE(a_pattern_that_did_not_hit_shows_what_it_saw) {
  const auto out = explained("header A Subject =~ /lost/\n", "A");
  BOOST_REQUIRE(story(out, "A").seen.size() == 1U);
  BOOST_TEST(story(out, "A").seen[0].text == "you won\n");
  BOOST_TEST(!story(out, "A").why_not.empty());
}

BOOST_AUTO_TEST_CASE(a_rule_that_hits_because_nothing_matches_shows_the_value) {
  const auto out = explained("header A Subject !~ /lost/\n");
  BOOST_TEST(story(out, "A").places.at(0).text == "you won\n");
  BOOST_TEST(story(out, "A").places.at(0).label == "header Subject (no match)");
}

BOOST_AUTO_TEST_CASE(a_missing_field_is_the_reason_given) {
  const auto out = explained("header A X-None =~ /x/\n", "A");
  BOOST_TEST(story(out, "A").why_not == "the message has no text for it");
}

BOOST_AUTO_TEST_CASE(a_rule_that_is_not_run_says_where_that_was_decided) {
  const auto zero = explained("body A /prize/\nscore A 0\n", "A");
  BOOST_TEST(story(zero, "A").why_not == "scored 0 at test.cf:2:1");
  const auto branch = explained("if (version < 3)\nbody A /prize/\nendif\n", "A");
  BOOST_TEST(story(branch, "A").why_not.find("test.cf:1:1") != std::string::npos);
  BOOST_TEST(story(explained("", "A"), "A").why_not == "no rule is called that");
}

BOOST_AUTO_TEST_CASE(text_stays_within_80_columns) {
  const auto out =
      explained("body A /claim.*tomorrow/\ndescribe A " + std::string(200, 'd') +
                "\nheader H ALL =~ /Eve.*Subject/s\nbody __X /prize/\nmeta M A && (H || __X)\n");
  for (const auto line : split(explanation_text(out, "letter.eml"), '\n'))
    BOOST_TEST(line.size() <= 80U, line);
}

BOOST_AUTO_TEST_CASE(text_shows_the_matched_octets_between_marks) {
  const auto text = explanation_text(explained("body A /prize/\n"), "letter.eml");
  BOOST_TEST(text.find(">>prize<<") != std::string::npos);
  BOOST_TEST(text.find("letter.eml: 1.00 of 5.00 points: no spam") == 0U);
}

BOOST_AUTO_TEST_CASE(json_has_score_hits_and_places) {
  const auto json =
      boost::json::parse(explanation_json(explained("body A /prize/\n"), "letter.eml"));
  BOOST_TEST(json.at("hits").at(0).as_string() == "A");
  BOOST_TEST(json.at("rules").at(0).at("matches").at(0).at("text").as_string() == "prize");
}

BOOST_AUTO_TEST_CASE(captured_values_are_in_the_pattern_of_a_template) {
  const auto out =
      explained("header __C To:addr =~ /^(?<WHO>[^@]+)/\nheader A To =~ /%{WHO}@example/\n", "A");
  BOOST_TEST(story(out, "A").places.at(0).text == "bob@example");
}

BOOST_AUTO_TEST_SUITE_END()
