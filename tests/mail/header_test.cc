// header_test.cc — where a header ends, and fields that we write.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "gateway/mail/header.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(header_suite)

BOOST_AUTO_TEST_CASE(the_first_empty_line_ends_the_header) {
  const auto split = split_message("A: 1\r\nB: 2\r\n\r\nC: 3\r\n\r\nD: 4\r\n");

  BOOST_TEST(split.fields.size() == 2U);
  BOOST_TEST(split.header == "A: 1\r\nB: 2\r\n");
  BOOST_TEST(split.body == "C: 3\r\n\r\nD: 4\r\n");
  BOOST_TEST(split.separated);
  BOOST_TEST(!split.malformed);
}

BOOST_AUTO_TEST_CASE(a_field_is_seen_with_all_its_octets) {
  const std::string octets = "Subject :hello\r\n\t world\r\nX:1\n\nbody";
  const auto split = split_message(octets);

  BOOST_REQUIRE(split.fields.size() == 2U);
  BOOST_TEST(split.fields[0].name == "Subject");
  BOOST_TEST(split.fields[0].value == "hello\r\n\t world\r\n");
  BOOST_TEST(split.fields[0].whole == "Subject :hello\r\n\t world\r\n");
  BOOST_TEST(split.fields[0].unfolded() == "hello\t world");
  BOOST_TEST(split.fields[1].unfolded() == "1");
  BOOST_TEST(split.body == "body");
}

BOOST_AUTO_TEST_CASE(a_line_of_blanks_is_a_continuation_not_the_end_and_is_reported) {
  const auto split = split_message("A: 1\r\n \r\nB: 2\r\n\r\nbody");

  BOOST_TEST(split.malformed);
  BOOST_TEST(split.fields.size() == 2U);
  BOOST_TEST(split.body == "body");
}

BOOST_AUTO_TEST_CASE(a_bare_carriage_return_ends_nothing) {
  const auto split = split_message("A: 1\rB: 2\r\r\nC: 3\r\n\r\nbody");

  BOOST_TEST(split.fields.size() == 2U);
  BOOST_TEST(split.fields[0].value == " 1\rB: 2\r\r\n");
  BOOST_TEST(split.body == "body");
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_field_is_reported_and_does_not_end_the_header) {
  const auto split = split_message("A: 1\r\nno field\r\n with more\r\nB: 2\r\n\r\nbody");

  BOOST_TEST(split.malformed);
  BOOST_REQUIRE(split.fields.size() == 2U);
  BOOST_TEST(split.fields[0].unfolded() == "1");
  BOOST_TEST(split.fields[1].name == "B");
  BOOST_TEST(split_message(" starts with a blank\r\n\r\n").malformed);
  BOOST_TEST(split_message(": no name\r\n\r\n").malformed);
  BOOST_TEST(split_message("a b: two words\r\n\r\n").malformed);
}

BOOST_AUTO_TEST_CASE(a_message_without_an_empty_line_is_all_header) {
  const auto split = split_message("A: 1\r\nB: 2");

  BOOST_TEST(!split.separated);
  BOOST_TEST(split.header == "A: 1\r\nB: 2");
  BOOST_TEST(split.body.empty());
  BOOST_TEST(split.fields[1].unfolded() == "2");
  BOOST_TEST(split_message("").fields.empty());
  BOOST_TEST(split_message("\r\nbody").body == "body");
}

BOOST_AUTO_TEST_CASE(fields_above_the_limit_are_still_header) {
  const auto split = split_message("A: 1\r\nB: 2\r\n more\r\nC: 3\r\n\r\nbody", 1);

  BOOST_TEST(split.fields.size() == 1U);
  BOOST_TEST(split.fields[0].whole == "A: 1\r\n");
  BOOST_TEST(split.body == "body");
}

BOOST_AUTO_TEST_CASE(fields_are_found_in_any_case) {
  const auto split = split_message("received:a\r\nRECEIVED: b\r\n\r\n");

  BOOST_REQUIRE(find_field(split, "Received"));
  BOOST_TEST(find_field(split, "Received")->unfolded() == "a");
  BOOST_TEST(count_fields(split, "Received") == 2U);
  BOOST_TEST(!find_field(split, "Receive"));
}

BOOST_AUTO_TEST_CASE(a_short_field_stays_on_one_line) {
  BOOST_TEST(make_field("Subject", "hello world") == "Subject: hello world\r\n");
  BOOST_TEST(make_field("Subject", "") == "Subject:\r\n");
}

BOOST_AUTO_TEST_CASE(a_long_field_is_folded_at_blanks_and_unfolds_to_itself) {
  std::string value = "start";
  for (int i = 0; i < 100; ++i) value += " word" + std::to_string(i);

  const std::string field = make_field("X-Long", value);

  for (const auto line : split(field, '\n')) BOOST_TEST(line.size() <= 79U);
  BOOST_TEST(split_message(field + "\r\n").fields[0].unfolded() == value);
}

BOOST_AUTO_TEST_CASE(a_word_that_fits_no_line_is_cut_at_998_octets) {
  const std::string field =
      make_field("X-Long", std::string(5000, 'x') + "\xc3\xa9" + std::string(2000, 'y'));

  for (const auto line : split(field, '\n')) {
    BOOST_TEST(line.size() <= 999U);
    BOOST_TEST(!line.starts_with("\r"));
  }
  const std::string octets = field + "\r\n";
  const auto split = split_message(octets);
  BOOST_TEST(split.fields.size() == 1U);
  BOOST_TEST(!split.malformed);
}

BOOST_AUTO_TEST_CASE(wanted_folding_stays) {
  BOOST_TEST(make_field("Received", "from a\r\n\tby b;\r\n\tdate") ==
             "Received: from a\r\n\tby b;\r\n\tdate\r\n");
}

BOOST_AUTO_TEST_CASE(nothing_can_be_injected_through_a_value) {
  using namespace std::string_view_literals;
  for (const auto value :
       {"x\r\nBcc: y"sv, "x\nBcc: y"sv, "x\r\n\r\nbody"sv, "x\r\n \r\nBcc: y"sv, "x\rBcc: y"sv,
        "\r\nBcc: y"sv, "x\r\n \t \r\n\r\n y"sv, "x\0y\x7f\x01"sv, "\n\n\n"sv, " \r\n \r\n "sv}) {
    const std::string field = make_field("X-Test", value);
    const std::string octets = field + "\r\nbody";
    const auto split = split_message(octets);
    BOOST_TEST(split.fields.size() == 1U);
    BOOST_TEST(split.body == "body");
    BOOST_TEST(!split.malformed);
    for (const char c : split.fields[0].unfolded())
      BOOST_TEST((is_blank(c) || (c > ' ' && c != 0x7f)));
    for (const auto line : postern::split(field.substr(0, field.size() - 2), '\n'))
      BOOST_TEST(!trim(line).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_name_cannot_inject_either) {
  const std::string field = make_field("X\r\nBcc: a", "b");

  BOOST_TEST(field == "X--Bcc--a: b\r\n");
}

BOOST_AUTO_TEST_SUITE_END()
