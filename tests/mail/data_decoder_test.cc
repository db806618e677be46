#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <string>

#include "gateway/mail/data_decoder.h"

using postern::DataDecoder;

namespace {

struct Decoded {
  std::string content;
  bool complete;
  std::size_t used;
  DataDecoder::Oddities odd;
};

Decoded decode(std::string_view octets, std::size_t piece, std::uint64_t limit = 1 << 20) {
  DataDecoder decoder(limit);
  std::size_t used = 0;
  while (used < octets.size() && !decoder.complete())
    used += decoder.feed(octets.substr(used, piece));
  const auto odd = decoder.oddities();
  const bool complete = decoder.complete();
  return {decoder.take(), complete, used, odd};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_decoder)

BOOST_AUTO_TEST_CASE(only_crlf_dot_crlf_ends_the_data_f40) {
  const std::string before = "line\r\n";
  const std::string after = "smuggled\r\n";
  for (const std::string look_alike :
       {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n.\r", "\r\n.\r\r\n",
        "\r\n.\n\n", "\r\n.\n\r\n", "\n\n.\r\n", "\r\n\n.\r\n", "\r\r\n.\n"}) {
    const std::string octets = before + look_alike + after + "\r\n.\r\n";

    const Decoded decoded = decode(octets, octets.size());

    BOOST_TEST_CONTEXT(look_alike) {
      BOOST_TEST(decoded.complete);
      BOOST_TEST(decoded.used == octets.size());
      BOOST_TEST(decoded.content.find("smuggled") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_division_into_pieces_changes_nothing) {
  const std::string octets = "a\r\n..b\r\n.c\nd\re\r\r\n.\n\n.\r\nlast\r\n.\r\nQUIT\r\n";
  const Decoded whole = decode(octets, octets.size());
  for (std::size_t piece = 1; piece < octets.size(); ++piece) {
    const Decoded split = decode(octets, piece);
    BOOST_TEST(split.content == whole.content);
    BOOST_TEST(split.used == whole.used);
    BOOST_TEST(split.odd.false_end == whole.odd.false_end);
  }
}

BOOST_AUTO_TEST_CASE(what_comes_out_has_no_bare_line_end) {
  const Decoded decoded = decode("a\nb\rc\r\r\nd\r\n.\r\n", 100);

  BOOST_TEST(decoded.content == "a\r\nb c \r\nd\r\n");
  BOOST_TEST(decoded.odd.bare_lf);
  BOOST_TEST(decoded.odd.bare_cr);
}

BOOST_AUTO_TEST_CASE(one_leading_dot_is_taken_away) {
  BOOST_TEST(decode("..\r\n...x\r\n.y\r\n.\r\n", 3).content == ".\r\n..x\r\ny\r\n");
}

BOOST_AUTO_TEST_CASE(an_empty_message_ends_at_once) {
  const Decoded decoded = decode(".\r\n", 1);
  BOOST_TEST(decoded.complete);
  BOOST_TEST(decoded.content.empty());
}

BOOST_AUTO_TEST_CASE(what_follows_the_end_is_left_alone) {
  const std::string octets = "x\r\n.\r\nMAIL FROM:<>\r\n";
  BOOST_TEST(decode(octets, octets.size()).used == 6U);
}

BOOST_AUTO_TEST_CASE(a_message_over_the_limit_is_read_to_its_end_and_not_kept_f33) {
  std::string octets;
  for (int i = 0; i < 2000; ++i) octets += "0123456789\r\n";
  octets += ".\r\n";

  const Decoded decoded = decode(octets, 777, 1000);

  BOOST_TEST(decoded.complete);
  BOOST_TEST(decoded.odd.too_large);
  BOOST_TEST(decoded.content.size() <= 1024U);
}

BOOST_AUTO_TEST_CASE(a_message_of_exactly_the_limit_is_no_odd_one) {
  const Decoded decoded = decode("12345678\r\n.\r\n", 100, 10);
  BOOST_TEST(!decoded.odd.too_large);
  BOOST_TEST(decode("123456789\r\n.\r\n", 100, 10).odd.too_large);
}

BOOST_AUTO_TEST_CASE(a_line_without_end_never_grows_beyond_its_cap_f45) {
  DataDecoder decoder(1 << 30);
  const std::string piece(100000, 'x');
  for (int i = 0; i < 100; ++i) {
    decoder.feed(piece);
    BOOST_TEST(decoder.held() <= 65536U + piece.size());
  }
  decoder.feed("\r\n.\r\n");
  BOOST_TEST(decoder.complete());
  BOOST_TEST(decoder.oddities().long_line);
}

BOOST_AUTO_TEST_SUITE_END()
