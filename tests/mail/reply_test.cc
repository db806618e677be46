// reply_test.cc — replies that we send, and those that servers send us.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "gateway/mail/reply.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(reply_suite)

BOOST_AUTO_TEST_CASE(a_reply_is_one_line_with_both_codes) {
  BOOST_TEST(reply(550, {5, 1, 1}, "User unknown").wire() == "550 5.1.1 User unknown\r\n");
  BOOST_TEST(reply(220, {}, "mx.example.org ESMTP").wire() == "220 mx.example.org ESMTP\r\n");
}

BOOST_AUTO_TEST_CASE(line_breaks_make_a_reply_of_several_lines) {
  const auto one = reply(250, {}, "mx.example.org\nPIPELINING\nSIZE 1000");

  BOOST_TEST(one.wire() == "250-mx.example.org\r\n250-PIPELINING\r\n250 SIZE 1000\r\n");
  BOOST_TEST(reply(550, {5, 7, 1}, "a\nb").wire() == "550-5.7.1 a\r\n550 5.7.1 b\r\n");
  BOOST_TEST(reply(550, {5, 7, 1}, "a\nb").line() == "550 5.7.1 a b");
}

BOOST_AUTO_TEST_CASE(controls_in_a_text_cannot_add_a_reply) {
  const std::string text("no\r250 yes\0\x7f\x1b", 13);

  BOOST_TEST(reply(550, {5, 7, 1}, text).wire() == "550 5.7.1 no?250 yes???\r\n");
  BOOST_TEST(reply(550, {5, 7, 1}, "x\r\n250 ok").wire() == "550-5.7.1 x?\r\n550 5.7.1 250 ok\r\n");
}

BOOST_AUTO_TEST_CASE(no_line_is_longer_than_512_octets) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += i % 7 ? "wörds " : std::string(40, 'x');
  const std::string wire = reply(550, {5, 7, 1}, text + std::string(3000, 'y')).wire();

  for (const auto line : split(wire.substr(0, wire.size() - 2), '\n')) {
    BOOST_TEST(line.size() + 1 <= 512U);
    BOOST_TEST(line.starts_with("550"));
  }
}

BOOST_AUTO_TEST_CASE(a_code_outside_the_protocol_is_sent_as_try_again) {
  BOOST_TEST(reply(99, {}, "x").wire() == "451 x\r\n");
  BOOST_TEST(reply(2500, {}, "x").wire() == "451 x\r\n");
}

BOOST_AUTO_TEST_CASE(enhanced_codes_follow_their_grammar) {
  BOOST_CHECK(parse_enhanced("5.7.1") == (EnhancedCode{5, 7, 1}));
  BOOST_CHECK(parse_enhanced("2.999.999") == (EnhancedCode{2, 999, 999}));
  for (const auto bad : {"", "5", "5.7", "5.7.", "5..1", "3.7.1", "5.7.1000", "5.1000.1", "5.7.1 ",
                         "55.7.1", "5.7.1.1", "5.7.-1", "5.0000.1"}) {
    BOOST_TEST(!parse_enhanced(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(a_reply_of_a_server_is_read_line_by_line) {
  ReplyReader reader;

  BOOST_CHECK(reader.feed("550-5.1.1 The address") == ReplyReader::State::more);
  BOOST_CHECK(reader.feed("550 5.1.1 does not exist") == ReplyReader::State::complete);
  const Reply got = reader.take();

  BOOST_TEST(got.code == 550);
  BOOST_CHECK(got.enhanced == (EnhancedCode{5, 1, 1}));
  BOOST_TEST(got.text == "The address\ndoes not exist");
}

BOOST_AUTO_TEST_CASE(a_reader_can_be_used_again_after_take) {
  ReplyReader reader;
  reader.feed("550 5.1.1 no");
  reader.take();

  BOOST_CHECK(reader.feed("250") == ReplyReader::State::complete);
  const Reply got = reader.take();
  BOOST_TEST(got.code == 250);
  BOOST_TEST(got.text.empty());
  BOOST_TEST(!got.enhanced.present());
}

BOOST_AUTO_TEST_CASE(an_enhanced_code_of_another_class_is_text) {
  ReplyReader reader;
  reader.feed("250 5.1.1 odd");

  const Reply got = reader.take();
  BOOST_TEST(!got.enhanced.present());
  BOOST_TEST(got.text == "5.1.1 odd");
}

BOOST_AUTO_TEST_CASE(what_is_no_reply_is_malformed) {
  for (const auto bad : {"", "25", "abc", "150 x", "600 x", "250x", "250\tx", "2 50", "+25 x"}) {
    ReplyReader reader;
    BOOST_CHECK_MESSAGE(reader.feed(bad) == ReplyReader::State::malformed, bad);
  }
  ReplyReader reader;
  BOOST_CHECK(reader.feed("250-yes") == ReplyReader::State::more);
  BOOST_CHECK(reader.feed("550 no") == ReplyReader::State::malformed);
}

BOOST_AUTO_TEST_CASE(an_endless_reply_ends_as_an_error) {
  ReplyReader reader;
  for (int i = 0; i < 100; ++i) BOOST_REQUIRE(reader.feed("250-more") == ReplyReader::State::more);
  BOOST_CHECK(reader.feed("250-more") == ReplyReader::State::malformed);

  ReplyReader other;
  BOOST_CHECK(other.feed("250 " + std::string(2044, 'x')) == ReplyReader::State::complete);
  BOOST_CHECK(ReplyReader().feed("250 " + std::string(2045, 'x')) == ReplyReader::State::malformed);
}

BOOST_AUTO_TEST_SUITE_END()
