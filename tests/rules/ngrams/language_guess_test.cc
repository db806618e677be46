#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/ngrams/gram.h"
#include "rules/ngrams/language_guess.h"

using namespace postern;

namespace {

using Lines = std::vector<std::string>;

const std::string english =
    "the weather was fine and the children went down to the river with their mother, where they "
    "threw stones into the water until the sun had gone behind the hills, and then they walked "
    "home over the meadows, and nobody said anything, for there was nothing that had to be said.";
const std::string german =
    "das Wetter war schoen und die Kinder gingen mit ihrer Mutter hinunter zum Fluss, wo sie "
    "Steine "
    "in das Wasser warfen, bis die Sonne hinter den Huegeln verschwunden war, und dann gingen sie "
    "ueber die Wiesen nach Hause, und niemand sagte etwas, denn es gab nichts, was zu sagen war.";

/// A model as the file has it, made of a text.
std::string model(std::string_view name, std::string_view text) {
  std::string out;
  for (const auto gram : frequent_grams(text, 400)) {
    const auto length = gram & 0xFF;
    for (std::size_t i = 0; i < length; ++i)
      out.push_back(static_cast<char>(gram >> (40 - 8 * i) & 0xFF));
    out.push_back('\n');
  }
  return out + "0 " + std::string(name) + "\n";
}

struct Fixture {
  Fixture() { load(model("en", english) + model("de", german)); }
  void load(const std::string& file) {
    settings.models = std::make_shared<const LanguageModels>(LanguageModels::parse(file));
  }
  std::string guess(const std::string& text) {
    return guess_languages(Lines{"hello", text}, settings).text();
  }
  LanguageSettings settings;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(language_guess, Fixture)

BOOST_AUTO_TEST_CASE(a_text_is_in_the_language_whose_grams_it_has) {
  BOOST_TEST(guess(english) == "en");
  BOOST_TEST(guess(german) == "de");
}

BOOST_AUTO_TEST_CASE(a_short_text_is_in_no_language) {
  BOOST_TEST(guess(english.substr(0, 200)) == "");
}

BOOST_AUTO_TEST_CASE(without_models_nothing_is_guessed) {
  settings.models = nullptr;

  BOOST_TEST(guess(english) == "");
}

BOOST_AUTO_TEST_CASE(inactive_languages_are_no_answer_unless_they_are_expected) {
  settings.inactive = {"en"};
  BOOST_TEST(guess(english) == "de");

  settings.expected = {"en"};
  BOOST_TEST(guess(english) == "en");
}

BOOST_AUTO_TEST_CASE(languages_within_the_acceptable_score_are_answered_beside_the_best) {
  settings.acceptable_score = 100;
  BOOST_TEST(guess(german + german).starts_with("de"));
  BOOST_TEST(guess(german + english).size() == 5U);
}

BOOST_AUTO_TEST_CASE(more_languages_than_allowed_are_none) {
  settings.acceptable_score = 100;
  settings.most_languages = 1;

  BOOST_TEST(guess(german + english) == "");
}

BOOST_AUTO_TEST_CASE(the_utf8_form_of_a_model_answers_as_the_language_and_other_charsets_do_not) {
  load(model("en.utf8", english) + model("de.us-ascii", german));

  BOOST_TEST(guess(english) == "en");
  BOOST_TEST(guess(german) == "de.us-ascii");
}

BOOST_AUTO_TEST_CASE(the_sample_is_without_prefixes_links_and_addresses) {
  BOOST_TEST(language_sample({"Re: AW: news", "see https://a.example/x?y and www.b.example now"}) ==
             "news\nsee   and   now");
  BOOST_TEST(language_sample({"x", "write to a.b@c.example, soon"}) == "x\nwrite to   soon");
  BOOST_TEST(language_sample({"x", "a @ b, @c and xwww.d"}) == "x\na @ b, @c and xwww.d");
}

BOOST_AUTO_TEST_CASE(the_sample_has_at_most_ten_thousand_octets) {
  BOOST_TEST(language_sample({"x", std::string(20'000, 'y')}).size() == 10'000U);
}

BOOST_AUTO_TEST_CASE(a_file_without_models_gives_no_answer) {
  load("e\na\n");

  BOOST_TEST(guess(english) == "");
}

BOOST_AUTO_TEST_SUITE_END()
