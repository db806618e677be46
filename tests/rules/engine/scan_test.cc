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
      "util_rb_tld net\nheader H Subject =~ /words/\nbody B /second paragraph/\nrawbody R "
      "/^second/m\nuri U "
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
  ScanScratch scratch;
  const auto result = scan(*loaded.rules, {.octets = message}, scratch);
  BOOST_TEST(scan_line("m", result) == "m\t2.000\tC,D");
}

BOOST_AUTO_TEST_CASE(whatever_waits_for_a_meta_that_is_switched_off_never_hits) {
  const auto result = scan_with(
      "meta A 1\nscore A 0\nmeta B !A\nmeta C B || 1\nmeta D !__S\nbody __S /eve/\nscore __S 0\n",
      message);
  BOOST_TEST(scan_line("m", result) == "m\t1.000\tD");
}

BOOST_AUTO_TEST_CASE(a_meta_below_zero_hits_with_the_value_one) {
  const auto result = scan_with("meta A 1 - 3\nmeta B A == 1\nmeta C local_tests_only\n", message);
  BOOST_TEST(scan_line("m", result) == "m\t3.000\tA,B,C");
}

BOOST_AUTO_TEST_CASE(a_glob_counts_the_rules_of_that_name_but_not_itself) {
  const auto result = scan_with(
      "body X_1 /eve/\nbody X_2 /second/\nbody X_3 /absent/\nmeta X_ALL rules_matching(X_*)\n",
      message);
  BOOST_TEST(scan_line("m", result, {.values = true}) == "m\t3.000\tX_1,X_2,X_ALL=2");
}

BOOST_AUTO_TEST_CASE(sub_rules_and_values_are_shown_where_asked_for) {
  const auto result =
      scan_with("body __E /e/\ntflags __E multiple maxhits=3\nmeta A __E\n", message);
  BOOST_TEST(scan_line("m", result, {.subrules = true, .values = true}) == "m\t1.000\tA=3\t__E=3");
}

BOOST_AUTO_TEST_CASE(what_one_rule_captures_others_look_for) {
  const auto result = scan_with(
      "util_rb_tld net\nheader __FROM From:addr =~ /^(?<USER>[a-z]+)@/\nbody A /^%{USER} "
      "and/\nbody B /%{USER} "
      "zzz/\n"
      "body C /%{UNHEARD}|eve/\nheader D Subject =~ /%{USER}/\nuri E /%{USER}|x$/\n",
      message);
  BOOST_TEST(scan_line("m", result) == "m\t2.000\tA,E");
}

BOOST_AUTO_TEST_CASE(with_multiple_every_match_captures) {
  const auto result = scan_with(
      "body __W /(?<WORD>second|eve)/\ntflags __W multiple\nbody A /%{WORD} paragraph/\n"
      "body __V /(?<OTHER>second|eve)/\nbody B /%{OTHER} paragraph/\n",
      message);
  BOOST_TEST(scan_line("m", result) == "m\t1.000\tA");
}

BOOST_AUTO_TEST_CASE(tags_are_replaced_in_the_rules_that_ask_for_it) {
  const auto result = scan_with(
      "replace_tag V [aeiou]\nreplace_inter W .?\nreplace_rules A B\nbody A /<inter W>s<V>c<V>nd/\n"
      "body B /th<V>x/\nbody C /s<V>cond/\n",
      message);
  BOOST_TEST(scan_line("m", result) == "m\t1.000\tA");
}

BOOST_AUTO_TEST_CASE(mimeheader_rules_see_the_header_of_every_part) {
  constexpr std::string_view parts =
      "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
      "Content-Type: text/plain\r\n\r\none\r\n--b\r\nContent-Type: image/png; name=aa\r\n\r\n"
      "two\r\n--b--\r\n";
  const auto result = scan_with(
      "mimeheader A Content-Type =~ /image/\nmimeheader D Content-Type =~ /image/\n"
      "tflags D range=1-2\n"
      "mimeheader E X-None =~ /^none/ [if-unset: none]\nmimeheader F Content-Type =~ /a/\n"
      "tflags F multiple range=3-\nmimeheader G Content-Type =~ /plain.*image/s\ntflags G concat\n",
      parts);
  BOOST_TEST(scan_line("m", result, {.values = true}) == "m\t7.000\tA,E,F=4,G");
}

