#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {
double mime(std::string_view what, std::string_view message) {
  return evaluate("check_for_mime", {std::string(what)}, message);
}
const std::string alternative = "Content-Type: multipart/alternative; boundary=b\n\n";
}  // namespace

BOOST_AUTO_TEST_SUITE(mime_eval)

BOOST_AUTO_TEST_CASE(encodings_of_parts_are_counted_as_declared) {
  BOOST_TEST(mime("mime_base64_count", "Content-Transfer-Encoding: BASE64\n\nQQ==\n") == 1);
  BOOST_TEST(mime("mime_base64_count", "X: y\n\nQQ==\n") == 0);
  BOOST_TEST(mime("mime_attachment", "Content-Disposition: attachment\n\nx\n") == 1);
  BOOST_TEST(mime("no_such_property", "X: y\n\nx\n") == 0);
}

BOOST_AUTO_TEST_CASE(base64_of_ascii_text_is_odd_unless_it_is_placed) {
  const std::string text = "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n";
  BOOST_TEST(mime("mime_base64_encoded_text", text + "\nQQ==\n") == 1);
  BOOST_TEST(mime("mime_base64_encoded_text", text + "Content-Disposition: inline\n\nQQ==\n") == 0);
  BOOST_TEST(mime("mime_base64_encoded_text",
                  "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
                  "base64\n\nQQ==\n") == 0);
}

BOOST_AUTO_TEST_CASE(quoted_printable_counts_what_needs_no_encoding) {
  const std::string header = "Content-Transfer-Encoding: quoted-printable\n\n";
  BOOST_TEST(mime("mime_qp_count", header + "=41=42\n") == 1);
  BOOST_TEST(mime("mime_qp_count", header + "=E9=3D=20=20\n") == 0);
  BOOST_TEST(mime("mime_qp_count", "Content-Transfer-Encoding: quoted-printable\n\n") == 1);
  BOOST_TEST(evaluate("check_qp_ratio", {"0.2"}, header + "=41x\n") == 1);
  BOOST_TEST(evaluate("check_qp_ratio", {"0.3"}, header + "=41x\n") == 0);
}

BOOST_AUTO_TEST_CASE(lines_of_quoted_printable_may_have_79_octets_with_their_end) {
  const std::string header = "Content-Transfer-Encoding: quoted-printable\n\n";
  BOOST_TEST(mime("mime_qp_long_line", header + std::string(78, 'a') + "\n") == 0);
  BOOST_TEST(mime("mime_qp_long_line", header + std::string(79, 'a') + "\n") == 1);
}

BOOST_AUTO_TEST_CASE(names_that_look_like_iso_and_are_none_are_noticed) {
  const auto odd = [](const std::string& charset) {
    return mime("mime_bad_iso_charset", "Content-Type: text/plain; charset=" + charset + "\n\nx\n");
  };
  BOOST_TEST(odd("iso-8859-1") == 0);
  BOOST_TEST(odd("iso-2022-jp") == 0);
  BOOST_TEST(odd("iso-8859-123") == 1);
  BOOST_TEST(odd("iso-1234-x") == 1);
  BOOST_TEST(odd("utf-8") == 0);
}

BOOST_AUTO_TEST_CASE(ascii_text_with_other_octets_is_illegal) {
  BOOST_TEST(evaluate("check_for_ascii_text_illegal", {}, "X: y\n\ncaf\xe9\n") == 1);
  BOOST_TEST(evaluate("check_for_ascii_text_illegal", {},
                      "Content-Type: text/plain; charset=iso-8859-1\n\ncaf\xe9\n") == 0);
  BOOST_TEST(evaluate("check_for_ascii_text_illegal", {}, "X: y\n\nplain\n") == 0);
}

BOOST_AUTO_TEST_CASE(html_alone_is_told_from_html_with_text) {
  const std::string both = alternative + "--b\n\nx\n--b\nContent-Type: text/html\n\n<p>x\n--b--\n";
  BOOST_TEST(evaluate("check_for_mime_html", {}, both) == 1);
  BOOST_TEST(evaluate("check_for_mime_html_only", {}, both) == 0);
  BOOST_TEST(evaluate("check_for_mime_html_only", {}, "Content-Type: TEXT/HTML\n\nx\n") == 1);
}

