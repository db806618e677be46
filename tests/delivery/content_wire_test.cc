#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <array>
#include <thread>

#include "gateway/delivery/content_wire.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_server.h"

using namespace postern;

namespace {

/// What leaves on the wire for these pieces.
std::string wire(const std::vector<std::string_view>& pieces) {
  int ends[2];
  BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  Loop loop;
  std::string out;
  std::thread reader([&, fd = ends[1]] {
    const UniqueFd own(fd);
    char octets[65536];
    ssize_t n = 0;
    while ((n = ::read(fd, octets, sizeof octets)) > 0)
      out.append(octets, static_cast<std::size_t>(n));
  });
  bool dot_sent = false;
  {
    Stream stream{Socket(loop, UniqueFd(ends[0]))};
    const auto sent = test::run_task(loop, send_content(stream, pieces, seconds(10), dot_sent));
    BOOST_TEST(sent.has_value());
  }
  reader.join();
  BOOST_TEST(dot_sent);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(content_wire)

BOOST_AUTO_TEST_CASE(a_message_without_dots_leaves_as_it_is) {
  BOOST_TEST(wire({"A: b\r\n\r\n", "body\r\n"}) == "A: b\r\n\r\nbody\r\n.\r\n");
}

BOOST_AUTO_TEST_CASE(a_dot_at_the_very_beginning_is_doubled) {
  BOOST_TEST(wire({".\r\n"}) == "..\r\n.\r\n");
  BOOST_TEST(wire({"", ".x\r\n"}) == "..x\r\n.\r\n");
}

BOOST_AUTO_TEST_CASE(a_dot_at_the_beginning_of_the_second_piece_is_doubled) {
  BOOST_TEST(wire({"A: b\r\n", ".c: d\r\n"}) == "A: b\r\n..c: d\r\n.\r\n");
}

BOOST_AUTO_TEST_CASE(dots_inside_lines_are_left_alone) {
  BOOST_TEST(wire({"a.b\r\nc.\r\n"}) == "a.b\r\nc.\r\n.\r\n");
}

BOOST_AUTO_TEST_CASE(consecutive_lone_dots_are_each_doubled) {
  BOOST_TEST(wire({"\r\n.\r\n.\r\n..\r\n"}) == "\r\n..\r\n..\r\n...\r\n.\r\n");
}

BOOST_AUTO_TEST_CASE(a_missing_line_end_is_added_before_the_final_dot) {
  BOOST_TEST(wire({"body"}) == "body\r\n.\r\n");
  BOOST_TEST(wire({"A: b\r\n", ""}) == "A: b\r\n.\r\n");
  BOOST_TEST(wire({""}) == ".\r\n");
}

BOOST_AUTO_TEST_CASE(large_content_with_and_without_dots_arrives_whole) {
  std::string plain, dotted;
  while (plain.size() < 3'000'000)
    plain += "a line of some length, as they are in real messages\r\n";
  while (dotted.size() < 3'000'000) dotted += ".dotted\r\n..twice\r\nnot\r\n";

  BOOST_TEST((test::unstuffed(wire({plain})) == plain));
  BOOST_TEST((test::unstuffed(wire({dotted})) == dotted));
  BOOST_TEST((test::unstuffed(wire({plain, dotted})) == plain + dotted));
}

BOOST_AUTO_TEST_CASE(a_bare_cr_or_lf_anywhere_is_not_canonical) {
  BOOST_TEST(examine("").canonical);
  BOOST_TEST(examine("a\r\n\r\nb\r\n").canonical);
  BOOST_TEST(examine("no line end").canonical);
  for (const std::string bad : {"\n", "\r", "a\n.\r\n", "a\r\n.\n", "a\n.\nb", "a\r.\r\n",
                                "a\r\r\n", "a\r\n\r", "\n\r\n", "\r\r\n.\r\n"}) {
    BOOST_TEST(!examine(bad).canonical, "as canonical: " << bad.size());
  }
}

BOOST_AUTO_TEST_CASE(eight_bit_octets_are_seen_in_header_and_body) {
  BOOST_TEST(!examine("abc\x7f\r\n").eight_bit);
  BOOST_TEST(examine("abc\x80").eight_bit);
  BOOST_TEST(examine("\xc3").eight_bit);
  BOOST_TEST(!has_8bit_header("A: b\r\n", "C: d\r\n\r\n\xc3\xa4\r\n"));
  BOOST_TEST(has_8bit_header("A: b\r\n", "C: \xc3\xa4\r\n\r\nbody\r\n"));
  BOOST_TEST(has_8bit_header("A: \xc3\xa4\r\n", "C: d\r\n\r\nbody\r\n"));
  BOOST_TEST(!has_8bit_header("", "\r\n\xc3\xa4\r\n\r\n"));
}

BOOST_AUTO_TEST_SUITE_END()
