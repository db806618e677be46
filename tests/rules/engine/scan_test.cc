#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
constexpr std::string_view message =
    "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
    "From: \"Eve\" <eve@example.org>\r\n"
    "To: bob@example.com\r\n"
    "Subject: three eee words\r\n"
    "\r\n"
    "eve and eve, see http://example.net/x\r\n"
    "\r\n"
    "second paragraph\r\n";
}

BOOST_AUTO_TEST_SUITE(scanning)

BOOST_AUTO_TEST_CASE(each_class_of_rule_sees_its_own_text) {
  const auto result = scan_with(
      "header H Subject =~ /words/\nbody B /second paragraph/\nrawbody R /^second/m\nuri U "
      "m{^http://example\\.net/}\n"
      "full F /\\r\\n\\r\\neve/\nbody NOT /example\\.org/\nuri NOT2 /second/\n",
      message);
  BOOST_TEST(scan_line("m", result) == "m\t5.000\tB,F,H,R,U");
}

BOOST_AUTO_TEST_CASE(the_subject_is_the_first_paragraph_unless_nosubject_says_otherwise) {
  const auto result = scan_with("body A /three/\nbody B /three/\ntflags B nosubject\n", message);
  BOOST_TEST(hits_of(result, "A") == 1U);
  BOOST_TEST(hits_of(result, "B") == 0U);
}

BOOST_AUTO_TEST_CASE(paragraphs_have_their_own_ends) {
  const auto result =
      scan_with("body A /^second/\nbody B /net\\/x second/\nbody C /x$/\n", message);
  BOOST_TEST(hits_of(result, "A") == 1U);
  BOOST_TEST(hits_of(result, "B") == 0U);
  BOOST_TEST(hits_of(result, "C") == 1U);
}

BOOST_AUTO_TEST_CASE(multiple_counts_over_paragraphs_and_every_hit_scores_again) {
  const auto result = scan_with(
      "body A /e/\ntflags A multiple maxhits=7\nscore A 2\nbody B /e/\nscore B 2\n", message);
  BOOST_TEST(hits_of(result, "A") == 7U);
  BOOST_TEST(hits_of(result, "B") == 1U);
  BOOST_TEST(result.score == 16.0);
  BOOST_TEST(scan_line("m", result) == "m\t16.000\tA,B");
}

BOOST_AUTO_TEST_CASE(multiple_counts_in_headers_and_uris_too) {
  const auto result = scan_with(
      "header A Subject =~ /e/\ntflags A multiple\nfull B /eve/\ntflags B multiple\n", message);
  BOOST_TEST(hits_of(result, "A") == 5U);
  BOOST_TEST(hits_of(result, "B") == 3U);
}

