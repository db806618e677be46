// mime_decode_test.cc — encodings; examples of RFC 2045, 2047, 2231 and 4648 by section.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/mail/address.h"
#include "gateway/mail/charset.h"
#include "gateway/mail/mime_decode.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(mime_decode_suite)

BOOST_AUTO_TEST_CASE(base64_of_rfc_4648_section_10_is_decoded) {
  for (const auto& [encoded, plain] : {std::pair{"", ""},
                                       {"Zg==", "f"},
                                       {"Zm8=", "fo"},
                                       {"Zm9v", "foo"},
                                       {"Zm9vYg==", "foob"},
                                       {"Zm9vYmE=", "fooba"},
                                       {"Zm9vYmFy", "foobar"}}) {
    BOOST_TEST(decode_body(encoded, "base64") == plain);
    BOOST_TEST(!damaged_base64(encoded), encoded);
  }
}

BOOST_AUTO_TEST_CASE(damaged_base64_is_decoded_as_readers_do_and_reported) {
  BOOST_TEST(decode_body("Zm9\r\nv!Ym Fy", "base64") == "foobar");
  BOOST_TEST(decode_body("Zg==Zm9v", "base64") == "ffoo");
  BOOST_TEST(decode_body("Zm9vYg", "base64") == "foob");
  BOOST_TEST(decode_body("Zm9vY", "base64") == "foo");
  for (const auto bad : {"Zm9v!", "Zg==Zm9v", "Zm9vYg", "Zm9vY", "Zm9v=", "Zg=", "="}) {
    BOOST_TEST(damaged_base64(bad), bad);
  }
  BOOST_TEST(!damaged_base64("Zm9v\r\nYg==\r\n"));
}

BOOST_AUTO_TEST_CASE(quoted_printable_of_rfc_2045_section_6_7_is_decoded) {
  const auto decode = [](std::string_view text) { return decode_body(text, "quoted-printable"); };

  BOOST_TEST(decode("Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.") ==
             "Now's the time for all folk to come to the aid of their country.");
  BOOST_TEST(decode("a=3Db=e9\r\nc") == "a=b\xe9\r\nc");
  BOOST_TEST(decode("soft with blanks = \t\r\nend") == "soft with blanks end");
  BOOST_TEST(decode("blanks go  \t\r\nend \n") == "blanks go\r\nend\n");
  BOOST_TEST(decode("not=zz hex =4") == "not=zz hex =4");
  BOOST_TEST(decode("end=") == "end");
}

BOOST_AUTO_TEST_CASE(a_body_without_an_encoding_stays_as_it_is) {
  for (const auto encoding : {"7bit", "8bit", "binary", "", "x-unknown"}) {
    BOOST_TEST(decode_body("=3D Zg==", encoding) == "=3D Zg==");
  }
}

BOOST_AUTO_TEST_CASE(no_more_than_the_limit_comes_out) {
  for (std::size_t limit = 0; limit <= 8; ++limit) {
    BOOST_TEST(decode_body("Zm9vYmFy", "base64", limit) == std::string("foobar").substr(0, limit));
    BOOST_TEST(decode_body("foo=62ar", "quoted-printable", limit) ==
               std::string("foobar").substr(0, limit));
    BOOST_TEST(decode_body("foobar", "7bit", limit) == std::string("foobar").substr(0, limit));
  }
}

BOOST_AUTO_TEST_CASE(the_examples_of_rfc_2047_section_8_are_decoded) {
  for (const auto& [encoded, plain] : {std::pair{"=?ISO-8859-1?Q?a?=", "a"},
                                       {"=?ISO-8859-1?Q?a?= b", "a b"},
                                       {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},
                                       {"=?ISO-8859-1?Q?a?=  \r\n =?ISO-8859-1?Q?b?=", "ab"},
                                       {"=?ISO-8859-1?Q?a_b?=", "a b"},
                                       {"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"},
                                       {"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>",
                                        "Keld Jørn Simonsen <keld@dkuug.dk>"},
                                       {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n "
                                        "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
                                        "If you can read this you understand the example."}}) {
    BOOST_TEST(decode_encoded_words(encoded) == plain);
  }
}

