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
  BOOST_TEST(parsed.definitions.settings.report.required_score == 7.5);
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

BOOST_AUTO_TEST_CASE(settings_without_effect_are_remarks_and_those_of_the_network_silent) {
  const auto parsed = parse(
      "txrep_factor 1\nloadplugin Mail::SpamAssassin::Plugin::TxRep\n"
      "loadplugin Mail::SpamAssassin::Plugin::DKIM\ndns_server 192.0.2.1\n"
      "urirhssub X zone.example. A 2\n");
  BOOST_TEST(parsed.diagnosis.problems.empty());
  BOOST_TEST(parsed.diagnosis.remarks.size() == 2U);
}

BOOST_AUTO_TEST_CASE(settings_of_other_folders_reach_their_struct) {
  const auto parsed = parse("freemail_domains post.example\nreport_safe 0\n");
  BOOST_TEST(parsed.diagnosis.problems.empty());
  BOOST_TEST(parsed.definitions.settings.freemail.has_domain("post.example"));
  BOOST_TEST(parsed.definitions.settings.report.safe == 0U);
}

BOOST_AUTO_TEST_CASE(evals_have_the_type_that_their_function_wants) {
  const auto parsed = parse(
      "header A eval:check_for_missing_to_header()\nheader B eval:check_rbl('x', 'y.example.')\n"
      "body C eval:check_for_missing_to_header()\nrawbody D eval:html_test('x')\n"
      "full E eval:check_pyzor()\nheader F eval:broken\n");
  const auto& rules = parsed.definitions.rules;
  BOOST_TEST((rules.at("A").type == RuleType::header_eval));
  BOOST_TEST((rules.at("B").type == RuleType::dns_eval));
  BOOST_TEST(rules.at("B").call.arguments.size() == 2U);
  BOOST_TEST(!parsed.has("C"));
  BOOST_TEST((rules.at("D").type == RuleType::rawbody_eval));
  BOOST_TEST((rules.at("E").type == RuleType::full_eval));
  BOOST_TEST(!parsed.has("F"));
  BOOST_TEST(parsed.diagnosis.problems.size() == 2U);
}

BOOST_AUTO_TEST_CASE(rules_that_only_the_network_hits_exist_without_a_pattern) {
  const auto parsed =
      parse("askdns A _SENDERDOMAIN_.zone.example A 2\nbody B /x/\nreuse B\nreuse C OTHER\n");
  BOOST_TEST((parsed.definitions.rules.at("A").type == RuleType::empty));
  BOOST_TEST((parsed.definitions.rules.at("B").type == RuleType::body));
  BOOST_TEST((parsed.definitions.rules.at("C").type == RuleType::empty));
}

BOOST_AUTO_TEST_CASE(mimeheader_and_uri_detail_rules_know_their_forms) {
  const auto parsed = parse(
      "mimeheader A Content-Type:raw =~ /x/\nmimeheader B Content-Type =~ /^none$/ [if-unset: "
      "none]\n"
      "mimeheader C Content-Type:addr =~ /x/\nuri_detail D domain =~ /x/ text !~ /y/i\n"
      "uri_detail E\n");
  const auto& rules = parsed.definitions.rules;
  BOOST_TEST(rules.at("A").mime.raw);
  BOOST_TEST(rules.at("B").unset.value_or("") == "none");
  BOOST_TEST(!parsed.has("C"));
  BOOST_TEST(rules.at("D").uri != nullptr);
  BOOST_TEST(!parsed.has("E"));
  BOOST_TEST(parsed.diagnosis.problems.size() == 2U);
}

BOOST_AUTO_TEST_CASE(test_lines_are_kept) {
  const auto parsed = parse("test A ok some text\ntest A fail other\ntest A maybe x\n");
  BOOST_REQUIRE(parsed.definitions.samples.size() == 2U);
  BOOST_TEST(parsed.definitions.samples[0].hits);
  BOOST_TEST(parsed.definitions.samples[0].text == "some text");
  BOOST_TEST(!parsed.definitions.samples[1].hits);
  BOOST_TEST(parsed.diagnosis.problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_enable_compat_names_can_be_asked_for_behind_it) {
  const auto parsed = parse(
      "if can(Mail::SpamAssassin::Conf::compat_x)\nbody A /a/\nendif\nenable_compat x\n"
      "if can(Mail::SpamAssassin::Conf::compat_x)\nbody B /b/\nendif\n");
  BOOST_TEST(!parsed.has("A"));
  BOOST_TEST(parsed.has("B"));
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

BOOST_AUTO_TEST_CASE(scores_are_one_or_four_and_may_be_relative_to_an_earlier_one) {
  const auto parsed = parse(
      "score A 2.5\nscore A (0.5)\nscore B 1 2 3 -4\nscore C 1 2\nscore D x\nscore E (1)\n"
      "score F .5\n");
  BOOST_TEST(!parsed.definitions.scores.contains("E"));
  BOOST_TEST(!parsed.definitions.scores.contains("F"));
  BOOST_TEST(parsed.definitions.scores.at("A").sets[3] == 3.0);
  BOOST_TEST(parsed.definitions.scores.at("B").sets[3] == -4.0);
  BOOST_TEST(parsed.diagnosis.problems.size() == 4U);
}

BOOST_AUTO_TEST_CASE(header_rules_know_their_forms) {
  const auto parsed = parse(
      "header A Subject =~ /x/\nheader B Subject !~ /x/\nheader C exists:X-Y\n"
      "header D X-Z =~ /^UNSET$/ [if-unset: UNSET]\nheader E From:addr =~ m{a=~b}\nheader F "
      "Subject\n"
      "header G From:colour =~ /x/\nheader H Subject=~/x/\nheader I X =~ /^y/ [if-unset:y]\n");
  BOOST_TEST(parsed.definitions.rules.at("B").negated);
  BOOST_TEST(parsed.definitions.rules.at("C").exists);
  BOOST_TEST(parsed.definitions.rules.at("D").unset.value_or("") == "UNSET");
  BOOST_TEST((parsed.definitions.rules.at("E").header.part == HeaderSource::Part::addresses));
  BOOST_TEST(parsed.has("H"));
  BOOST_TEST(!parsed.has("I"));
  BOOST_REQUIRE(parsed.diagnosis.problems.size() == 3U);
  BOOST_TEST(parsed.diagnosis.problems[1].where.starts_with("/rules/main.cf:7:"));
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

BOOST_AUTO_TEST_CASE(a_file_of_mistakes_costs_no_guess_for_each) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "unwelcomelist_from_domain a\n";
  BOOST_TEST(is_quick([&text] { load_rules_text(text, "f.cf"); }));
  const std::string long_key(500'000, 'x');
  BOOST_TEST(is_quick([&long_key] { load_rules_text(long_key, "f.cf"); }));
}

BOOST_AUTO_TEST_SUITE_END()
