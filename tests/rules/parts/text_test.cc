#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/parts/text.h"
#include "rules/parts/white_space.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
std::string shown(const std::vector<std::string>& pieces) {
  std::string out;
  for (const auto& piece : pieces) out += '[' + piece + ']';
  return out;
}
std::vector<std::string> body(std::string_view octets, const TextSettings& settings = {}) {
  return body_text(MessageParts(octets), "subject", settings);
}
std::vector<std::string> rawbody(std::string_view octets, const TextSettings& settings = {}) {
  return rawbody_text(MessageParts(octets), settings);
}
}  // namespace

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(blank_lines_part_paragraphs_and_other_white_space_is_one_blank) {
  BOOST_TEST(evened_out("a\nb\t c\n\n\nd") == "a b c\nd");
  BOOST_TEST(evened_out("a \n \n b\n") == "a \n b ");
  BOOST_TEST(evened_out("a\xc2\xa0\xe2\x80\x83"
                        "b \xe3\x80\x80\xc2\x85"
                        "c") == "a b c");
  BOOST_TEST(evened_out("\xc2\xa9\xe2\x82\xac") == "\xc2\xa9\xe2\x82\xac");
  BOOST_TEST(evened_out("a\xc2\xa0", false) == "a\xc2\xa0");
}

BOOST_AUTO_TEST_CASE(a_nul_ends_a_paragraph) {
  using namespace std::string_view_literals;
  BOOST_TEST(evened_out("a \0 b\0"sv) == "a \n b\n");
}

BOOST_AUTO_TEST_CASE(the_subject_comes_first_and_parts_are_joined) {
  BOOST_TEST(shown(body("Content-Type: multipart/mixed; boundary=b\n\n"
                        "--b\n\none\n\n--b\nContent-Type: image/png\n\nQUJD\n--b\n\ntwo\n\nx\n"
                        "--b--\n")) == "[subject\n][one\n][two\n][x]");
}

BOOST_AUTO_TEST_CASE(a_message_without_any_part_has_no_body_at_all) {
  BOOST_TEST(body("Content-Type: multipart/mixed; boundary=b\n\n").empty());
}

BOOST_AUTO_TEST_CASE(a_long_paragraph_is_split_behind_a_blank) {
  const auto out = body("\n" + std::string(2048, 'a') + " " + std::string(3000, 'b') + " c");
  BOOST_REQUIRE(out.size() == 4U);
  BOOST_TEST(out[1] == std::string(2048, 'a') + " ");
  BOOST_TEST(out[2] == std::string(2048, 'b'));
  BOOST_TEST(out[3] == std::string(952, 'b') + " c");
}

BOOST_AUTO_TEST_CASE(a_part_is_cut_behind_its_limit_of_characters_at_a_line_or_a_blank) {
  const TextSettings settings{.body_part_scan_size = 4};
  BOOST_TEST(shown(body("\n\xc3\xa9\xc3\xa9\xc3\xa9 ab cd\nef gh", settings)) ==
             "[subject\n][\xc3\xa9\xc3\xa9\xc3\xa9 ab cd ]");
  BOOST_TEST(shown(body("\nabcdef gh", settings)) == "[subject\n][abcdef ]");
  BOOST_TEST(shown(body("\nabcdef", settings)) == "[subject\n][abcd]");
  BOOST_TEST(shown(body("\nabcdef", {.body_part_scan_size = 0})) == "[subject\n][abcdef]");
}

BOOST_AUTO_TEST_CASE(raw_text_is_decoded_and_nothing_more) {
  BOOST_TEST(shown(rawbody("Content-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: "
                           "quoted-printable\n\n<b>=\n caf=E9\n")) == "[<b> caf\xe9\n]");
  BOOST_TEST(rawbody("Content-Type: text/calendar\n\nBEGIN\n").empty());
  BOOST_TEST(rawbody("Content-Type: application/pdf\n\nx\n").empty());
  BOOST_TEST(shown(rawbody("Content-Type: message/delivery-status\n\nx\n")) == "[x\n]");
  BOOST_TEST(shown(rawbody("X: y\n\n")) == "[]");
}

BOOST_AUTO_TEST_CASE(raw_pieces_end_at_a_line_a_tag_or_a_blank) {
  const auto out = rawbody("\n" + std::string(3000, 'a') + ">" + std::string(3000, 'b') + "\n" +
                           std::string(9000, 'c'));
  BOOST_REQUIRE(out.size() == 6U);
  BOOST_TEST(out[0].size() == 3001U);
  BOOST_TEST(out[1].size() == 3001U);
  BOOST_TEST(out[2].size() == 2049U);
  BOOST_TEST(out[5].size() == 2853U);
}

BOOST_AUTO_TEST_CASE(raw_text_is_cut_too) {
  const TextSettings settings{.rawbody_part_scan_size = 4};
  BOOST_TEST(shown(rawbody("\nabcde>f g\nh", settings)) == "[abcde>f g\n]");
  BOOST_TEST(shown(rawbody("\nabcde>f g", settings)) == "[abcde>]");
  BOOST_TEST(shown(rawbody("\nabcde", settings)) == "[abcd]");
}

BOOST_AUTO_TEST_CASE(hidden_text_has_no_subject) {
  const MessageParts parts("\nplain\n");
  BOOST_TEST(shown(visible_body_text(parts, "s", {})) == "[s\n][plain ]");
  BOOST_TEST(invisible_body_text(parts, {}).empty());
}

BOOST_AUTO_TEST_CASE(text_without_a_place_to_cut_is_linear) {
  BOOST_TEST(is_quick([] {
    const std::string message = "\n" + std::string(8'000'000, 'a');
    body(message, {.body_part_scan_size = 0});
    rawbody(message, {.rawbody_part_scan_size = 0});
  }));
}

BOOST_AUTO_TEST_SUITE_END()
