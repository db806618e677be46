#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/parts/render.h"

using namespace postern;

namespace {
std::string shown(const std::vector<std::string>& pieces) {
  std::string out;
  for (const auto& piece : pieces) out += "[" + piece + "]";
  return out;
}
std::string paragraphs(std::string_view text) {
  std::vector<std::string> out;
  append_paragraphs(text, out);
  return shown(out);
}
}  // namespace

BOOST_AUTO_TEST_SUITE(rendering)

BOOST_AUTO_TEST_CASE(blank_lines_part_paragraphs_and_other_white_space_is_one_blank) {
  BOOST_TEST(paragraphs("a\nb\t c\n\n\nd") == "[a b c\n][d]");
  BOOST_TEST(paragraphs("a \n \n b\n") == "[a \n][ b ]");
  BOOST_TEST(paragraphs("a\xc2\xa0\xe2\x80\x83"
                        "b") == "[a b]");
  BOOST_TEST(paragraphs("\xc2\xa9\xe2\x82\xac") == "[\xc2\xa9\xe2\x82\xac]");
  BOOST_TEST(paragraphs("") == "");
}

BOOST_AUTO_TEST_CASE(long_paragraphs_are_split_at_a_blank) {
  std::vector<std::string> out;
  append_paragraphs(std::string(2000, 'a') + " " + std::string(3000, 'b') + " c", out);
  BOOST_REQUIRE(out.size() == 3U);
  BOOST_TEST(out[0] == std::string(2000, 'a') + " ");
  BOOST_TEST(out[1] == std::string(2048, 'b'));
  BOOST_TEST(out[2] == std::string(952, 'b') + " c");
}

BOOST_AUTO_TEST_CASE(raw_pieces_end_at_a_line_a_tag_or_a_blank) {
  std::vector<std::string> out;
  append_chunks(
      std::string(3000, 'a') + ">" + std::string(3000, 'b') + "\n" + std::string(9000, 'c'), out);
  BOOST_REQUIRE(out.size() == 5U);
  BOOST_TEST(out[0].size() == 3001U);
  BOOST_TEST(out[1].size() == 3001U);
  BOOST_TEST(out[2].size() == 4096U);
}

BOOST_AUTO_TEST_CASE(text_parts_are_decoded_in_order_behind_the_subject) {
  const auto rendering = render(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\n"
      "caf=E9 =3D\r\n"
      "--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "PHA+YmlnIDxiPnRleHQ8L2I+PC9wPjxhIGhyZWY9Imh0dHA6Ly9hLmV4YW1wbGUvIj54PC9hPg==\r\n"
      "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nQUFB\r\n"
      "--b\r\nContent-Type: application/octet-stream; name=\"x.HTML\"\r\n\r\n<i>named</i> page\r\n"
      "--b--\r\n",
      "the subject");
  BOOST_TEST(shown(rendering.body) ==
             "[the subject\n][caf\xc3\xa9 =\n][big text\n][x named page ]");
  BOOST_REQUIRE(rendering.rawbody.size() == 2U);
  BOOST_TEST(rendering.rawbody[0].starts_with("caf\xe9 ="));
  BOOST_TEST(rendering.rawbody[1].starts_with("<p>big <b>text"));
  BOOST_TEST(shown(rendering.uris) == "[http://a.example/]");
}

BOOST_AUTO_TEST_CASE(utf_8_is_believed_before_the_declared_charset_unless_that_hides_behind_ascii) {
  BOOST_TEST(
      render("Content-Type: text/plain; charset=iso-8859-1\n\ncaf\xc3\xa9", "").body.back() ==
      "caf\xc3\xa9 ");
  BOOST_TEST(render("Content-Type: text/plain; charset=iso-8859-1\n\n\x80", "").body.back() ==
             "\xe2\x82\xac ");
  BOOST_TEST(
      render("Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$\"\x1b(B", "").body.back() ==
      "\xe3\x81\x82 ");
}

BOOST_AUTO_TEST_CASE(attached_messages_are_read) {
  const auto rendering = render(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
      "Subject: inner\nContent-Type: text/plain\n\ninner text\n--b--\n",
      "outer");
  BOOST_TEST(rendering.body.back().starts_with("inner text"));
}

BOOST_AUTO_TEST_CASE(calendars_and_binaries_are_no_text) {
  BOOST_TEST(render("Content-Type: text/calendar\n\nBEGIN\n", "").rawbody.empty());
  BOOST_TEST(render("Content-Type: application/pdf\n\nhttp://x.example/\n", "").uris.empty());
}

BOOST_AUTO_TEST_CASE(a_part_is_cut_near_fifty_thousand_characters_not_octets) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "\xc3\xa9\xc3\xa9 ";
  std::size_t octets = 0;
  for (const auto& paragraph : render("\n" + text, "").body) octets += paragraph.size();
  BOOST_TEST(octets > 80'000U);
  BOOST_TEST(octets <= 100'000U);
}

BOOST_AUTO_TEST_CASE(a_leading_mbox_line_is_dropped) {
  BOOST_TEST(without_mbox_line("From a b\nSubject: x\n") == "Subject: x\n");
  BOOST_TEST(without_mbox_line("From: a\n") == "From: a\n");
  BOOST_TEST(without_mbox_line("From ") == "");
}

BOOST_AUTO_TEST_SUITE_END()
