#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/language/condition.h"

using namespace postern;

namespace {
bool holds(std::string_view text, bool local_only = true) {
  const auto value =
      evaluate_condition(text, {.local_only = local_only, .compatibilities = {}, .loaded = {}});
  BOOST_REQUIRE_MESSAGE(value.has_value(), text << ": " << (value ? "" : value.error().what));
  return *value;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(condition)

BOOST_AUTO_TEST_CASE(versions_are_those_of_the_engine_that_is_matched) {
  BOOST_TEST(holds("(version >= 3.004002)"));
  BOOST_TEST(holds("version >= 4.000001 && version < 4.000002"));
  BOOST_TEST(!holds("!((version >= 3.004000))"));
  BOOST_TEST(holds("(perl_version >= 5.010000)"));
}

BOOST_AUTO_TEST_CASE(only_what_is_implemented_is_claimed) {
  BOOST_TEST(holds("plugin(Mail::SpamAssassin::Plugin::DKIM)"));
  BOOST_TEST(holds("!plugin ( Mail::SpamAssassin::Plugin::TxRep )"));
  BOOST_TEST(!holds("plugin(Mail::SpamAssassin::Plugin::OfTomorrow)"));
  BOOST_TEST(!holds("plugin(DKIM)"));
  BOOST_TEST(holds("can(Mail::SpamAssassin::Conf::feature_bug6558_free)"));
  BOOST_TEST(!holds("can(Mail::SpamAssassin::Conf::feature_of_tomorrow)"));
  BOOST_TEST(holds("can(Mail::SpamAssassin::Plugin::MIMEHeader::has_tflags_range)"));
  BOOST_TEST(!holds("has(Mail::SpamAssassin::Plugin::DecodeShortURLs::has_get)"));
  BOOST_TEST(!holds("has(Anything::at_all)"));
}

BOOST_AUTO_TEST_CASE(older_names_of_plugins_are_known) {
  BOOST_TEST(holds("plugin(Mail::SpamAssassin::Plugin::Dmarc)"));
  BOOST_TEST(holds("plugin(Mail::SpamAssassin::Plugin::WhiteListSubject)"));
}

BOOST_AUTO_TEST_CASE(compatibility_is_claimed_where_a_file_enabled_it) {
  ConditionFacts facts;
  facts.compatibilities.emplace("welcomelist_blocklist");
  constexpr std::string_view asked = "can(Mail::SpamAssassin::Conf::compat_welcomelist_blocklist)";
  BOOST_TEST(evaluate_condition(asked, facts).value());
  BOOST_TEST(!holds(asked));
}

BOOST_AUTO_TEST_CASE(local_tests_only_follows_the_score_set) {
  BOOST_TEST(holds("local_tests_only", true));
  BOOST_TEST(!holds("local_tests_only", false));
}

BOOST_AUTO_TEST_CASE(unknown_words_are_errors_with_a_place) {
  const auto value = evaluate_condition("version > 3 && colour", {});
  BOOST_REQUIRE(!value.has_value());
  BOOST_TEST(value.error().at == 15U);
  BOOST_TEST(!evaluate_condition("", {}).has_value());
  BOOST_TEST(!evaluate_condition("plugin", {}).has_value());
  BOOST_TEST(!evaluate_condition("plugin(X", {}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
