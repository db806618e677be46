#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/uris/text_uris.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

RegistryBoundaries boundaries() {
  RegistryBoundaries known;
  known.add_top("example");
  known.add_top("test");
  return known;
}

/// "[uri]", with 's' for schemeless and 'u' for unlinked in front.
std::string in_text(std::string_view text) {
  const auto known = boundaries();
  TextUris uris(known);
  uris.add(text);
  std::string out;
  for (const auto& found : uris.found()) {
    if (found.schemeless) out += 's';
    if (found.unlinked) out += 'u';
    out += "[" + found.uri + "]";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(text_uris)

BOOST_AUTO_TEST_CASE(a_scheme_makes_a_uri_up_to_the_next_delimiter) {
  BOOST_TEST(in_text("see http://a.example/x <HTTPS://b/y>{ftp://c}\n") ==
             "[http://a.example/x][HTTPS://b/y][ftp://c]");
  BOOST_TEST(in_text("gopher://x/ http:// http:x ftp:/x") == "");
}

BOOST_AUTO_TEST_CASE(a_scheme_inside_a_word_starts_nothing) {
  BOOST_TEST(in_text("seehttp://a.example/") == "");
  BOOST_TEST(in_text("see=http://a.example/") == "[http://a.example/]");
}

BOOST_AUTO_TEST_CASE(punctuation_of_the_sentence_is_left_out) {
  BOOST_TEST(in_text("(http://a.example/x), \"http://a.example/y!\" http://a.example/z...;") ==
             "[http://a.example/x][http://a.example/y][http://a.example/z]");
  BOOST_TEST(in_text("http://a.example/A_(b)c") == "[http://a.example/A_(b)c]");
  BOOST_TEST(in_text("http://a.example/a)b)c") == "[http://a.example/a)b]");
}

BOOST_AUTO_TEST_CASE(well_known_hosts_need_no_scheme) {
  BOOST_TEST(in_text("www.a www12.b.example/x ftp.c www123.d.example") ==
             "s[http://www.a]s[http://www12.b.example/x]s[ftp://ftp.c]su[http://www123.d.example]");
}

BOOST_AUTO_TEST_CASE(a_host_alone_needs_a_known_top_level_domain) {
  BOOST_TEST(in_text("a.example b.com c.test:81/x d.test.") ==
             "su[http://a.example]su[http://c.test:81/x]su[http://d.test]");
  BOOST_TEST(in_text("a.example/ a.example:x a.example_ a.test-x a..test -a.test test .test") ==
             "");
  BOOST_TEST(in_text("x;a.test \"b.test\"c.test %d.test") ==
             "su[http://a.test]su[http://b.test]su[http://c.test]");
}

BOOST_AUTO_TEST_CASE(a_mail_address_becomes_mailto) {
  BOOST_TEST(in_text("joe@a.example, Email:ann@b.test mailto:x@c.example?subject=y") ==
             "s[mailto:joe@a.example]s[mailto:ann@b.test][mailto:x@c.example?subject=y]");
  BOOST_TEST(in_text("joe@a.com joe@example cid:a@b.example @b.example") == "su[http://b.example]");
  BOOST_TEST(in_text("mailto:joe@a%2eexample mailto:joe%40b.example") == "[mailto:joe@a.example]");
}

BOOST_AUTO_TEST_CASE(a_path_in_front_of_the_at_makes_it_a_web_address) {
  BOOST_TEST(in_text("a.example/b@c.test") == "s[http://a.example/b@c.test]");
}

BOOST_AUTO_TEST_CASE(octets_of_other_alphabets_end_a_mail_address_but_no_web_address) {
  BOOST_TEST(in_text("joe@a.example\xc3\xa9 http://a.example/\xc3\xa9") ==
             "s[mailto:joe@a.example][http://a.example/\xc3\xa9]");
  BOOST_TEST(in_text("http://a.example/\xc3\xa0x") == "[http://a.example/\xc3]");
}

BOOST_AUTO_TEST_CASE(an_iso_2022_shift_is_a_place_to_start) {
  BOOST_TEST(in_text("\x1b(Bhttp://a.example/") == "[http://a.example/]");
}

BOOST_AUTO_TEST_CASE(each_is_listed_once) {
  BOOST_TEST(in_text("http://a.example http://a.example. a.test a.test") ==
             "[http://a.example]su[http://a.test]");
}

BOOST_AUTO_TEST_CASE(what_is_too_long_is_no_uri) {
  const std::string path(2048, 'x');

  BOOST_TEST(in_text("http://" + path) == "[http://" + path + "]");
  BOOST_TEST(in_text("http://x" + path) == "");
  BOOST_TEST(in_text("a.test/" + path) == "su[http://a.test/" + path + "]");
  BOOST_TEST(in_text("a.test/x" + path) == "");
}

BOOST_AUTO_TEST_CASE(hostile_text_costs_no_square) {
  for (const std::string_view piece :
       {")", "://", "http://", "a@", "@", ".", "a.", "mailto:", "www.", ":", "\x1b(B"}) {
    std::string text;
    while (text.size() < 2'000'000) text += piece;
    BOOST_TEST(is_quick([&text] { return in_text(text); }), piece);
  }
}

BOOST_AUTO_TEST_SUITE_END()
