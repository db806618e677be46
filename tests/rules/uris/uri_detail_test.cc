#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/uris/uri_detail.h"

using namespace postern;

namespace {

MessageUris uris_of(std::string_view text, Matcher& matcher) {
  static const MessageParts no_parts("Subject: x\n\n");
  static const DomainSettings domains = [] {
    DomainSettings known;
    known.boundaries.add_top("example");
    return known;
  }();
  return {no_parts, {std::string(text)}, domains, matcher};
}

bool hits(std::string_view conditions, std::string_view text) {
  UriConditions rule;
  BOOST_TEST_REQUIRE(rule.add(conditions).has_value(), conditions);
  rule.compile_native();
  Matcher matcher;
  return rule.matches(uris_of(text, matcher), matcher) == Regex::Outcome::match;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(uri_detail)

BOOST_AUTO_TEST_CASE(all_conditions_must_hold_for_one_uri) {
  const std::string_view rule = "domain =~ /^a\\.example$/ cleaned =~ m!/x!";

  BOOST_TEST(hits(rule, "http://www.a.example/x"));
  BOOST_TEST(!hits(rule, "http://a.example/ http://b.example/x"));
}

BOOST_AUTO_TEST_CASE(each_key_has_its_values) {
  const std::string_view text = "www.a.example/%41";

  BOOST_TEST(hits("raw =~ m!^http://www\\.a\\.example/%41$!", text));
  BOOST_TEST(hits("cleaned =~ /A$/", text));
  BOOST_TEST(hits("type =~ /^schemeless$/", text));
  BOOST_TEST(hits("host =~ /^www/", text));
  BOOST_TEST(!hits("domain =~ /^www/", text));
}

BOOST_AUTO_TEST_CASE(a_negated_condition_holds_if_any_value_fails) {
  BOOST_TEST(hits("cleaned !~ /A/", "http://a.example/%41"));
  BOOST_TEST(!hits("cleaned !~ /example/", "http://a.example/%41"));
}

BOOST_AUTO_TEST_CASE(without_a_value_nothing_holds) {
  BOOST_TEST(!hits("text !~ /x/", "http://a.example/"));
  BOOST_TEST(!hits("raw =~ /./", "no links"));
}

BOOST_AUTO_TEST_CASE(a_key_that_comes_again_replaces_the_first) {
  BOOST_TEST(hits("raw =~ /nowhere/ raw=~/a/i", "http://A.example/"));
}

BOOST_AUTO_TEST_CASE(text_that_is_no_condition_is_passed_over) {
  BOOST_TEST(hits("if raw ~ /b/ and raw =~ /a/x or so", "http://a.example/"));
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_by_their_place) {
  UriConditions rule;

  BOOST_TEST(!rule.add("").has_value());
  BOOST_TEST(!rule.add("raw =~ a").has_value());
  BOOST_TEST(!rule.add("raw =~ m{a}").has_value());  // brackets are no marks here
  const auto unknown = rule.add("raw =~ /a/ path =~ /b/");
  BOOST_TEST_REQUIRE(!unknown.has_value());
  BOOST_TEST(unknown.error().at == 11U);
  BOOST_TEST(!rule.add("raw =~ /a(/").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
