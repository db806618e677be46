#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <chrono>

#include "gateway/base/bytes.h"
#include "rules/patterns/regex.h"

using namespace postern;

namespace {

Regex::Outcome run(std::string_view written, std::string_view subject, bool native = true) {
  auto regex = Regex::compile(written);
  BOOST_REQUIRE_MESSAGE(regex.has_value(), written << ": " << (regex ? "" : regex.error().what));
  if (native) regex->compile_native();
  Matcher matcher;
  return regex->matches(subject, matcher);
}
bool matches(std::string_view written, std::string_view subject) {
  const bool native = run(written, subject, true) == Regex::Outcome::match;
  BOOST_TEST(native == (run(written, subject, false) == Regex::Outcome::match));
  return native;
}
SyntaxError error_of(std::string_view written) {
  const auto regex = Regex::compile(written);
  BOOST_REQUIRE_MESSAGE(!regex.has_value(), written);
  return regex.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(regex)

BOOST_AUTO_TEST_CASE(all_delimiters_of_rule_files_are_read) {
  BOOST_TEST(matches("/a.c/", "xabcx"));
  BOOST_TEST(matches("m{^http://}", "http://x"));
  BOOST_TEST(matches("m!a/b!i", "A/B"));
  BOOST_TEST(matches("m(a|b)", "b"));
  BOOST_TEST(matches("qr/x{2}/", "xx"));
  BOOST_TEST(matches("/a\\/b/", "a/b"));
}

BOOST_AUTO_TEST_CASE(modifiers_have_perls_meaning) {
  BOOST_TEST(!matches("/a$./", "a\nb"));
  BOOST_TEST(matches("/^b/m", "a\nb"));
  BOOST_TEST(!matches("/^b/", "a\nb"));
  BOOST_TEST(matches("/a.b/s", "a\nb"));
  BOOST_TEST(!matches("/a.b/", "a\nb"));
  BOOST_TEST(matches("/a b/x", "ab"));
  BOOST_TEST(matches("/b$/", "ab\n"));
}

BOOST_AUTO_TEST_CASE(case_folding_covers_latin_1_octets_as_perl_does_under_aa) {
  BOOST_TEST(matches("/\\xc3\\xa9/i", "\xe3\xa9"));
  BOOST_TEST(matches("/\xe4/i", "\xc4"));
  BOOST_TEST(matches("/[\xe0-\xe5]/i", "\xc4"));
  BOOST_TEST(!matches("/\xd7/i", "\xf7"));
  BOOST_TEST(!matches("/\xdf/i", "\xff"));
  BOOST_TEST(!matches("/\\xc3\\xa9/", "\xe3\xa9"));
}

BOOST_AUTO_TEST_CASE(classes_hold_ascii_only) {
  BOOST_TEST(!matches("/\\w/", "\xe4"));
  BOOST_TEST(!matches("/[[:alpha:]]/", "\xc4"));
  BOOST_TEST(!matches("/\\s/", "\xa0"));
  BOOST_TEST(matches("/^.$/", "\xe4"));
  BOOST_TEST(matches("/a\\b\xc3/", "a\xc3\xa9"));
}

BOOST_AUTO_TEST_CASE(perls_own_print_of_a_pattern_is_understood) {
  BOOST_TEST(matches("/(?^aai:(?aa)(?i)Abc)/", "aBC"));
  BOOST_TEST(matches("/(?^aa:abc)/", "abc"));
  BOOST_TEST(!matches("/(?^aa:abc)/i", "ABC"));
  BOOST_TEST(matches("/(?aai)x/", "X"));
}

BOOST_AUTO_TEST_CASE(a_quantifier_without_a_lower_bound_counts_from_zero) {
  BOOST_TEST(matches("/^a{,2}b/", "b"));
  BOOST_TEST(matches("/^a{,2}b/", "aab"));
  BOOST_TEST(!matches("/^a{,2}b/", "aaab"));
  BOOST_TEST(matches("/^a{ 1, 2 }$/", "aa"));
  BOOST_TEST(matches("/[{,2}]/", ","));
  BOOST_TEST(!matches("/^[{,2}]$/", "0"));
}

BOOST_AUTO_TEST_CASE(what_perl_refuses_or_warns_of_is_refused) {
  for (const auto written :
       {"/a/g",         "/[a-\\d]/",    "/\\y/",     "/a**/",  "/(/",     "/a(?{ 1 })/",
        "/a(??{ 1 })/", "/a",           "a",         "",       "/a/b/",   "m a ",
        "/a/q",         "/[\\x{100}]/", "/(?u)a/",   "/a{x}/", "/a{,}b/", "/\\d{/",
        "/a{1}{2}/",    "/(?=b)*/",     "/\\Qa\\E/", "/\\xg/", "/\\08/",  "/\\b{wb}/",
        "m!a!b!",       "m<a>b>",       "/(?[a])/",  "m",      "qr",      "m{a"}) {
    BOOST_TEST(!Regex::compile(written).has_value(), written);
  }
}

BOOST_AUTO_TEST_CASE(a_brace_with_nothing_before_it_is_a_brace) {
  BOOST_TEST(matches("/{1,2}/", "{1,2}"));
  BOOST_TEST(matches("/^(?:{x|{2})}/", "{2}}"));
  BOOST_TEST(matches("/a*{/", "{"));
  BOOST_TEST(matches("/\\{x}/", "{x}"));
}

BOOST_AUTO_TEST_CASE(a_character_beyond_the_octets_never_matches) {
  BOOST_TEST(!matches("/\\x{263a}/", "\xe2\x98\xba"));
  BOOST_TEST(matches("/\\400|b/", "b"));
  BOOST_TEST(matches("/\\N{U+41}\\x{ 42 }\\o{103}/", "ABC"));
}

BOOST_AUTO_TEST_CASE(a_pattern_beyond_64_kib_of_code_compiles_and_matches_as_written) {
  std::string letter = "(?:";
  for (int first = 0xC0; first < 0xE0; ++first) {
    for (int second = 0x80; second < 0x84; ++second) {
      letter += "[\\x" + hex(std::string(1, static_cast<char>(first))) + "][\\x" +
                hex(std::string(1, static_cast<char>(second))) + "\\xbf]|";
    }
  }
  letter += "a|aa)";
  std::string pattern = "/^";
  for (int i = 0; i < 60; ++i) pattern += letter;
  BOOST_REQUIRE(pattern.size() > 64U * 1024);

  BOOST_TEST(matches(pattern + "$/", std::string(60, 'a')));
  BOOST_TEST(matches(pattern + "$/", std::string(61, 'a')));
  BOOST_TEST(matches(pattern + "$/", std::string(58, 'a') + "\xc1\x82\xdf\xbf"));
  BOOST_TEST(!matches(pattern + "$/", std::string(59, 'a')));
}

BOOST_AUTO_TEST_CASE(an_error_points_to_the_place_in_what_was_written) {
  BOOST_TEST(error_of("/ab{,2}[z-a]/").at >= 8U);
  BOOST_TEST(error_of("/ab/g").at == 4U);
  BOOST_TEST(error_of("/a/b/").at == 2U);
  BOOST_TEST(error_of("/ab").at == 3U);
}

// Fault F31: (a+)+$ against forty letters and against four thousand.
BOOST_AUTO_TEST_CASE(backtracking_without_end_stops_at_the_limit_within_milliseconds) {
  for (const std::size_t length : {40U, 4096U}) {
    const auto start = std::chrono::steady_clock::now();

    const auto outcome = run("/(a+)+$/", std::string(length, 'a') + "b");

    BOOST_TEST((outcome == Regex::Outcome::limit));
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::milliseconds(250)));
  }
}

BOOST_AUTO_TEST_CASE(searching_goes_on_behind_an_empty_match_without_standing_still) {
  auto regex = Regex::compile("/x*/");
  BOOST_REQUIRE(regex.has_value());
  Matcher matcher;
  Regex::Span found;
  std::string seen;
  bool after_empty = false;
  while (regex->find("axb", found.to, after_empty, matcher, found) == Regex::Outcome::match) {
    seen += std::to_string(found.from) + "-" + std::to_string(found.to) + " ";
    after_empty = found.empty();
  }
  BOOST_TEST(seen == "0-0 1-2 2-2 3-3 ");
}

BOOST_AUTO_TEST_SUITE_END()
