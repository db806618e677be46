#define BOOST_TEST_DYN_LINK
#include "policies/pattern_map.h"

#include <boost/test/unit_test.hpp>

#include "tests/policies/open_maps.h"

using namespace postern;

namespace {

std::shared_ptr<const Map> parse(std::string_view source, PatternDialect dialect,
                                 std::vector<Problem>& problems) {
  return parse_pattern_map(source, dialect, {"pcre:/t", "/t"}, problems);
}

std::shared_ptr<const Map> good(std::string_view source,
                                PatternDialect dialect = PatternDialect::pcre) {
  std::vector<Problem> problems;
  auto map = parse(source, dialect, problems);
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));
  return map;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pattern_maps)

BOOST_AUTO_TEST_CASE(the_first_pattern_that_matches_decides) {
  const auto map = good("/^a/ one\n/b$/ two\n/./ three\n");

  BOOST_TEST(ask(*map, "ab") == "one");
  BOOST_TEST(ask(*map, "cb") == "two");
  BOOST_TEST(ask(*map, "cc") == "three");
  BOOST_TEST(ask(*map, "") == "(none)");
  BOOST_TEST(map->searches_whole_key());
}

BOOST_AUTO_TEST_CASE(case_is_ignored_unless_the_flag_i_is_given) {
  for (const auto dialect : {PatternDialect::pcre, PatternDialect::regexp}) {
    const auto map = good("/^strict$/i one\n/^loose$/ two\n", dialect);

    BOOST_TEST(ask(*map, "STRICT") == "(none)");
    BOOST_TEST(ask(*map, "strict") == "one");
    BOOST_TEST(ask(*map, "LOOSE") == "two");
  }
}

BOOST_AUTO_TEST_CASE(groups_are_put_into_the_result) {
  const auto map = good("/^(.*)-(.*)@(x)?/ $2+${1}/$(2) $$3 [$3]\n");

  BOOST_TEST(ask(*map, "a-b@y") == "b+a/b $3 []");
}

BOOST_AUTO_TEST_CASE(negation_and_other_delimiters_work) {
  const auto map = good("!/@example\\.org$/ foreign\n,/etc/(a\\,b), path $1\n");

  BOOST_TEST(ask(*map, "x@example.com") == "foreign");
  BOOST_TEST(ask(*map, "x@example.org") == "(none)");
  BOOST_TEST(ask(*good(",/etc/(a\\,b), path $1\n"), "/etc/a,b") == "path a,b");
  BOOST_TEST(ask(*good("/a\\/b/ slash\n"), "a/b") == "slash");
}

BOOST_AUTO_TEST_CASE(blocks_are_entered_only_where_their_pattern_matches) {
  const auto map = good(
      "if /@example/\n"
      "/^a/ a\n"
      "IF !/org$/\n"
      "/^b/ b\n"
      "endif\n"
      "endif\n"
      "/^b/ outside\n");

  BOOST_TEST(ask(*map, "a@example.org") == "a");
  BOOST_TEST(ask(*map, "b@example.com") == "b");
  BOOST_TEST(ask(*map, "b@example.org") == "outside");
  BOOST_TEST(ask(*map, "a@other") == "(none)");
}

BOOST_AUTO_TEST_CASE(bad_lines_are_named_and_the_others_load) {
  std::vector<Problem> problems;
  const auto map = parse(
      "/(/ open group\n"     // 1
      "/a/ \n"               // 2
      "/a/Q flag\n"          // 3
      "/a result\n"          // 4
      "/a/ $1\n"             // 5
      "!/(a)/ $1\n"          // 6
      "/a/ 5 $ each\n"       // 7
      "word result\n"        // 8
      "endif\n"              // 9
      "if /x/ text\n"        // 10
      "endif\n"              // 11
      "if /never closed/\n"  // 12
      "/good/ good\n",       // 13
      PatternDialect::pcre, problems);

  BOOST_TEST(ask(*map, "good") == "(none)");
  BOOST_TEST(ask(*map, "never closed good") == "good");
  const std::vector<std::string> expected = {"/t:1", "/t:2", "/t:3", "/t:4",  "/t:5", "/t:6",
                                             "/t:7", "/t:8", "/t:9", "/t:10", "/t:12"};
  std::vector<std::string> lines;
  for (const Problem& problem : problems) lines.push_back(problem.where);
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_regexp_reads_brackets_and_word_ends_as_posix_does) {
  const auto map = good(
      "/^[\\]x$/ backslash\n"
      "/^[]a]y$/ bracket\n"
      "/\\<cash\\>/ word\n"
      "/^[[:digit:]\\.]+$/ digits\n",
      PatternDialect::regexp);

  BOOST_TEST(ask(*map, "\\x") == "backslash");
  BOOST_TEST(ask(*map, "]y") == "bracket");
  BOOST_TEST(ask(*map, "no cash here") == "word");
  BOOST_TEST(ask(*map, "cashier") == "(none)");
  BOOST_TEST(ask(*map, "12.3\\") == "digits");
}

BOOST_AUTO_TEST_CASE(a_basic_regular_expression_is_refused_with_a_remedy) {
  std::vector<Problem> problems;
  parse("/a/x result\n", PatternDialect::regexp, problems);

  BOOST_REQUIRE_EQUAL(problems.size(), 1U);
  BOOST_TEST(problems[0].what.find("extended") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_pattern_that_explodes_is_an_error_and_not_no_match) {
  const auto map = good("/^(a+)+(b|c)+\\1$/ x\n");

  BOOST_TEST(ask(*map, std::string(60, 'a') + "d") == "(error)");
  BOOST_TEST(ask(*map, "abb") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_result_that_grows_without_bound_is_an_error) {
  std::string source = "/(.*)/ ";
  for (int i = 0; i < 2000; ++i) source += "$1";
  const auto map = good(source + "\n");

  BOOST_TEST(ask(*map, std::string(1000, 'x')) == "(error)");
  BOOST_TEST(ask(*map, "") == "");
}

BOOST_AUTO_TEST_CASE(results_without_groups_can_be_visited) {
  std::vector<std::string> seen;

  good("/a/ one\n/(b)/ $1\n/c/ cost $$3\n")
      ->each_value([&seen](const std::string& where, std::string_view value) {
        seen.push_back(where + " " + std::string(value));
      });

  const std::vector<std::string> expected = {"/t:1 one", "/t:3 cost $3"};
  BOOST_TEST(seen == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
