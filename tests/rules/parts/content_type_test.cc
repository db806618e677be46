#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/parts/content_type.h"

using namespace postern;

namespace {
std::string type_of(std::string_view field) { return parse_content_type(field).type; }
std::string boundary_of(std::string_view field) { return parse_content_type(field).boundary; }
std::string name_of(std::string_view field) { return parse_content_type(field).name; }
}  // namespace

BOOST_AUTO_TEST_SUITE(content_type)

BOOST_AUTO_TEST_CASE(a_type_is_what_stands_before_the_first_semicolon_or_blank) {
  BOOST_TEST(type_of("Image/GIF; name=x") == "image/gif");
  BOOST_TEST(type_of("text/html charset=utf-8") == "text/html");
  BOOST_TEST(type_of("(big) image/x") == "bigimage/x");
  BOOST_TEST(type_of("multipart") == "multipart");
}

BOOST_AUTO_TEST_CASE(unknown_text_and_nothing_are_plain_text) {
  BOOST_TEST(type_of("text/x-odd") == "text/plain");
  BOOST_TEST(type_of("text") == "text/plain");
  BOOST_TEST(type_of("; charset=x") == "text/plain");
  BOOST_TEST(type_of("text/x-vcard") == "text/x-vcard");
  BOOST_TEST(type_of("textual/x") == "textual/x");
  BOOST_TEST(parse_content_type({}).missing);
  BOOST_TEST(*parse_content_type({}).charset == "us-ascii");
  BOOST_TEST(parse_content_type("; x=y").missing);
}

BOOST_AUTO_TEST_CASE(an_opening_quote_is_enough_for_a_boundary) {
  BOOST_TEST(boundary_of("multipart/mixed; boundary=\"a b\"") == "a b");
  BOOST_TEST(boundary_of("multipart/mixed; Boundary = \"a b") == "a b");
  BOOST_TEST(boundary_of("multipart/mixed; boundary=a/b; x") == "a/b");
  BOOST_TEST(boundary_of("multipart/mixed; boundary=a\"b; boundary=c") == "c");
  BOOST_TEST(boundary_of("multipart/mixed; xboundary=a; boundary=\"\"") == "");
}

BOOST_AUTO_TEST_CASE(a_charset_goes_to_the_next_semicolon) {
  BOOST_TEST(*parse_content_type("text/plain; charset=\"utf-8\"; x").charset == "utf-8");
  BOOST_TEST(*parse_content_type("text/plain; charset='a b").charset == "a b");
  BOOST_TEST(*parse_content_type("text/plain; charset=").charset == "");
  BOOST_TEST(!parse_content_type("text/plain").charset.has_value());
}

BOOST_AUTO_TEST_CASE(a_name_may_come_in_numbered_pieces) {
  BOOST_TEST(name_of("image/x; filename=a.gif") == "a.gif");
  BOOST_TEST(name_of("image/x; name*1=\"b.gif\"; name*0=\"a\"") == "ab.gif");
  BOOST_TEST(name_of("image/x; name*1=b") == "");
}

BOOST_AUTO_TEST_CASE(a_disposition_names_the_file_behind_the_first_name) {
  BOOST_TEST(disposition_name("attachment; filename=\"a b.gif\"; size=1") == "a b.gif");
  BOOST_TEST(disposition_name("attachment; filename= x y;") == "x y");
  BOOST_TEST(disposition_name("attachment; filename*=utf-8''x") == "");
}

BOOST_AUTO_TEST_CASE(web_pages_are_known_by_their_names) {
  BOOST_TEST(is_html_name("a.HTM"));
  BOOST_TEST(is_html_name("b.shtml"));
  BOOST_TEST(!is_html_name("html"));
  BOOST_TEST(!is_html_name("a.html.txt"));
}

BOOST_AUTO_TEST_SUITE_END()
