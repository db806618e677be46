#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/evals/image_size.h"
#include "rules/rules.h"
#include "tests/rules/evals/evals_support.h"

using namespace postern;
using namespace std::string_view_literals;

namespace {
constexpr auto gif = "GIF89a\x0a\x00\x14\x00\x80\x00\x00"sv;  // 10 wide, 20 high
constexpr auto png =
    "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x0a\x00\x00\x00\x14\x08\x06\x00\x00\x00"sv;
constexpr auto jpeg =
    "\xff\xd8\xff\xe0\x00\x04xx\xff\xc0\x00\x0b\x08\x00\x14\x00\x0a\x01\x01\x11\x00"sv;

/// A message that is one picture: the GIF above.
const std::string picture =
    "Content-Type: image/gif; name=a..gif\nContent-Transfer-Encoding: base64\n\n"
    "R0lGODlhCgAUAIAAAA==\n";
double ask(std::string_view function, const EvalArguments& arguments) {
  return evaluate(function, arguments, picture);
}
}  // namespace

BOOST_AUTO_TEST_SUITE(image_info)

BOOST_AUTO_TEST_CASE(pictures_say_their_size) {
  for (const auto& size : {gif_size(gif), png_size(png), jpeg_size(jpeg)}) {
    BOOST_REQUIRE(size.has_value());
    BOOST_TEST(size->width == 10U);
    BOOST_TEST(size->height == 20U);
  }
}

BOOST_AUTO_TEST_CASE(cut_or_foreign_octets_have_no_size) {
  for (const auto octets :
       {""sv, "GIF"sv, gif.substr(0, 7), png.substr(0, 12), jpeg.substr(0, 9)}) {
    BOOST_TEST(!gif_size(octets));
    BOOST_TEST(!png_size(octets));
    BOOST_TEST(!jpeg_size(octets));
  }
}

BOOST_AUTO_TEST_CASE(pictures_and_pixels_are_counted_by_format_and_in_all) {
  BOOST_TEST(ask("image_count", {"gif", "1", "1"}) == 1);
  BOOST_TEST(ask("image_count", {"all", "2"}) == 0);
  BOOST_TEST(ask("image_count", {"png", "0", "0"}) == 1);
  BOOST_TEST(ask("pixel_coverage", {"gif", "200", "200"}) == 1);
  BOOST_TEST(ask("pixel_coverage", {"all", "201"}) == 0);
}

BOOST_AUTO_TEST_CASE(only_base64_is_looked_into) {
  BOOST_TEST(evaluate("image_count", {"all", "1"}, "Content-Type: image/gif\n\nx\n") == 0);
}

BOOST_AUTO_TEST_CASE(sizes_are_height_first) {
  BOOST_TEST(ask("image_size_exact", {"gif", "20", "10"}) == 1);
  BOOST_TEST(ask("image_size_exact", {"gif", "10", "20"}) == 0);
  BOOST_TEST(ask("image_size_range", {"all", "20", "10", "20", "10"}) == 1);
  BOOST_TEST(ask("image_size_range", {"all", "21", "10"}) == 0);
}

BOOST_AUTO_TEST_CASE(names_are_compared_and_matched) {
  BOOST_TEST(ask("image_named", {"a..gif"}) == 1);
  BOOST_TEST(ask("image_named", {"A..gif"}) == 0);
  BOOST_TEST(ask("image_name_regex", {"^\\w+\\.\\.gif$"}) == 1);
}

BOOST_AUTO_TEST_CASE(the_text_ratio_takes_its_lower_bound_and_not_its_upper) {
  // The subject alone: "abc\n", four octets over 200 pixels.
  const auto message = "Subject: abc\n" + picture;
  BOOST_TEST(evaluate("image_to_text_ratio", {"gif", "0.02", "0.03"}, message) == 1);
  BOOST_TEST(evaluate("image_to_text_ratio", {"gif", "0.01", "0.02"}, message) == 0);
}

BOOST_AUTO_TEST_CASE(the_text_ratio_of_a_rawbody_rule_weighs_rawbody) {
  const std::string message =
      "Subject: abc\nContent-Type: multipart/mixed; boundary=b\n\n"
      "--b\nContent-Type: text/html\n\n<i>1234567890123</i>\n--b\n" +
      picture + "--b--\n";
  const auto of = [&](std::string_view kind) {
    const LoadOptions options;
    const auto loaded = load_rules_text(
        std::string(kind) + " R eval:image_to_text_ratio('gif', 0.1, 0.2)\n", "f.cf", options);
    ScanScratch scratch;
    return scan(*loaded.rules, {.octets = message}, scratch).hits.size();
  };
  BOOST_TEST(of("rawbody") == 1U);  // 21 octets over 200 pixels
  BOOST_TEST(of("body") == 0U);     // 18
}

BOOST_AUTO_TEST_CASE(a_picture_of_no_known_format_is_legal_and_never_there) {
  const auto loaded = load_rules_text("body R eval:image_count('bmp', 1)\n", "f.cf");
  BOOST_TEST(loaded.problems.empty());
  BOOST_TEST(loaded.remarks.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