BOOST_AUTO_TEST_CASE(the_ratio_of_text_to_html_is_that_of_octets) {
  const std::string both =
      alternative + "--b\n\n12345\n--b\nContent-Type: text/html\n\n1234567890\n--b--\n";
  BOOST_TEST(evaluate("check_mime_multipart_ratio", {"0.5", "0.6"}, both) == 1);
  BOOST_TEST(evaluate("check_mime_multipart_ratio", {"0.4", "0.5"}, both) == 0);
  BOOST_TEST(evaluate("check_mime_multipart_ratio", {"1.0", "1.1"}, "X: y\n\nx\n") == 1);
}

BOOST_AUTO_TEST_CASE(html_references_in_plain_text_are_weighed) {
  BOOST_TEST(evaluate("check_abundant_unicode_ratio", {"0.5"}, "X: y\n\n&#xABCD;a\n") == 1);
  BOOST_TEST(evaluate("check_abundant_unicode_ratio", {"0.5"}, "X: y\n\n&#xabcd;a\n") == 0);
  BOOST_TEST(!find_eval("check_abundant_unicode_ratio")->bind({"half"}, {}).has_value());
}

BOOST_AUTO_TEST_CASE(damage_of_the_message_is_told_by_name) {
  BOOST_TEST(evaluate("check_msg_parse_flags", {"missing_head_body_separator"}, "X: y\n") == 1);
  BOOST_TEST(evaluate("check_msg_parse_flags", {"truncated_header"},
                      "X: " + std::string(9000, 'x') + "\n\n") == 1);
  std::string many;
  for (int i = 0; i < 4000; ++i) many += "X: 0123456789abcdef\n";
  BOOST_TEST(evaluate("check_msg_parse_flags", {"truncated_header"}, many + "\nx\n") == 1);
}

BOOST_AUTO_TEST_CASE(a_damage_that_is_not_known_is_legal_and_never_there) {
  const auto bound = find_eval("check_msg_parse_flags")->bind({"odd"}, {});
  BOOST_REQUIRE(!bound.has_value());
  BOOST_TEST(bound.error().legal);
}

BOOST_AUTO_TEST_CASE(an_alternative_of_anything_but_text_is_odd) {
  BOOST_TEST(evaluate("check_ma_non_text", {},
                      alternative + "--b\nContent-Type: image/gif\n\nx\n--b--\n") == 1);
  BOOST_TEST(evaluate("check_ma_non_text", {},
                      alternative + "--b\nContent-Type: application/rtf\n\nx\n--b--\n") == 0);
}

BOOST_AUTO_TEST_CASE(the_longest_line_of_base64_is_measured_with_its_end) {
  const std::string text = "Content-Transfer-Encoding: base64\n\nQUJD\nQUJDQUJD\n";
  BOOST_TEST(evaluate("check_base64_length", {"9"}, text) == 1);
  BOOST_TEST(evaluate("check_base64_length", {"10"}, text) == 0);
  BOOST_TEST(evaluate("check_base64_length", {"1", "8"}, text) == 0);
}

BOOST_AUTO_TEST_CASE(capitals_are_counted_in_texts_that_are_long_enough) {
  std::string shouting;
  for (int i = 0; i < 60; ++i) shouting += "AB c\n";
  BOOST_TEST(evaluate("check_for_uppercase", {"50", "75"}, "X: y\n\n" + shouting) == 1);
  BOOST_TEST(evaluate("check_for_uppercase", {"0", "100"}, "X: y\n\nAB c\n") == 0);
  BOOST_TEST(evaluate("check_for_uppercase", {"0", "100"},
                      "Content-Type: text/plain; charset=koi8-r\n\n" + shouting) == 0);
}

BOOST_AUTO_TEST_CASE(charsets_of_other_languages_count_where_locales_are_named) {
  RuleSettings settings;
  settings.lists.ok_locales = "en";
  const std::string text = "Content-Type: text/plain; charset=koi8-r\n\n\xf0\xf2\xe9\xf7\xe5\xf4\n";
  BOOST_TEST(evaluate("check_for_mime", {"mime_faraway_charset"}, text, settings) == 1);
  BOOST_TEST(evaluate("check_for_faraway_charset", {}, text, settings) == 1);
  BOOST_TEST(evaluate("check_for_mime", {"mime_faraway_charset"}, text) == 0);
  BOOST_TEST(evaluate("check_for_faraway_charset", {},
                      "Content-Type: text/plain; charset=koi8-r\n\nplain\n", settings) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