BOOST_AUTO_TEST_CASE(a_character_cut_between_two_words_is_joined) {
  BOOST_TEST(decode_encoded_words("=?utf-8?B?4oI=?= =?UTF-8?B?rA==?=") == "€");
  BOOST_TEST(decode_encoded_words("=?utf-8?Q?=E2=82?=\t=?utf-8*en?Q?=AC?=!") == "€!");
}

BOOST_AUTO_TEST_CASE(what_is_no_encoded_word_stays) {
  for (const auto text : {"=?", "=??Q?a?=", "=?utf-8?X?a?=", "=?utf-8?Q?a", "=?utf-8?Q?a?",
                          "=?utf-8?Q?a? =", "=?=?=?", "plain = text ?="}) {
    BOOST_TEST(decode_encoded_words(text) == text);
  }
  BOOST_TEST(decode_encoded_words("=?=?utf-8?Q?a?=") == "=?a");
  BOOST_TEST(decode_encoded_words("raw \xe9") == "raw é");
}

BOOST_AUTO_TEST_CASE(charsets_become_utf8) {
  BOOST_TEST(to_utf8("\xa4", "ISO-8859-15") == "€");
  BOOST_TEST(to_utf8("\x80", "iso-8859-1") == "€");  // read as windows-1252
  BOOST_TEST(to_utf8("\xcf\xf0\xe8", " Windows-1251 ") == "При");
  BOOST_TEST(to_utf8("\x1b$B4A;z\x1b(B", "iso-2022-jp") == "漢字");
  BOOST_TEST(to_utf8("\x82\xa0", "Shift_JIS") == "あ");
  BOOST_TEST(to_utf8("\xba\xba\xd7\xd6", "gb2312") == "汉字");
  BOOST_TEST(to_utf8("+AGE-b", "utf-7") == "ab");
}

BOOST_AUTO_TEST_CASE(unknown_and_wrong_charsets_still_give_text) {
  BOOST_TEST(to_utf8("caf\xe9", "x-nonsense") == "café");
  BOOST_TEST(to_utf8("café", "x-nonsense") == "café");
  BOOST_TEST(to_utf8("caf\xe9", "../../etc/passwd//TRANSLIT") == "café");
  BOOST_TEST(to_utf8("a\xff"
                     "b",
                     "utf-8") ==
             "a\xef\xbf\xbd"
             "b");
  BOOST_TEST(to_utf8("a\x82", "shift_jis") == "a\xef\xbf\xbd");
  BOOST_TEST(to_utf8("", "utf-16") == "");
}

BOOST_AUTO_TEST_CASE(every_charset_gives_valid_utf8_for_every_octet) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  preload_charsets();

  for (const auto name : {"big5",        "cp437",       "euc-jp",       "euc-kr", "gb18030",
                          "iso-2022-jp", "iso-2022-kr", "iso-8859-8-i", "johab",  "koi8-r",
                          "macintosh",   "sjis",        "tis-620",      "utf-16", "utf-32le",
                          "utf-7",       "viscii",      "windows-1258", "utf-8",  ""}) {
    BOOST_TEST(valid_utf8(to_utf8(all + all, name)), name);
  }
}

BOOST_AUTO_TEST_CASE(extended_values_of_rfc_2231_section_4_are_decoded) {
  BOOST_TEST(decode_extended_value("us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A") ==
             "This is ***fun***");
  BOOST_TEST(decode_extended_value("iso-8859-1''%A3%20rates") == "£ rates");
  BOOST_TEST(decode_extended_value("no%20quotes%zz%4") == "no quotes%zz%4");
}

BOOST_AUTO_TEST_SUITE_END()