BOOST_AUTO_TEST_CASE(a_negated_mimeheader_rule_always_hits_as_spamassassin_has_it) {
  const auto result =
      scan_with("mimeheader A Content-Type !~ /plain/\nmimeheader B Content-Type !~ /image/\n",
                "Content-Type: text/plain\n\nx\n");
  BOOST_TEST(scan_line("m", result) == "m\t2.000\tA,B");
}

BOOST_AUTO_TEST_CASE(uri_detail_rules_ask_one_uri_for_all_conditions) {
  const auto result = scan_with(
      "util_rb_tld net\nuri_detail A cleaned =~ /example\\.net/ type =~ /parsed/\n"
      "uri_detail B cleaned =~ /example\\.net/ type =~ /img/\n",
      message);
  BOOST_TEST(scan_line("m", result) == "m\t1.000\tA");
}

BOOST_AUTO_TEST_CASE(evals_of_the_network_do_not_run_in_local_mode) {
  const auto loaded = load(
      "header A eval:check_rbl('x', 'zone.example.')\nheader B eval:check_no_relays()\ntflags B "
      "net\n"
      "meta C !A && !B\n");
  BOOST_TEST(loaded.problems.empty());
  ScanScratch scratch;
  BOOST_TEST(scan_line("m", scan(*loaded.rules, {.octets = message}, scratch)) == "m\t1.000\tC");
}

BOOST_AUTO_TEST_CASE(a_function_that_nobody_has_is_a_problem_and_one_that_we_lack_a_remark) {
  const auto loaded = load("header A eval:check_xyz()\nheader B eval:check_asn()\n");
  BOOST_REQUIRE(loaded.problems.size() == 1U);
  BOOST_TEST(loaded.problems[0].where == "test.cf:1:15");
  BOOST_TEST(loaded.remarks.size() == 1U);
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
      "none]\n"
      "header G X-Absent =~ /^$/\nheader H X-Absent !~ /^$/\n",
      message);
  BOOST_TEST(scan_line("m", result) == "m\t4.000\tA,C,D,G");
}

BOOST_AUTO_TEST_CASE(what_freemail_takes_out_of_the_body_is_still_there_for_rules_before_it) {
  const auto result = scan_with(
      "util_rb_tld example\nfreemail_domains free.example\n"
      "header REPLY eval:check_freemail_replyto('reply')\n"
      "body EARLY /optout/\npriority EARLY -1\nbody LATE /optout/\nbody BOTH /words/\n"
      "body COUNTED /words/\ntflags COUNTED multiple\n",
      "From: <ann@free.example>\r\nSubject: words\r\n\r\nwords "
      "http://x@shop.example/optout.htm\r\n",
      "ann@free.example");
  BOOST_TEST(scan_line("m", result, {.values = true}) == "m\t4.000\tBOTH,COUNTED=2,EARLY");
}

BOOST_AUTO_TEST_CASE(the_envelope_sender_comes_from_the_transaction) {
  BOOST_TEST(hits_of(scan_with("header A EnvelopeFrom =~ /^x\\@y$/\n", message, "x@y"), "A") == 1U);
  BOOST_TEST(hits_of(scan_with("header A EnvelopeFrom =~ /^$/\n", message, ""), "A") == 1U);
}

BOOST_AUTO_TEST_CASE(a_rule_that_meets_its_limit_in_five_messages_is_switched_off) {
  const auto loaded = load("body SLOW /b(?:a|aa)+c/\nbody FAST /aab/\n");
  const std::string hostile = "Subject: x\r\n\r\nb" + std::string(60, 'a') + "b c\r\n";
  ScanScratch scratch;
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
  ScanScratch scratch;

  const auto result = scan(*loaded.rules, {.octets = hostile}, scratch);

  BOOST_TEST(result.limited.size() == 1U);
}

BOOST_AUTO_TEST_CASE(scores_follow_the_chosen_set) {
  const auto loaded = load_rules_text("body A /eve/\nscore A 1 2 3 4\n", "t.cf", {.score_set = 3});
  ScanScratch scratch;
  BOOST_TEST(scan(*loaded.rules, {.octets = message}, scratch).score == 4.0);
}

BOOST_AUTO_TEST_CASE(a_scratch_carries_nothing_over_to_the_next_message_or_set) {
  const auto one = load("body A /eve/\nbody B /second/\n");
  const auto other = load("body A /absent/\n");
  ScanScratch scratch;
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
