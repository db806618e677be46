#include "rules/pyzor/python_decoding.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

BOOST_AUTO_TEST_SUITE(python_decoding)

BOOST_AUTO_TEST_CASE(damaged_base64_is_read_as_far_as_padding_would_help) {
  BOOST_TEST(python_payload("aGVsbG8=", "base64") == "hello");
  BOOST_TEST(python_payload("aGVs\nbG8", "base64") == "hello");
  BOOST_TEST(python_payload("aGVs!bG8=", "base64") == "hello");
  BOOST_TEST(python_payload("aGVsb", "base64") == "aGVsb");
}

BOOST_AUTO_TEST_CASE(quoted_printable_keeps_what_starts_nothing) {
  BOOST_TEST(python_payload("a=3Db=\nc =x==", "quoted-printable") == "a=bc =x=");
}

BOOST_AUTO_TEST_CASE(an_encoding_counts_as_it_is_written) {
  BOOST_TEST(python_payload("aGVsbG8=", "base64 ") == "aGVsbG8=");
}

BOOST_AUTO_TEST_CASE(octets_that_a_charset_lacks_are_left_out) {
  BOOST_TEST((python_characters("a\xff\xc3\xa9", "utf-8") == U"a\u00e9"));
  BOOST_TEST((python_characters("a\xe9", "") == U"a"));
  BOOST_TEST((python_characters("a\xe9", "no-such-charset") == U"a"));
  BOOST_TEST((python_characters("\xc1\x95", "koi8-r") == U"\u0430\u2219"));
  BOOST_TEST((python_characters("a\x96z", "euc-kr") == U"az"));
}

BOOST_AUTO_TEST_CASE(punctuation_in_a_charset_name_is_all_one) {
  BOOST_TEST((python_characters("\xe9", "iso_8859--1") == U"\u00e9"));
  BOOST_TEST((python_characters("\xe9", "latin1") == U"\u00e9"));
}

BOOST_AUTO_TEST_SUITE_END()
