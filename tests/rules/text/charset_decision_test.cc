#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/text/charset_decision.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(charset_decision)

BOOST_AUTO_TEST_CASE(text_that_is_utf_8_is_utf_8_whatever_is_declared) {
  BOOST_TEST(text_as_utf8("caf\xc3\xa9", "koi8-r") == "caf\xc3\xa9");
}

BOOST_AUTO_TEST_CASE(a_declared_charset_is_used_where_it_fits_as_a_whole) {
  BOOST_TEST(text_as_utf8("\xf0\xf2\xe9", "KOI8-R") == "\xd0\x9f\xd0\xa0\xd0\x98");
  BOOST_TEST(text_as_utf8("\xc4\xe3\xba\xc3", "gb2312") == "\xe4\xbd\xa0\xe5\xa5\xbd");
  BOOST_TEST(text_as_utf8("\xc4\xe3\xba\xc3", "GB2312_CHARSET") == "\xe4\xbd\xa0\xe5\xa5\xbd");
  BOOST_TEST(text_as_utf8("\xe9", "notgb2312") == "\xc3\xa9");
  // 0x8140 is of GBK and not of GB 2312: nothing of it is.
  BOOST_TEST(text_as_utf8("\xc4\xe3\x81\x40", "gb2312") == "\xc3\x84\xc3\xa3\xef\xbf\xbd@");
}

BOOST_AUTO_TEST_CASE(latin_1_and_unknown_charsets_are_windows_1252) {
  BOOST_TEST(text_as_utf8("\x93x\x94 \x80", "iso-8859-1") ==
             "\xe2\x80\x9cx\xe2\x80\x9d \xe2\x82\xac");
  BOOST_TEST(text_as_utf8("caf\xe9", "x-none") == "caf\xc3\xa9");
  BOOST_TEST(text_as_utf8("caf\xe9", "us-ascii") == "caf\xc3\xa9");
  BOOST_TEST(text_as_utf8("\x81", "utf-8") == "\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(shifted_charsets_are_decoded_though_they_look_like_ascii) {
  BOOST_TEST(text_as_utf8("\x1b$B$\"\x1b(B", "iso-2022-jp") == "\xe3\x81\x82");
  BOOST_TEST(text_as_utf8("plain", "iso-8859-5") == "plain");
}

BOOST_AUTO_TEST_CASE(the_byte_order_of_utf_16_is_guessed_from_its_blanks_and_zeros) {
  using namespace std::string_view_literals;
  BOOST_TEST(text_as_utf8("a\0 \0b\0"sv, "utf-16") == "a b");
  BOOST_TEST(text_as_utf8("\0a\0 \0b"sv, "UTF-16") == "a b");
  // A byte order mark ends all guessing, and no decoder is asked.
  BOOST_TEST(text_as_utf8("\xff\xfe"
                          "a\0"sv,
                          "utf-16") ==
             "\xc3\xbf\xc3\xbe"
             "a\0"sv);
}

BOOST_AUTO_TEST_CASE(noncharacters_are_no_utf_8) {
  BOOST_TEST(text_as_utf8("\xef\xbf\xbe", "utf-8") == "\xc3\xaf\xc2\xbf\xc2\xbe");
}

BOOST_AUTO_TEST_CASE(a_character_cut_off_at_the_end_is_dropped) {
  BOOST_TEST(text_as_utf8("\xa4\xa2\xa4", "euc-jp") == "\xe3\x81\x82");
}

BOOST_AUTO_TEST_CASE(shift_jis_keeps_the_backslash_and_the_tilde) {
  BOOST_TEST(text_as_utf8("\x82\xa0\\~", "shift_jis") == "\xe3\x81\x82\\~");
}

BOOST_AUTO_TEST_CASE(an_encoded_word_is_believed_and_its_damage_replaced) {
  BOOST_TEST(word_as_utf8("caf\xc3\xa9", "iso-8859-1") == "caf\xc3\x83\xc2\xa9");
  BOOST_TEST(word_as_utf8("a\xc3", "utf-8") == "a\xef\xbf\xbd");
  BOOST_TEST(word_as_utf8("\xe4\xb8!", "utf-8") == "\xef\xbf\xbd!");
  BOOST_TEST(word_as_utf8("caf\xe9", "us-ascii") == "caf\xef\xbf\xbd");
  BOOST_TEST(word_as_utf8("caf\xe9", "x-none") == "caf\xc3\xa9");
}

BOOST_AUTO_TEST_SUITE_END()
