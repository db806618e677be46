#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"

using namespace postern;
using namespace std::string_literals;
using Pieces = std::vector<std::string_view>;

BOOST_AUTO_TEST_SUITE(bytes)

BOOST_AUTO_TEST_CASE(case_is_ignored_in_ascii_only) {
  BOOST_TEST(equals_ignoring_case("Mail FROM", "mAIL from"));
  BOOST_TEST(!equals_ignoring_case("mail", "mails"));
  BOOST_TEST(!equals_ignoring_case("\xc4", "\xe4"));  // Latin-1's A and a with diaeresis
  BOOST_TEST(!equals_ignoring_case("[", "{"));        // 32 apart, but no letters
  BOOST_TEST(to_lower("ÄBC@Z[") == "Äbc@z[");
}

BOOST_AUTO_TEST_CASE(a_prefix_longer_than_the_text_is_no_prefix) {
  BOOST_TEST(starts_with_ignoring_case("Received: by", "received:"));
  BOOST_TEST(!starts_with_ignoring_case("Rec", "received:"));
  BOOST_TEST(starts_with_ignoring_case("", ""));
}

BOOST_AUTO_TEST_CASE(trimming_removes_all_white_space_at_both_ends_and_none_within) {
  BOOST_TEST(trim(" \t\r\n\v\fa b\r\n") == "a b");
  BOOST_TEST(trim(" \r\n") == "");
  BOOST_TEST(trim("a\0 "s) == "a\0"s);
}

BOOST_AUTO_TEST_CASE(splitting_keeps_empty_pieces) {
  BOOST_TEST((split("a::b:", ':') == Pieces{"a", "", "b", ""}));
  BOOST_TEST((split("", ':') == Pieces{""}));
}

BOOST_AUTO_TEST_CASE(words_are_never_empty) {
  BOOST_TEST((words(" one,two ,\t three\r\n") == Pieces{"one", "two", "three"}));
  BOOST_TEST(words(" , ,").empty());
  BOOST_TEST(words("").empty());
}

BOOST_AUTO_TEST_CASE(a_number_is_digits_and_nothing_else) {
  BOOST_TEST(parse_number("0").value() == 0U);
  BOOST_TEST(parse_number("007").value() == 7U);
  BOOST_TEST(parse_number("18446744073709551615").value() == UINT64_MAX);
  for (const auto* text :
       {"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "1a", "18446744073709551616"}) {
    BOOST_TEST(!parse_number(text).has_value(), "accepted: " << text);
  }
}

BOOST_AUTO_TEST_CASE(a_number_above_its_maximum_is_none) {
  BOOST_TEST(parse_number("65535", 65535).has_value());
  BOOST_TEST(!parse_number("65536", 65535).has_value());
}

BOOST_AUTO_TEST_CASE(hex_shows_every_octet_as_two_digits) {
  BOOST_TEST(hex("\x00\x0f\xf0\xff"s) == "000ff0ff");
  BOOST_TEST(hex("") == "");
}

BOOST_AUTO_TEST_CASE(printable_text_has_no_line_end_quote_or_backslash_left) {
  BOOST_TEST(printable("a\r\nb\"c\\d\x7f\xc3\x28") == "a\\x0d\\x0ab\\x22c\\x5cd\\x7f\\xc3(");
  BOOST_TEST(printable("plain <text>") == "plain <text>");
}

BOOST_AUTO_TEST_CASE(printable_text_is_cut_at_its_limit_with_an_ellipsis) {
  BOOST_TEST(printable("abcdef", 6) == "abcdef");
  BOOST_TEST(printable("abcdefg", 6) == "abcdef…");
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_found_and_a_far_one_is_not) {
  const std::vector<std::string> known{"food", "minimal_backoff_time", "maximal_backoff_time"};

  BOOST_TEST(nearest("foo", known).value() == "food");
  BOOST_TEST(nearest("minimal_backof_tme", known).value() == "minimal_backoff_time");
  BOOST_TEST(!nearest("listener", known).has_value());
  BOOST_TEST(!nearest("foo", {}).has_value());
}

// RFC 3720 §B.4 gives these values for iSCSI, as octets from the least to the most significant.
BOOST_AUTO_TEST_CASE(crc32c_gives_the_values_of_rfc_3720) {
  std::string ascending;
  std::string descending;
  for (char i = 0; i < 32; ++i) ascending += i;
  descending.assign(ascending.rbegin(), ascending.rend());

  BOOST_TEST(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  BOOST_TEST(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  BOOST_TEST(crc32c(ascending) == 0x46dd794eU);
  BOOST_TEST(crc32c(descending) == 0x113fdb5cU);
  BOOST_TEST(crc32c("123456789") == 0xe3069283U);
  BOOST_TEST(crc32c("") == 0U);
}

BOOST_AUTO_TEST_CASE(crc32c_of_pieces_is_that_of_the_whole) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const auto whole = crc32c(text.substr(at), crc32c(text.substr(0, at)));
    BOOST_TEST(whole == crc32c(text));
  }
}

BOOST_AUTO_TEST_SUITE_END()
