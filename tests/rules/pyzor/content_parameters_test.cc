#include "rules/pyzor/content_parameters.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

BOOST_AUTO_TEST_SUITE(content_parameters)

BOOST_AUTO_TEST_CASE(what_is_no_type_is_plain_text) {
  BOOST_TEST(python_content_type("Text/HTML; charset=x") == "text/html");
  BOOST_TEST(python_content_type("text") == "text/plain");
  BOOST_TEST(python_content_type("text/html/x") == "text/plain");
}

BOOST_AUTO_TEST_CASE(quotes_protect_semicolons) {
  BOOST_TEST(python_parameter("a/b; name=\"x;y\"; boundary=z", "boundary").value() == "z");
  BOOST_TEST(python_parameter("a/b; name=\"x;boundary=y\"; boundary=z", "boundary").value() == "z");
  BOOST_TEST(!python_parameter("a/b; name=\"x; boundary=y", "boundary"));
}

BOOST_AUTO_TEST_CASE(the_first_of_two_counts) {
  BOOST_TEST(python_parameter("a/b; Boundary=x; boundary=y", "boundary").value() == "x");
}

// RFC 2231 §3, §4
BOOST_AUTO_TEST_CASE(pieces_are_joined_in_the_order_of_their_numbers) {
  BOOST_TEST(python_parameter("a/b; boundary*1=y; boundary*0=\"x \"", "boundary").value() == "x y");
  BOOST_TEST(python_parameter("a/b; boundary*=utf-8''a%20b", "boundary").value() == "a b");
}

BOOST_AUTO_TEST_SUITE_END()
