#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/parts/message_parts.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
/// "type(depth)[raw]" of each part; "{…}" where it is no leaf.
std::string shown(const MessageParts& parts) {
  std::string out;
  for (const auto& part : parts.all()) {
    out += part.type + '(' + std::to_string(part.depth) + ')';
    out += part.is_leaf ? '[' + std::string(part.raw) + ']' : "{}";
  }
  return out;
}
std::string shown(std::string_view octets) { return shown(MessageParts(octets)); }

const std::string mixed = "Content-Type: multipart/mixed; boundary=b\n\n";
}  // namespace

BOOST_AUTO_TEST_SUITE(message_parts)

BOOST_AUTO_TEST_CASE(a_simple_message_is_one_part) {
  BOOST_TEST(shown("Subject: x\n\nhello\n") == "text/plain(0)[hello\n]");
  BOOST_TEST(shown("Subject: x\r\n\r\nhello\r\n") == "text/plain(0)[hello\n]");
  BOOST_TEST(shown("") == "text/plain(0)[]");
}

BOOST_AUTO_TEST_CASE(parts_stand_between_boundary_lines_and_lose_their_last_line_end) {
  const MessageParts parts(mixed +
                           "preamble\n--b\nContent-Type: text/html\n\none\n\n--b  \n\ntwo\n"
                           "--b--\nepilogue\n--b\n\nthree\n");

  BOOST_TEST(shown(parts) == "multipart/mixed(0){}text/html(1)[one\n]text/plain(1)[two]");
  BOOST_TEST(parts.flags.mime_epilogue_exists);
  BOOST_TEST(!parts.flags.missing_boundary);
  BOOST_TEST(parts.flags.missing_mime_headers);
}

BOOST_AUTO_TEST_CASE(a_part_without_a_last_boundary_has_its_last_line) {
  const MessageParts parts(mixed + "--b\nX: y\n\none\ntwo\n");

  BOOST_TEST(shown(parts) == "multipart/mixed(0){}text/plain(1)[one\ntwo\n]");
  BOOST_TEST(parts.flags.missing_boundary);
}

BOOST_AUTO_TEST_CASE(a_header_that_no_empty_line_ends_loses_its_last_field) {
  BOOST_TEST(shown(mixed + "--b\nContent-Type: text/html\n--b--\n") ==
             "multipart/mixed(0){}text/plain(1)[]");
}

BOOST_AUTO_TEST_CASE(a_multipart_without_a_boundary_is_text_and_one_without_parts_is_no_leaf) {
  BOOST_TEST(shown("Content-Type: multipart/mixed\n\nhello") == "text/plain(0)[hello]");
  BOOST_TEST(shown(mixed) == "multipart/mixed(0){}");
}

BOOST_AUTO_TEST_CASE(text_without_a_boundary_line_is_one_part_of_the_multipart) {
  BOOST_TEST(shown(mixed + "hello\nyou\n") == "multipart/mixed(0){}text/plain(1)[hello\nyou\n]");
}

BOOST_AUTO_TEST_CASE(attached_messages_are_opened_and_their_parts_come_in_reading_order) {
  const MessageParts parts(
      mixed +
      "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/alternative; "
      "boundary=i\n\n--i\n\nin\n--i--\n\n--b\n\nout\n--b--\n");

  BOOST_TEST(shown(parts) ==
             "multipart/mixed(0){}message/rfc822(1){}multipart/alternative(2){}"
             "text/plain(3)[in]text/plain(1)[out]");
  BOOST_TEST((parts.leaves() == std::vector<std::size_t>{3, 4}));
  BOOST_TEST(parts.all()[3].parent == 2U);
  BOOST_TEST((parts.root().children == std::vector<std::size_t>{1, 4}));
}

BOOST_AUTO_TEST_CASE(an_encoded_message_is_decoded_before_it_is_opened) {
  BOOST_TEST(shown("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
                   "U3ViamVjdDogeAoKaW4K\n") == "message/rfc822(0){}text/plain(1)[in\n]");
}

BOOST_AUTO_TEST_CASE(parts_of_a_digest_are_messages) {
  BOOST_TEST(shown("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nin\n--b--\n")
                 .find("message/rfc822(1){}text/plain(2)[in]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_boundary_that_a_part_uses_again_ends_the_part_first) {
  BOOST_TEST(shown(mixed +
                   "--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo"
                   "\n--b--\n") ==
             "multipart/mixed(0){}multipart/mixed(1){}text/plain(2)[one]text/plain(1)[two]");
}

BOOST_AUTO_TEST_CASE(long_runs_of_blank_lines_and_long_lines_in_parts_are_cut) {
  BOOST_TEST(shown("X: y\n\na" + std::string(40, '\n') + "b\n") ==
             "text/plain(0)[a" + std::string(21, '\n') + "b\n]");
  BOOST_TEST(shown(mixed + "--b\n\n" + std::string(2050, 'a') + "\n--b--\n") ==
             "multipart/mixed(0){}text/plain(1)[" + std::string(2048, 'a') + "\naa]");
  BOOST_TEST(shown("X: y\n\n" + std::string(2050, 'a')) ==
             "text/plain(0)[" + std::string(2050, 'a') + "]");
}

BOOST_AUTO_TEST_CASE(names_of_web_pages_make_html_and_encodings_are_undone_once) {
  const MessageParts parts(
      "Content-Type: application/x; name=a.html\nContent-Transfer-Encoding: "
      "Quoted-Printable\n\n=41=\n=42\n");

  BOOST_TEST(parts.root().effective_type() == "text/html");
  BOOST_TEST(parts.root().decoded() == "AB\n");
  BOOST_TEST(parts.root().name == "a.html");
}

BOOST_AUTO_TEST_CASE(twenty_levels_are_opened_and_the_rest_stays_text) {
  std::string message;
  for (int i = 0; i < 30; ++i) message += "Content-Type: message/rfc822\n\n";

  const MessageParts parts(message + "Subject: x\n\nin\n");

  BOOST_TEST(parts.all().size() == 21U);
}

BOOST_AUTO_TEST_CASE(a_thousand_parts_are_taken_and_no_more) {
  std::string message = mixed;
  for (int i = 0; i < 1500; ++i) message += "--b\n\nx\n";

  const MessageParts parts(message);

  BOOST_TEST(parts.all().size() == 1001U);
  BOOST_TEST(parts.flags.mimepart_limit_exceeded);
}

BOOST_AUTO_TEST_CASE(hostile_nesting_is_linear) {
  std::string message = mixed;
  for (int i = 0; i < 200'000; ++i) message += "--b\nContent-Type: multipart/mixed\n\n";
  BOOST_TEST(is_quick([&] { MessageParts{message}; }));
  BOOST_TEST(is_quick([&] { MessageParts{std::string(4'000'000, '\n')}; }));
}

BOOST_AUTO_TEST_SUITE_END()
