#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/language/replace_tags.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(replace_tags)

BOOST_AUTO_TEST_CASE(tags_become_what_they_stand_for_and_others_stay) {
  ReplaceTags tags;
  tags.tags = {{"A", "[a4]"}, {"B", "[b8]"}};
  BOOST_TEST(tags.apply("x<A>y<B><C>") == "x[a4]y[b8]<C>");
  BOOST_TEST(tags.apply("(?<!x)<A>") == "(?<!x)[a4]");
}

BOOST_AUTO_TEST_CASE(tags_may_hold_tags) {
  ReplaceTags tags;
  tags.tags = {{"A", "(?:a|<B>)"}, {"B", "b"}};
  BOOST_TEST(tags.apply("<A>") == "(?:a|b)");
}

BOOST_AUTO_TEST_CASE(a_tag_that_holds_itself_ends) {
  ReplaceTags tags;
  tags.tags = {{"A", "<A>a"}};
  BOOST_TEST(tags.apply("<A>") == "<A>aaaaaa");
}

BOOST_AUTO_TEST_CASE(modifiers_put_text_around_and_between) {
  ReplaceTags tags;
  tags.tags = {{"A", "a"}, {"B", "b"}};
  tags.before = {{"P", "p"}};
  tags.between = {{"W", "\\W"}};
  tags.after = {{"S", "+"}};
  BOOST_TEST(tags.apply("(?i)<inter W><A><B>c") == "(?i)a\\Wbc");
  BOOST_TEST(tags.apply("<post S>x<A><B>") == "xa+b+");
  BOOST_TEST(tags.apply("<pre P>x<A>") == "xpa");
  BOOST_TEST(tags.apply("<pre UNHEARD>x<A>") == "xa");
}

BOOST_AUTO_TEST_SUITE_END()
