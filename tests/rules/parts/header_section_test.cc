#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/parts/header_section.h"

using namespace postern;

namespace {
/// "name=value|…" of the fields, then the size.
std::string shown(std::string_view octets) {
  std::string copy;
  const auto section = read_header_section(octets, copy);
  std::string out;
  for (const auto& field : section.fields)
    out += std::string(field.name) + '=' + std::string(field.value) + '|';
  return out + std::to_string(section.size) + (section.missing_separator ? "!" : "");
}
}  // namespace

BOOST_AUTO_TEST_SUITE(header_section)

BOOST_AUTO_TEST_CASE(values_keep_their_blank_folding_and_line_end) {
  BOOST_TEST(shown("A: 1\n b\nB :2\n\nbody") == "A= 1\n b\n|B=2\n|14");
}

BOOST_AUTO_TEST_CASE(a_message_with_crlf_is_one_of_crlf_and_its_values_have_lf) {
  BOOST_TEST(shown("A: 1\r\n b\r\n\r\nbody\r\n") == "A= 1\n b\n|12");
  BOOST_TEST(shown("A: 1\r\n b\n c\r\n\r\n") == "A= 1\n b\n c\n|15");
}

BOOST_AUTO_TEST_CASE(a_crlf_in_a_message_of_lf_ends_no_header) {
  BOOST_TEST(shown("A: 1\n\r\nB: 2\n\nbody\n") == "A= 1\n|B= 2\n|13");
}

BOOST_AUTO_TEST_CASE(three_bad_lines_are_forgiven_and_the_fourth_is_body) {
  BOOST_TEST(shown("A: 1\nx\ny\nz\nB: 2\n\n") == "A= 1\n|B= 2\n|17");
  BOOST_TEST(shown("A: 1\nx\ny\nz\nthis\nB: 2\n\n") == "A= 1\n|11!");
}

BOOST_AUTO_TEST_CASE(a_bad_line_with_a_colon_is_a_field_all_the_same) {
  BOOST_TEST(shown("a b: 1\n\n") == "a b= 1\n|8");
}

BOOST_AUTO_TEST_CASE(a_boundary_line_and_the_end_of_all_end_a_header_without_an_empty_line) {
  BOOST_TEST(shown("A: 1\n--b\n") == "A= 1\n|5!");
  BOOST_TEST(shown("A: 1\n") == "A= 1\n|5!");
}

BOOST_AUTO_TEST_CASE(long_names_and_values_are_cut_and_noted) {
  std::string copy;
  const std::string octets = std::string(300, 'N') + ":" + std::string(9000, 'v') + "\n\n";

  const auto section = read_header_section(octets, copy);

  BOOST_TEST(section.fields[0].name.size() == 256U);
  BOOST_TEST(section.fields[0].value.size() == 8192U);
  BOOST_TEST(section.truncated);
}

BOOST_AUTO_TEST_CASE(a_leading_mbox_line_is_no_header) {
  BOOST_TEST(without_mbox_line("From a b\nSubject: x\n") == "Subject: x\n");
  BOOST_TEST(without_mbox_line("From: a\n") == "From: a\n");
  BOOST_TEST(without_mbox_line("From : a\n") == "From : a\n");
  BOOST_TEST(without_mbox_line("From  :a\nx") == "x");
  BOOST_TEST(without_mbox_line("From ") == "");
  BOOST_TEST(without_mbox_line(" 1-Jan-2026 01:02:03 +0100,1234;000000000001-00000002\nx") == "x");
  BOOST_TEST(without_mbox_line(" 1-Jan-2026 01:02:03\nx") == " 1-Jan-2026 01:02:03\nx");
}

BOOST_AUTO_TEST_SUITE_END()
