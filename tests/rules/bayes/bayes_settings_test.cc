// bayes_settings_test.cc — the directives, one by one.
#include "rules/bayes/bayes_settings.h"

#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

struct Applied {
  BayesSettings bayes;
  Diagnosis diagnosis;
};

Applied apply(std::initializer_list<std::string_view> lines) {
  RuleSettings settings;
  Diagnosis diagnosis;
  for (const auto text : lines) {
    std::string_view rest = text;
    Statement statement{
        .file = "test.cf", .line = 1, .text = text, .key = {}, .written = {}, .arguments = {}};
    statement.written = rest.substr(0, rest.find(' '));
    statement.key = to_lower(statement.written);
    rest = trim(rest.substr(statement.written.size()));
    statement.arguments = rest;
    SettingLine line{statement, rest, diagnosis};
    bool known = false;
    for (const auto& directive : bayes_directives()) {
      if (directive.key != statement.key) continue;
      directive.apply(line, settings);
      known = true;
    }
    BOOST_TEST_REQUIRE(known, text);
  }
  return {std::move(settings.bayes), std::move(diagnosis)};
}

BOOST_AUTO_TEST_SUITE(bayes_settings)

BOOST_AUTO_TEST_CASE(sources_are_taken_one_after_the_other) {
  const auto sources =
      apply({"bayes_token_sources all nouri", "bayes_token_sources noheader"}).bayes.sources;

  BOOST_TEST(sources.mime_part);
  BOOST_TEST(sources.visible);
  BOOST_TEST(!sources.uri);
  BOOST_TEST(!sources.header);
}

BOOST_AUTO_TEST_CASE(an_unknown_source_is_a_problem) {
  BOOST_TEST(apply({"bayes_token_sources body"}).diagnosis.problems.size() == 1);
}

BOOST_AUTO_TEST_CASE(ignored_headers_add_up_in_lower_case) {
  const auto settings =
      apply({"bayes_ignore_header X-One X-Two", "bayes_ignore_header X-Three"}).bayes;

  BOOST_TEST(settings.ignored_headers.size() == 3);
  BOOST_TEST(settings.ignored_headers.contains("x-two"));
}

BOOST_AUTO_TEST_CASE(the_last_list_of_languages_wins_and_disable_empties_it) {
  BOOST_TEST(apply({"bayes_stopword_languages de, EN"}).bayes.languages ==
             (std::vector<std::string>{"de", "en"}));
  BOOST_TEST(apply({"bayes_stopword_languages disable"}).bayes.languages.empty());
  BOOST_TEST(apply({"bayes_stopword_languages english"}).diagnosis.problems.size() == 1);
}

BOOST_AUTO_TEST_CASE(stop_words_match_whole_words_in_any_case) {
  const auto settings = apply({"bayes_stopword_en (?:the|and/or)"}).bayes;
  Matcher matcher;

  const auto& words = *settings.stop_words.at("en");

  BOOST_TEST((words.matches("THE", matcher) == Regex::Outcome::match));
  BOOST_TEST((words.matches("and/or", matcher) == Regex::Outcome::match));
  BOOST_TEST((words.matches("then", matcher) == Regex::Outcome::none));
}

BOOST_AUTO_TEST_CASE(numbers_and_switches_are_read) {
  const auto settings = apply({"bayes_min_ham_num 7", "bayes_auto_learn_threshold_nonspam -0.5",
                               "bayes_use_hapaxes no", "use_bayes 0"})
                            .bayes;

  BOOST_TEST(settings.least_ham == 7);
  BOOST_TEST(settings.learn_ham_below == -0.5);
  BOOST_TEST(!settings.use_hapaxes);
  BOOST_TEST(!settings.use);
}

BOOST_AUTO_TEST_CASE(a_path_of_spamassassins_database_is_remarked_upon) {
  const auto applied = apply({"bayes_path /var/lib/spamassassin/bayes"});

  BOOST_TEST(applied.diagnosis.problems.empty());
  BOOST_TEST(applied.diagnosis.remarks.size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
