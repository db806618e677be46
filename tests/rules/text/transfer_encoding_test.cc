#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "rules/text/transfer_encoding.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(transfer_encoding)

BOOST_AUTO_TEST_CASE(base64_is_read_over_white_space_and_without_its_padding) {
  BOOST_TEST(undo_base64("QUJD") == "ABC");
  BOOST_TEST(undo_base64(" QU\r\nJDRA==\n") == "ABCD");
  BOOST_TEST(undo_base64("QUJDRA") == "ABCD");
  BOOST_TEST(undo_base64("QUJDR") == "ABC");
  BOOST_TEST(undo_base64("") == "");
  BOOST_TEST(undo_base64("====") == "");
}

BOOST_AUTO_TEST_CASE(foreign_octets_in_base64_are_skipped) {
  BOOST_TEST(undo_base64("QU!JD\xc3\xa9 RA==") == "ABCD");
}

BOOST_AUTO_TEST_CASE(padding_in_the_middle_is_zeros_in_whole_groups_and_ones_elsewhere) {
  BOOST_TEST(hex(undo_base64("QUJDRA==QUJD")) == "414243440000414243");
  BOOST_TEST(hex(undo_base64("QU==QU==")) == "41400041");
  BOOST_TEST(hex(undo_base64("QU!JDRA==QUJD")) == "414243440fff414243");
  BOOST_TEST(hex(undo_base64("QUJDQUI=AAA")) == "41424341423f0000");
}

BOOST_AUTO_TEST_CASE(quoted_printable_loses_soft_line_ends_and_blanks_before_line_ends) {
  BOOST_TEST(undo_quoted_printable("a=20=\nb \t\nc= \nd  ") == "a b\ncd  ");
  BOOST_TEST(undo_quoted_printable("caf=E9=c3=A9\r\n") == "caf\xe9\xc3\xa9\r\n");
}

BOOST_AUTO_TEST_CASE(digits_that_a_soft_line_end_tore_apart_are_joined_before_they_are_read) {
  BOOST_TEST(undo_quoted_printable("=4=\n1") == "A");
}

BOOST_AUTO_TEST_CASE(an_equals_sign_without_two_digits_stays) {
  BOOST_TEST(undo_quoted_printable("a=b =4 ==3D=") == "a=b =4 ===");
}

BOOST_AUTO_TEST_SUITE_END()
