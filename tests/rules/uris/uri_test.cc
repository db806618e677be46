#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/uris/uri.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
std::string in_text(std::string_view text) {
  UriList list;
  list.add_from_text(text);
  std::string out;
  for (const auto& uri : list.take()) out += "[" + uri + "]";
  return out;
}
std::string as_link(std::string_view link, std::string_view base = {}) {
  UriList list;
  list.add_link(link, base);
  std::string out;
  for (const auto& uri : list.take()) out += "[" + uri + "]";
  return out;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(uri)

BOOST_AUTO_TEST_CASE(addresses_with_a_scheme_are_found_in_text) {
  BOOST_TEST(in_text("see http://a.example/x, or (https://b.example/y).") ==
             "[http://a.example/x][https://b.example/y]");
  BOOST_TEST(in_text("<ftp://c.example>") == "[ftp://c.example]");
  BOOST_TEST(in_text("http://en.example/A_(b)") == "[http://en.example/A_(b)]");
  BOOST_TEST(in_text("gopher://x.example/") == "");
  BOOST_TEST(in_text("http://") == "");
}

BOOST_AUTO_TEST_CASE(text_in_scripts_without_blanks_does_not_stick_to_an_address) {
  BOOST_TEST(in_text("\xe8\xaf\xb7http://a.example/x\xe8\xb0\xa2") == "[http://a.example/x]");
}

BOOST_AUTO_TEST_CASE(hosts_without_a_scheme_need_a_known_top) {
  BOOST_TEST(in_text("www.a.example and b.com/x but not file.txt or e.g. or 1.2") ==
             "[http://www.a.example][http://b.com/x]");
  BOOST_TEST(in_text("..com -a.com a..com") == "");
}

BOOST_AUTO_TEST_CASE(mail_addresses_become_mailto) {
  BOOST_TEST(in_text("write to joe@a.example!") == "[mailto:joe@a.example]");
  BOOST_TEST(in_text("@handle a@b") == "");
}

BOOST_AUTO_TEST_CASE(an_address_inside_an_address_is_listed_too) {
  BOOST_TEST(in_text("http://a.example/?u=http://b.example/") ==
             "[http://a.example/?u=http://b.example/][http://b.example/]");
}

BOOST_AUTO_TEST_CASE(the_plain_form_is_listed_where_it_differs) {
  BOOST_TEST(as_link("HTTP://A.Example/%41%2fb%00") ==
             "[HTTP://A.Example/%41%2fb%00][http://a.example/A/b%00]");
  BOOST_TEST(as_link("http://a.example/") == "[http://a.example/]");
}

BOOST_AUTO_TEST_CASE(relative_links_are_resolved_against_a_web_base) {
  BOOST_TEST(as_link("x.html", "http://b.example/d/e") == "[http://b.example/d/x.html]");
  BOOST_TEST(as_link("/x", "http://b.example/d/e") == "[http://b.example/x]");
  BOOST_TEST(as_link("x", "http://b.example") == "[http://b.example/x]");
  BOOST_TEST(as_link("//c.example/x", "http://b.example/") == "[http://c.example/x]");
  BOOST_TEST(as_link("mailto:a@b.c", "http://b.example/") == "[mailto:a@b.c]");
  BOOST_TEST(as_link("x", "file:///etc/") == "[x]");
  BOOST_TEST(as_link(" ht\ntp://a.example/\t ") == "[http://a.example/]");
  BOOST_TEST(as_link("#top") == "");
}

BOOST_AUTO_TEST_CASE(each_address_is_listed_once_and_their_number_is_bounded) {
  BOOST_TEST(in_text("http://a.example/ http://a.example/") == "[http://a.example/]");
  UriList list;
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "http://a.example/" + std::to_string(i) + " ";
  list.add_from_text(text);
  BOOST_TEST(list.take().size() == 8192U);
}

BOOST_AUTO_TEST_CASE(hostile_text_costs_no_square) {
  for (const std::string_view piece : {")", "://", "http://", "a@", ".", "%41", "(", "a."}) {
    std::string text;
    while (text.size() < 2'000'000) text += piece;
    BOOST_TEST(is_quick([&text] { return in_text(text); }), piece);
  }
}

BOOST_AUTO_TEST_SUITE_END()
