#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/parts/mime_header_values.h"

using namespace postern;

namespace {
const MessageParts& message() {
  static const MessageParts parts(
      "Content-Type: multipart/mixed; boundary=b\n\n"
      "--b\nX-A: one\nX-A:  =?utf-8?q?tw=6F?=\n three\n\nx\n--b\nX-B: y\n\nx\n--b--\n");
  return parts;
}

std::string values(MimeHeaderQuery query) {
  std::string out;
  for (const auto& value : mime_header_values(message(), query)) out += '[' + value + ']';
  return out;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(mime_header_values_)

BOOST_AUTO_TEST_CASE(the_last_field_of_each_part_is_its_value) {
  BOOST_TEST(values({.source = {.name = "x-a"}}) == "[][two three\n][]");
  BOOST_TEST(values({.source = {.name = "X-A"}, .if_unset = "-"}) == "[-][two three\n][-]");
}

BOOST_AUTO_TEST_CASE(raw_values_stay_as_they_are_and_know_no_substitute) {
  BOOST_TEST(values({.source = {.name = "X-A", .raw = true}, .if_unset = "-"}) ==
             "[][=?utf-8?q?tw=6F?=\n three\n][]");
}

BOOST_AUTO_TEST_CASE(all_gives_every_field_of_a_part) {
  BOOST_TEST(values({.source = {.name = "ALL"}, .range = {2, 2}}) ==
             "[X-A: one\nX-A: two three\n]");
  BOOST_TEST(values({.source = {.name = "ALL", .raw = true}, .range = {2, 3}}) ==
             "[X-A: one\nX-A: =?utf-8?q?tw=6F?= three\n][X-B: y\n]");
}

BOOST_AUTO_TEST_CASE(concat_makes_one_text_of_the_parts_in_range) {
  BOOST_TEST(values({.source = {.name = "X-A"}, .range = {2, 3}, .concat = true}) ==
             "[two three\n\n]");
}

BOOST_AUTO_TEST_CASE(ranges_are_open_where_a_number_is_missing) {
  const auto shown = [](std::string_view text) {
    const auto range = parse_part_range(text);
    return std::to_string(range.first) + ' ' + std::to_string(range.last);
  };
  BOOST_TEST(shown("2") == "2 2");
  BOOST_TEST(shown("2-") == "2 1000");
  BOOST_TEST(shown("-3") == "0 3");
  BOOST_TEST(shown("2-3") == "2 3");
  BOOST_TEST(shown("x") == "0 1000");
}

BOOST_AUTO_TEST_CASE(only_raw_may_follow_a_name) {
  BOOST_TEST(parse_mime_header_source("Content-Type:raw")->raw);
  BOOST_TEST(parse_mime_header_source("Content-Type:")->name == "Content-Type");
  BOOST_TEST(!parse_mime_header_source("Content-Type:addr"));
  BOOST_TEST(!parse_mime_header_source(":raw"));
}

BOOST_AUTO_TEST_SUITE_END()
