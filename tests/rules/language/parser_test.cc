#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <map>

#include "gateway/base/bytes.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

struct Parsed {
  Definitions definitions;
  Diagnosis diagnosis;
  bool has(std::string_view name) const { return definitions.rules.contains(name); }
};

Parsed parse(const std::string& text, const std::map<std::string, std::string>& files = {}) {
  Parsed out;
  const ReadIncluded read = [&files](const std::string& name) -> Result<std::string> {
    const auto found = files.find(name);
    if (found == files.end())
      return fail(std::errc::no_such_file_or_directory, name + ": no such file");
    return found->second;
  };
  parse_rules(text, "/rules/main.cf", read, {}, out.definitions, out.diagnosis);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parser)

BOOST_AUTO_TEST_CASE(comments_go_and_an_escaped_hash_stays) {
  const auto parsed = parse("# nothing\n  body A /x/ # a remark\nbody B /a\\#b/\r\n");
  BOOST_TEST(parsed.diagnosis.problems.empty());
  BOOST_TEST(parsed.has("A"));
  Matcher matcher;
  BOOST_TEST(
      (parsed.definitions.rules.at("B").pattern->matches("a#b", matcher) == Regex::Outcome::match));
}

BOOST_AUTO_TEST_CASE(keys_ignore_case_and_take_hyphens_for_underscores) {
  const auto parsed = parse("BODY A /x/\nRequired-Score 7.5\n");
  BOOST_TEST(parsed.has("A"));
  BOOST_TEST(parsed.definitions.required_score == 7.5);
}

