#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/html/base_uri.h"
#include "tests/rules/html/html_support.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(html_links)

BOOST_AUTO_TEST_CASE(links_are_collected_from_the_elements_that_have_them) {
  BOOST_TEST(links_of("<A HREF=\"http://a/?x=1&amp;y=2\">t</a><img src='http://i/'>"
                      "<form action=http://f/>") ==
             "[a:http://a/?x=1&y=2][img:http://i/][form:http://f/]");
  BOOST_TEST(links_of("<td background=http://b/><iframe src=http://c/></iframe>") ==
             "[td:http://b/][iframe:http://c/]");
  BOOST_TEST(links_of("<p href=http://no/>") == "");
}

BOOST_AUTO_TEST_CASE(a_uri_is_listed_once_with_all_elements_that_have_it) {
  BOOST_TEST(links_of("<a href=http://a/><img src=http://a/><a href=http://a/>") ==
             "[a,img:http://a/]");
}

BOOST_AUTO_TEST_CASE(a_refresh_is_a_link) {
  BOOST_TEST(links_of("<meta http-equiv=Refresh content=\"0; URL= http://m/ ;x\">") ==
             "[meta:http://m/]");
  BOOST_TEST(links_of("<meta http-equiv=refresh content='0; curl=http://m/'>") == "");
}

BOOST_AUTO_TEST_CASE(names_that_broken_markup_glued_together_are_found) {
  BOOST_TEST(links_of("<a title/href=http://a/>") == "[a:http://a/]");
  BOOST_TEST(links_of("<a href=\"&#65279;http://a/\">") == "[a:http://a/]");
}

BOOST_AUTO_TEST_CASE(a_base_counts_for_what_comes_behind_it) {
  BOOST_TEST(links_of("<a href=x><base href=http://h/d/index.html><a href=y><a href=mailto:z>") ==
             "[a:x][base:http://h/d/index.html][a:http://h/d/y][a:mailto:z]");
}

BOOST_AUTO_TEST_CASE(texts_of_anchors_are_kept_under_the_href_as_written) {
  const auto html = html_of("<a href='http://a/./b'>one</a><a href=' http://c/ '>two<img></a>");
  BOOST_REQUIRE(html.uris.size() == 3);
  BOOST_TEST(html.uris[0].uri == "http://a/b");
  BOOST_TEST(html.uris[0].anchor_text.empty());
  BOOST_TEST(html.uris[1].uri == "http://a/./b");
  BOOST_TEST(html.uris[1].types.empty());
  BOOST_TEST(html.uris[1].anchor_text.at(0) == "one");
  BOOST_TEST(html.uris[2].anchor_text.at(0) == "two<img>\n");
}

BOOST_AUTO_TEST_CASE(a_uri_is_cut_at_8192_characters) {
  const auto html = html_of("<a href=http://a/" + std::string(9000, 'x') + ">");
  BOOST_TEST(html.uri_truncated);
  BOOST_TEST(html.uris.at(0).uri.size() == 8192);
}

BOOST_AUTO_TEST_CASE(a_base_is_a_folder) {
  BOOST_TEST(base_of_uri("http://a") == "http://a/");
  BOOST_TEST(base_of_uri("http://a.example/b.c/d.html") == "http://a.example/b.c/");
  BOOST_TEST(base_of_uri("http://a/b.longer") == "http://a/b.longer/");
  BOOST_TEST(base_of_uri("cid:a/") == "");
}

BOOST_AUTO_TEST_SUITE_END()