BOOST_AUTO_TEST_CASE(missing_scores_have_defaults_and_nice_ones_are_negative) {
  const auto result = scan_with(
      "body A /eve/\nbody T_B /eve/\nbody C /eve/\ntflags C nice\nbody __D /eve/\n", message);
  BOOST_TEST(result.score == 0.01, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(hits_of(result, "__D") == 1U);
  BOOST_TEST(result.hits.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_score_of_zero_switches_a_rule_off_for_metas_too) {
  const auto result = scan_with("body A /eve/\nscore A 0\nmeta M A\nmeta N !A\n", message);
  BOOST_TEST(hits_of(result, "A") == 0U);
  BOOST_TEST(hits_of(result, "M") == 0U);
  BOOST_TEST(hits_of(result, "N") == 1U);
}

BOOST_AUTO_TEST_CASE(metas_run_behind_what_they_need_and_unknown_names_are_zero) {
  const auto result = scan_with(
      "meta A_FIRST Z_LAST > 2\nmeta Z_LAST __E\nbody __E /e/\ntflags __E multiple\nmeta U UNHEARD "
      "|| __E == 0\n",
      message);
  BOOST_TEST(hits_of(result, "A_FIRST") == 1U);
  BOOST_TEST(hits_of(result, "Z_LAST") == 1U);
  BOOST_TEST(hits_of(result, "U") == 0U);
}

BOOST_AUTO_TEST_CASE(a_circle_of_metas_is_a_problem_and_what_stands_behind_it_still_runs) {
  const auto loaded =
      load("meta A B || __T\nmeta B A\nmeta C !A\nmeta D __T\nbody __T /eve/\nmeta E E\n");
  BOOST_TEST(loaded.problems.size() == 3U);
  Scratch scratch;
  const auto result = scan(*loaded.rules, {.octets = message}, scratch);
  BOOST_TEST(scan_line("m", result) == "m\t2.000\tC,D");
}

BOOST_AUTO_TEST_CASE(the_last_definition_of_a_name_wins) {
  const auto result = scan_with(
      "header A Subject !~ /three/\nbody A /eve/\nbody B /eve/\nbody B /absent/\n", message);
  BOOST_TEST(scan_line("m", result) == "m\t1.000\tA");
}

BOOST_AUTO_TEST_CASE(header_rules_treat_absence_by_exists_unset_and_negation) {
  const auto result = scan_with(
      "header A exists:Subject\nheader B exists:X-Absent\nheader C X-Absent =~ /^none$/ [if-unset: "
      "none]\n"
      "header D X-Absent !~ /x/\nheader E X-Absent =~ /./\nheader F Subject =~ /none/ [if-unset: "
      "none]\n",
      message);
  BOOST_TEST(scan_line("m", result) == "m\t3.000\tA,C,D");
}

BOOST_AUTO_TEST_CASE(the_envelope_sender_comes_from_the_transaction) {
  BOOST_TEST(hits_of(scan_with("header A EnvelopeFrom =~ /^x\\@y$/\n", message, "<x@y>"), "A") ==
             1U);
  BOOST_TEST(hits_of(scan_with("header A EnvelopeFrom =~ /^$/\n", message, ""), "A") == 1U);
}

BOOST_AUTO_TEST_CASE(a_rule_that_meets_its_limit_in_five_messages_is_switched_off) {
  const auto loaded = load("body SLOW /b(?:a|aa)+c/\nbody FAST /aab/\n");
  const std::string hostile = "Subject: x\r\n\r\nb" + std::string(60, 'a') + "b c\r\n";
  Scratch scratch;
  for (unsigned i = 1; i <= RuleSet::most_limit_hits; ++i) {
    const auto result = scan(*loaded.rules, {.octets = hostile}, scratch);
    BOOST_TEST(result.limited.size() == 1U);
    BOOST_TEST(result.disabled.empty() == (i < RuleSet::most_limit_hits));
    BOOST_TEST(hits_of(result, "FAST") == 1U);
  }

  const auto after = scan(*loaded.rules, {.octets = "Subject: x\r\n\r\nbaac\r\n"}, scratch);

  BOOST_TEST(after.limited.empty());
  BOOST_TEST(hits_of(after, "SLOW") == 0U);
}

BOOST_AUTO_TEST_CASE(a_limit_costs_a_message_one_attempt_of_the_rule) {
  const auto loaded = load("body SLOW /(a+)+$/\ntflags SLOW multiple\n");
  std::string hostile = "Subject: x\r\n\r\n";
  for (int i = 0; i < 50; ++i) hostile += std::string(60, 'a') + "b\r\n\r\n";
  Scratch scratch;

  const auto result = scan(*loaded.rules, {.octets = hostile}, scratch);

  BOOST_TEST(result.limited.size() == 1U);
}

BOOST_AUTO_TEST_CASE(scores_follow_the_chosen_set) {
  const auto loaded = load_rules_text("body A /eve/\nscore A 1 2 3 4\n", "t.cf", {.score_set = 3});
  Scratch scratch;
  BOOST_TEST(scan(*loaded.rules, {.octets = message}, scratch).score == 4.0);
}

BOOST_AUTO_TEST_CASE(a_scratch_carries_nothing_over_to_the_next_message_or_set) {
  const auto one = load("body A /eve/\nbody B /second/\n");
  const auto other = load("body A /absent/\n");
  Scratch scratch;
  BOOST_TEST(scan(*one.rules, {.octets = message}, scratch).hits.size() == 2U);
  BOOST_TEST(scan(*other.rules, {.octets = message}, scratch).hits.empty());
  BOOST_TEST(scan(*one.rules, {.octets = "\r\n"}, scratch).hits.empty());
}

BOOST_AUTO_TEST_CASE(an_empty_message_and_a_leading_mbox_line_are_no_trouble) {
  BOOST_TEST(scan_with("body A /\\S/\n", "").hits.empty());
  const auto result = scan_with("header A Subject =~ /^x$/\nheader B exists:From\n",
                                "From a@b Mon Jan 1\nSubject: x\n\nbody\n");
  BOOST_TEST(scan_line("m", result) == "m\t1.000\tA");
}

BOOST_AUTO_TEST_SUITE_END()
