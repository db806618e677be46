// learning_test.cc — what the rules that hit say about learning a message unasked.
#include <boost/test/unit_test.hpp>

#include "rules/engine/report_template.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

constexpr std::string_view message = "Subject: pills\n\nbuy pills, pills, pills\n";

ScanResult scan_beside_bayes(std::string_view rules, unsigned score_set = with_bayes) {
  LoadOptions options;
  options.score_set = score_set;
  const auto loaded = load_rules_text(rules, "test.cf", options);
  ScanScratch scratch;
  return scan(*loaded.rules, {.octets = message}, scratch);
}

std::string_view word(const ScanResult& result) { return autolearn_word(result.autolearn.what); }

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_learning)

BOOST_AUTO_TEST_CASE(spam_by_header_and_body_is_learnt_as_spam) {
  const auto result =
      scan_beside_bayes("header H Subject =~ /pills/\nscore H 6\nbody B /buy/\nscore B 6\n");

  BOOST_TEST(word(result) == "spam");
  BOOST_TEST(result.autolearn.points == 12);
}

BOOST_AUTO_TEST_CASE(points_are_those_of_the_score_set_without_bayes) {
  const auto result = scan_beside_bayes("body B /buy/\nscore B 0 0 7 7\n");

  BOOST_TEST(result.score == 7);
  BOOST_TEST(result.autolearn.points == 0);
}

BOOST_AUTO_TEST_CASE(each_hit_of_a_rule_that_counts_matches_counts) {
  const auto result = scan_beside_bayes("body B /pills/\ntflags B multiple nosubject\nscore B 2\n");

  BOOST_TEST(result.autolearn.points == 6);
}

BOOST_AUTO_TEST_CASE(a_meta_is_shared_out_by_all_that_it_names_as_often_as_it_names_it) {
  constexpr std::string_view parts =
      "header __H Subject =~ /pills/\nbody __B /buy/\nbody __NEVER /zzz/\nscore __NEVER 0\n";
  const auto with = [&](const std::string& meta) {
    return scan_beside_bayes(std::string(parts) + "meta M " + meta + "\nscore M 12\n");
  };

  // Half and half; then three quarters of the body, of which the header's quarter is 3 points;
  // then four fifths.
  BOOST_TEST(word(with("__H && __B")) == "spam");
  BOOST_TEST(word(with("__H && (__B || __NEVER || __B)")) == "spam");
  BOOST_TEST(word(with("__H && (__B || __B || __B || __B)")) == "no");
}

BOOST_AUTO_TEST_CASE(a_rule_with_autolearn_force_is_named) {
  const auto result = scan_beside_bayes(
      "full F /buy/\nscore F 12\ntflags F autolearn_force\nadd_header all Status _AUTOLEARN_\n");

  BOOST_TEST(word(result) == "spam");
  BOOST_TEST(fill_template("_AUTOLEARN_", result) == "spam autolearn_force=yes (F)");
}

BOOST_AUTO_TEST_CASE(rules_that_the_site_wrote_for_its_own_people_do_not_count) {
  const auto result = scan_beside_bayes(
      "body B /buy/\nscore B 6\nbody W /pills/\nscore W -100\ntflags W userconf nice\n");

  BOOST_TEST(result.autolearn.points == 6);
}

BOOST_AUTO_TEST_CASE(without_bayes_or_with_a_shortcut_learning_is_disabled) {
  BOOST_TEST(word(scan_beside_bayes("body B /buy/\n", 0)) == "disabled");
  BOOST_TEST(word(scan_beside_bayes("bayes_auto_learn 0\nbody B /buy/\n")) == "disabled");
  BOOST_TEST(word(scan_beside_bayes("loadplugin Mail::SpamAssassin::Plugin::Shortcircuit\n"
                                    "body B /buy/\nshortcircuit B spam\n")) == "disabled");
}

BOOST_AUTO_TEST_CASE(a_required_score_from_outside_decides_what_is_spam) {
  LoadOptions options;
  options.score_set = with_bayes;
  options.required_score = 20;
  const auto loaded = load_rules_text(
      "required_score 5\nheader H Subject =~ /pills/\nscore H 6\nbody B /buy/\nscore B 6\n",
      "test.cf", options);
  ScanScratch scratch;
  const auto result = scan(*loaded.rules, {.octets = message}, scratch);

  BOOST_TEST(result.required_score == 20);
  BOOST_TEST(word(result) == "no");
}

BOOST_AUTO_TEST_CASE(the_status_field_tells_the_decision_and_its_points) {
  const auto result = scan_beside_bayes("body B /buy/\nscore B 6.5\n");

  BOOST_TEST(fill_template("_AUTOLEARN_ _AUTOLEARNSCORE_", result) == "no autolearn_force=no 6.5");
}

BOOST_AUTO_TEST_SUITE_END()
