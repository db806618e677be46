#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

/// A message of about 300 octets, or as many times that, of which a single model makes its
/// language.
std::string letter(int times = 1) {
  std::string body;
  for (int i = 0; i < 10 * times; ++i) body += "the weather was fine that morning\n";
  return mail({"Subject: news"}, body);
}

RuleSettings settings_for(std::string_view model, std::vector<std::string> expected) {
  RuleSettings settings;
  settings.languages.models = std::make_shared<const LanguageModels>(
      LanguageModels::parse("e\nth\n0 " + std::string(model) + "\n"));
  settings.languages.expected = std::move(expected);
  settings.languages.inactive.clear();
  return settings;
}

double unwanted(const std::string& message, const RuleSettings& settings) {
  return evaluate("check_language", {}, message, settings);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(language_evals)

BOOST_AUTO_TEST_CASE(a_language_that_nobody_expects_hits) {
  BOOST_TEST(unwanted(letter(), settings_for("fr", {"en", "de"})) == 1);
  BOOST_TEST(unwanted(letter(), settings_for("fr", {"en", "fr"})) == 0);
}

BOOST_AUTO_TEST_CASE(all_languages_are_expected_where_nothing_else_is_said) {
  BOOST_TEST(unwanted(letter(), settings_for("fr", {"en", "all"})) == 0);
}

BOOST_AUTO_TEST_CASE(the_charset_of_a_model_is_no_part_of_its_language) {
  BOOST_TEST(unwanted(letter(), settings_for("zh.big5", {"zh"})) == 0);
}

BOOST_AUTO_TEST_CASE(short_texts_in_scots_count_as_english_and_long_ones_do_not) {
  BOOST_TEST(unwanted(letter(), settings_for("sco", {"en"})) == 0);
  BOOST_TEST(unwanted(letter(4), settings_for("sco", {"en"})) == 1);
}

BOOST_AUTO_TEST_CASE(a_text_in_no_language_is_wanted) {
  BOOST_TEST(unwanted(mail({"Subject: news"}), settings_for("fr", {"en"})) == 0);
}

BOOST_AUTO_TEST_CASE(without_the_plugin_nothing_is_unwanted) {
  auto settings = settings_for("fr", {"en"});
  settings.languages.models = nullptr;

  BOOST_TEST(unwanted(letter(), settings) == 0);
  BOOST_TEST(evaluate("check_body_8bits", {}, mail({}, std::string(9, '\xE4') + "\n"), settings) ==
             0);
}

BOOST_AUTO_TEST_CASE(eight_high_octets_in_a_row_are_no_word_of_a_western_language) {
  const auto western = settings_for("fr", {"en", "de"});
  // Each letter is two octets of UTF-8.
  const auto six = mail({}, "\u00E4\u00E4\u00E4x\u00E4\u00E4\u00E4\n");
  const auto eight = mail({}, "\u00E4\u00E4\u00E4\u00E4\n");

  BOOST_TEST(evaluate("check_body_8bits", {}, six, western) == 0);
  BOOST_TEST(evaluate("check_body_8bits", {}, eight, western) == 1);
  BOOST_TEST(evaluate("check_body_8bits", {}, eight, settings_for("fr", {"en", "ru"})) == 0);
}

BOOST_AUTO_TEST_CASE(what_is_taken_out_of_the_body_counts_for_the_guess_all_the_same) {
  const auto settings = settings_for("fr", {"en"});
  const auto message = letter();
  const ScanInput input{.octets = message};
  Matcher matcher;
  ScannedMessage scanned(input, settings, matcher);

  for (std::size_t i = 1; i < scanned.body().size(); ++i) scanned.change_body(i, "");

  BOOST_TEST(scanned.languages().text() == "fr");
}

BOOST_AUTO_TEST_SUITE_END()