BOOST_AUTO_TEST_CASE(a_bad_line_is_named_by_file_line_and_column_and_the_rest_loads) {
  const auto parsed = parse("body A /x/\nbody   B /(/\nbody C /y/\n");
  BOOST_TEST(parsed.has("A"));
  BOOST_TEST(!parsed.has("B"));
  BOOST_TEST(parsed.has("C"));
  BOOST_REQUIRE(parsed.diagnosis.problems.size() == 1U);
  BOOST_TEST(parsed.diagnosis.problems[0].where.starts_with("/rules/main.cf:2:1"));
  BOOST_TEST(parsed.diagnosis.problems[0].what.find("parenthesis") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_bad_redefinition_leaves_the_earlier_rule) {
  const auto parsed = parse("body A /x/\nbody A /(/\n");
  BOOST_TEST(parsed.has("A"));
  BOOST_TEST(parsed.definitions.rules.at("A").where == "/rules/main.cf:1:1");
}

BOOST_AUTO_TEST_CASE(a_pattern_cut_by_a_comment_is_explained) {
  const auto parsed = parse("uri A m{^http://[^/#]+x}\n");
  BOOST_REQUIRE(parsed.diagnosis.problems.size() == 1U);
  BOOST_TEST(parsed.diagnosis.problems[0].what.find("\\#") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_directive_is_a_problem_with_a_guess) {
  const auto parsed = parse("desribe A text\nbody A /x/\n");
  BOOST_REQUIRE(parsed.diagnosis.problems.size() == 1U);
  BOOST_TEST(parsed.diagnosis.problems[0].what.find("describe") != std::string::npos);
  BOOST_TEST(parsed.diagnosis.problems[0].where == "/rules/main.cf:1:1");
}

BOOST_AUTO_TEST_CASE(settings_of_the_other_engine_are_remarks_and_its_rule_kinds_problems) {
  const auto parsed = parse(
      "use_bayes 1\ntrusted_networks 10/8\nmimeheader X Content-Type =~ /x/\nheader Y "
      "eval:check_x()\n");
  BOOST_TEST(parsed.diagnosis.remarks.size() == 2U);
  BOOST_TEST(parsed.diagnosis.problems.size() == 2U);
}

BOOST_AUTO_TEST_CASE(conditions_choose_their_branch_and_nest) {
  const auto parsed = parse(
      "if (version >= 4)\nbody A /a/\nelse\nbody B /b/\nendif\n"
      "ifplugin Mail::SpamAssassin::Plugin::Unheard\nbody C /c/\nif (version > 3)\nbody D "
      "/d/\nelse\nbody E /e/\nendif\n"
      "nonsense here\nendif\nbody F /f/\nif!plugin(X)\nbody G /g/\nendif\n");
  BOOST_TEST(parsed.diagnosis.problems.empty());
  BOOST_TEST(parsed.has("A"));
  BOOST_TEST(!parsed.has("B"));
  BOOST_TEST(!parsed.has("C"));
  BOOST_TEST(!parsed.has("D"));
  BOOST_TEST(!parsed.has("E"));
  BOOST_TEST(parsed.has("F"));
  BOOST_TEST(parsed.has("G"));
}

BOOST_AUTO_TEST_CASE(a_condition_that_is_not_understood_takes_neither_branch) {
  const auto parsed = parse("if (moon == full)\nbody A /a/\nelse\nbody B /b/\nendif\nbody C /c/\n");
  BOOST_REQUIRE(parsed.diagnosis.problems.size() == 1U);
  BOOST_TEST(parsed.diagnosis.problems[0].where == "/rules/main.cf:1:5");
  BOOST_TEST(!parsed.has("A"));
  BOOST_TEST(!parsed.has("B"));
  BOOST_TEST(parsed.has("C"));
}

BOOST_AUTO_TEST_CASE(an_unclosed_condition_ends_with_its_file) {
  const auto parsed =
      parse("include a.cf\nbody B /b/\n", {{"/rules/a.cf", "\nif (version < 1)\nbody A /a/\n"}});
  BOOST_TEST(parsed.has("B"));
  BOOST_REQUIRE(parsed.diagnosis.problems.size() == 1U);
  BOOST_TEST(parsed.diagnosis.problems[0].where == "/rules/a.cf:2:1");
}

BOOST_AUTO_TEST_CASE(stray_else_and_endif_are_problems) {
  BOOST_TEST(parse("else\nendif\n").diagnosis.problems.size() == 2U);
  BOOST_TEST(parse("if (1)\nelse\nelse\nendif\n").diagnosis.problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(includes_are_relative_to_their_file_and_read_in_place) {
  const auto parsed = parse("score A 1\ninclude sub/a.cf\nscore A 3\n",
                            {{"/rules/sub/a.cf", "score A 2\nbody A /a/\ninclude b.cf\n"},
                             {"/rules/sub/b.cf", "body B /b/"}});
  BOOST_TEST(parsed.diagnosis.problems.empty());
  BOOST_TEST(parsed.has("B"));
  BOOST_TEST(parsed.definitions.scores.at("A").sets[0] == 3);
}

BOOST_AUTO_TEST_CASE(a_file_that_includes_itself_ends) {
  const auto parsed =
      parse("include main.cf\n", {{"/rules/main.cf", "include main.cf\ninclude main.cf\n"}});
  BOOST_TEST(!parsed.diagnosis.problems.empty());
}

BOOST_AUTO_TEST_CASE(a_missing_include_is_a_problem_at_its_line) {
  const auto parsed = parse("body A /a/\ninclude gone.cf\nbody B /b/\n");
  BOOST_REQUIRE(parsed.diagnosis.problems.size() == 1U);
  BOOST_TEST(parsed.diagnosis.problems[0].where == "/rules/main.cf:2:9");
  BOOST_TEST(parsed.has("B"));
}

BOOST_AUTO_TEST_CASE(another_version_skips_the_rest_of_the_file_and_the_placeholder_does_not) {
  const auto parsed = parse("include old.cf\ninclude new.cf\n",
                            {{"/rules/old.cf", "require_version 3.000000\nbody A /a/\n"},
                             {"/rules/new.cf", "require_version @@VERSION@@\nbody B /b/\n"}});
  BOOST_TEST(!parsed.has("A"));
  BOOST_TEST(parsed.has("B"));
}

BOOST_AUTO_TEST_CASE(lang_lines_count_for_our_locale_only) {
  const auto parsed = parse(
      "body A /a/\ndescribe A plain\nlang de describe A deutsch\nlang en describe A English\n");
  BOOST_TEST(parsed.definitions.descriptions.at("A").text == "English");
}

BOOST_AUTO_TEST_CASE(scores_are_one_or_four_and_may_be_relative) {
  const auto parsed =
      parse("score A 2.5\nscore A (0.5)\nscore B 1 2 3 -4\nscore C 1 2\nscore D x\n");
  BOOST_TEST(parsed.definitions.scores.at("A").sets[3] == 3.0);
  BOOST_TEST(parsed.definitions.scores.at("B").sets[3] == -4.0);
  BOOST_TEST(parsed.diagnosis.problems.size() == 2U);
}

BOOST_AUTO_TEST_CASE(header_rules_know_their_forms) {
  const auto parsed = parse(
      "header A Subject =~ /x/\nheader B Subject !~ /x/\nheader C exists:X-Y\n"
      "header D X-Z =~ /^UNSET$/ [if-unset: UNSET]\nheader E From:addr =~ m{a=~b}\nheader F "
      "Subject\n"
      "header G From:host =~ /x/\nheader H Subject=~/x/\n");
  BOOST_TEST(parsed.definitions.rules.at("B").negated);
  BOOST_TEST(parsed.definitions.rules.at("C").exists);
  BOOST_TEST(parsed.definitions.rules.at("D").unset.value_or("") == "UNSET");
  BOOST_TEST((parsed.definitions.rules.at("E").header.part == HeaderSource::Part::addresses));
  BOOST_TEST(parsed.has("H"));
  BOOST_REQUIRE(parsed.diagnosis.problems.size() == 2U);
  BOOST_TEST(parsed.diagnosis.problems[1].where == "/rules/main.cf:7:15");
}

BOOST_AUTO_TEST_CASE(flags_are_read_and_unknown_ones_remarked_upon) {
  const auto parsed =
      parse("tflags A multiple maxhits=7 nosubject\ntflags B multipel\ntflags C maxhits=0\n");
  BOOST_TEST(parsed.definitions.flags.at("A").multiple);
  BOOST_TEST(parsed.definitions.flags.at("A").most_hits == 7U);
  BOOST_TEST(parsed.definitions.flags.at("A").no_subject);
  BOOST_REQUIRE(parsed.diagnosis.remarks.size() == 1U);
  BOOST_TEST(parsed.diagnosis.remarks[0].what.find("multiple") != std::string::npos);
  BOOST_TEST(parsed.diagnosis.problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(names_are_checked) {
  const auto parsed =
      parse("body 1A /x/\nbody A-B /x/\nbody\nbody " + std::string(101, 'A') + " /x/\nmeta M\n");
  BOOST_TEST(parsed.diagnosis.problems.size() == 5U);
  BOOST_TEST(parsed.definitions.rules.empty());
}

BOOST_AUTO_TEST_CASE(rewriting_is_for_subjects) {
  const auto parsed = parse("rewrite_header Subject *SPAM* _SCORE_\nrewrite_header From x\n");
  BOOST_TEST(parsed.definitions.subject_tag == "*SPAM* _SCORE_");
  BOOST_TEST(parsed.diagnosis.problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_the_engine_cannot_do_yet_is_said) {
  const auto parsed =
      parse("replace_rules A\nheader B X-Spam-Relays-External =~ /ip=/\nbody A /x/\n");
  BOOST_TEST(parsed.diagnosis.problems.size() == 1U);
  BOOST_REQUIRE(parsed.diagnosis.remarks.size() == 1U);
  BOOST_TEST(parsed.diagnosis.remarks[0].where == "/rules/main.cf:2:10");
}

BOOST_AUTO_TEST_SUITE_END()
