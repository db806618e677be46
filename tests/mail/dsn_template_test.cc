// dsn_template_test.cc — templates: what may stand in them, and what is put in place of it.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/mail/dsn_template.h"

using namespace postern;

namespace {

std::string mistake(std::string_view text, DsnTemplatePart part = DsnTemplatePart::text) {
  return mistake_in_template(text, part).value_or("none");
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<Problem> read(std::string_view toml, DsnTemplates& templates) {
  return read_config_text(toml, "words.toml", [&](Keys& keys) { describe(templates, keys); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dsn_templates)

BOOST_AUTO_TEST_CASE(our_own_words_are_templates_without_a_mistake) {
  const DsnTemplates ours;
  for (const DsnTemplate* one : {&ours.failure, &ours.delay, &ours.success}) {
    BOOST_TEST(mistake(one->text) == "none");
    BOOST_TEST(mistake(one->subject, DsnTemplatePart::subject) == "none");
    BOOST_TEST(contains(one->text, "$recipients\n"));
  }
}

BOOST_AUTO_TEST_CASE(a_mistake_is_named_with_its_line_and_what_was_meant) {
  BOOST_TEST(contains(mistake("one\ntwo $mihostname\n"), "line 2 of it"));
  BOOST_TEST(contains(mistake("one\ntwo $mihostname\n"), "$myhostname?"));
  BOOST_TEST(contains(mistake("costs 5 $ a piece"), "$$"));
  BOOST_TEST(contains(mistake("${reason"), "$$"));
  BOOST_TEST(contains(mistake("for: $recipients"), "alone on its line"));
  BOOST_TEST(contains(mistake("$recipients", DsnTemplatePart::subject), "stands in the text"));
  BOOST_TEST(contains(mistake(std::string("a\0b", 3)), "control"));
  BOOST_TEST(contains(mistake("\xff"), "UTF-8"));
  BOOST_TEST(contains(mistake(std::string(20000, 'x')), "20000"));
  BOOST_TEST(mistake("$$ ${sender}\t$reason.\r\n  $recipients  \n") == "none");
}

BOOST_AUTO_TEST_CASE(a_value_is_put_in_as_it_is_and_never_looked_through_again) {
  const auto value = [](std::string_view name) { return "<" + std::string(name) + "$sender>"; };

  BOOST_TEST(fill("$reason${arrival}x$$$", value) == "<reason$sender><arrival$sender>x$$");
}

BOOST_AUTO_TEST_CASE(what_a_file_does_not_name_keeps_our_words) {
  DsnTemplates templates;

  const auto problems = read("[delay]\nsubject = \"Wait, $sender\"\n", templates);

  BOOST_TEST(problems.empty());
  BOOST_TEST(templates.delay.subject == "Wait, $sender");
  BOOST_TEST(templates.delay.text == DsnTemplates().delay.text);
  BOOST_TEST(templates.failure.subject == DsnTemplates().failure.subject);
}

BOOST_AUTO_TEST_CASE(a_bad_file_is_named_with_line_and_column) {
  DsnTemplates templates;

  const auto problems =
      read("[failure]\nsubject = \"two\\nlines\"\ntext = \"\"\"\n$recipient\n\"\"\"\n[dely]\n",
           templates);

  BOOST_REQUIRE(problems.size() == 3U);
  BOOST_TEST(problems[0].where.starts_with("words.toml:2:"));
  BOOST_TEST(problems[1].where.starts_with("words.toml:3:"));
  BOOST_TEST(contains(problems[1].what, "$recipients?"));
  BOOST_TEST(contains(problems[2].what, "delay"));
}

BOOST_AUTO_TEST_CASE(times_are_told_in_the_largest_unit_that_fits) {
  BOOST_TEST(in_words(std::chrono::days(5)) == "5 days");
  BOOST_TEST(in_words(std::chrono::hours(1)) == "1 hour");
  BOOST_TEST(in_words(std::chrono::minutes(90)) == "90 minutes");
  BOOST_TEST(in_words(milliseconds(1500)) == "2 seconds");
}

BOOST_AUTO_TEST_SUITE_END()
