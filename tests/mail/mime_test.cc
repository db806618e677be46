// mime_test.cc — the tree of parts: what it is made of, and that nobody can make it costly.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <chrono>

#include "gateway/mail/mime.h"

using namespace postern;

namespace {

/// The types of all parts, depth by indentation: "multipart/mixed( text/plain text/html )" as text.
std::string shape(const MimeTree& tree) {
  std::string out;
  for (const auto& part : tree.parts) out += std::string(part.depth, '.') + part.media_type() + " ";
  return out;
}

void check_nesting(const MimeTree& tree, std::size_t size) {
  for (std::size_t i = 0; i < tree.parts.size(); ++i) {
    const auto& part = tree.parts[i];
    BOOST_REQUIRE(part.header.begin <= part.header.end);
    BOOST_REQUIRE(part.header.end <= part.body.begin);
    BOOST_REQUIRE(part.body.begin <= part.body.end);
    BOOST_REQUIRE(part.body.end <= size);
    std::size_t behind = part.body.begin;
    for (const auto child_index : part.children) {
      BOOST_REQUIRE(child_index > i);
      const auto& child = tree.parts[child_index];
      BOOST_REQUIRE(child.parent == i);
      BOOST_REQUIRE(child.depth == part.depth + 1);
      BOOST_REQUIRE(child.header.begin >= behind);
      BOOST_REQUIRE(child.body.end <= part.body.end);
      BOOST_REQUIRE(child.body.end - child.header.begin < part.body.end - part.header.begin);
      behind = child.body.end;
    }
  }
}

MimeTree parse(std::string_view octets) {
  auto tree = parse_mime(octets);
  check_nesting(tree, octets.size());
  return tree;
}

bool has(std::string_view octets, MimeAnomaly anomaly) {
  return parse(octets).anomalies.has(anomaly);
}

std::string multipart(std::string_view parameters, std::string_view body) {
  return "Content-Type: multipart/mixed; " + std::string(parameters) + "\r\n\r\n" +
         std::string(body);
}

/// The seconds that one run takes: the best of three, so that another process does not decide.
double seconds_for(const std::string& octets) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto tree = parse_mime(octets);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    BOOST_REQUIRE(!tree.parts.empty());
    best = std::min(best, took.count());
  }
  return best;
}

/// t(2n)/t(n) < 2.5, as of fault F32, with some room for noise in small times.
template <class Make>
void check_linear(const char* what, Make make, std::size_t n) {
  const double once = seconds_for(make(n));
  const double twice = seconds_for(make(2 * n));
  BOOST_TEST(twice < 2.5 * once + 0.02, what << ": " << once << " s, then " << twice << " s");
}

std::string nested_multiparts(std::size_t n, std::string_view content_type = "") {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    out += std::string(content_type) + "Content-Type: multipart/mixed; boundary=b" +
           std::to_string(i) + "\r\n\r\n--b" + std::to_string(i) + "\r\n";
  }
  return out;
}

std::string repeat(std::string_view text, std::size_t n) {
  std::string out;
  out.reserve(text.size() * n);
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mime_suite)

BOOST_AUTO_TEST_CASE(a_message_without_mime_is_one_text) {
  const auto tree = parse("Subject: hi\r\n\r\nhello\r\n");

  BOOST_REQUIRE(tree.parts.size() == 1U);
  BOOST_TEST(tree.parts[0].media_type() == "text/plain");
  BOOST_TEST(tree.parts[0].encoding == "7bit");
  BOOST_TEST(tree.parts[0].body.of("Subject: hi\r\n\r\nhello\r\n") == "hello\r\n");
  BOOST_TEST(tree.anomalies.empty());
}

BOOST_AUTO_TEST_CASE(the_simple_multipart_of_rfc_2046_section_5_1_1_is_taken_apart) {
  const std::string octets = multipart(
      "boundary=\"simple boundary\"",
      "This is the preamble.  It is to be ignored.\r\n"
      "\r\n--simple boundary\r\n\r\n"
      "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak."
      "\r\n--simple boundary\r\nContent-type: text/plain; charset=us-ascii\r\n\r\n"
      "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n"
      "\r\n--simple boundary--\r\n\r\nThis is the epilogue.  It is also to be ignored.\r\n");

  const auto tree = parse(octets);

  BOOST_REQUIRE(tree.parts.size() == 3U);
  BOOST_TEST(tree.anomalies.empty());
  BOOST_TEST(tree.parts[1].body.of(octets) ==
             "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.");
  BOOST_TEST(tree.parts[2].body.of(octets) ==
             "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n");
  BOOST_TEST(tree.parts[2].charset == "us-ascii");
}

BOOST_AUTO_TEST_CASE(parts_come_depth_first_with_attached_messages_as_trees) {
  const auto tree =
      parse(multipart("boundary=a",
                      "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
                      "--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\n"
                      "--a\r\nContent-Type: message/rfc822\r\n\r\n"
                      "Subject: inner\r\nContent-Type: multipart/mixed; "
                      "boundary=c\r\n\r\n--c\r\nContent-Type: image/png\r\n\r\nx\r\n--c--\r\n"
                      "--a\r\nContent-Type: application/pdf\r\n\r\nlast\r\n--a--\r\n"));

  BOOST_TEST(shape(tree) ==
             "multipart/mixed .multipart/alternative ..text/plain ..text/html .message/rfc822 "
             "..multipart/mixed ...image/png .application/pdf ");
  BOOST_TEST(tree.anomalies.empty());
}

BOOST_AUTO_TEST_CASE(the_parts_of_a_digest_are_messages_by_default) {
  const auto tree = parse(
      "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nSubject: "
      "one\r\n\r\nbody\r\n--d--\r\n");

  BOOST_TEST(shape(tree) == "multipart/digest .message/rfc822 ..text/plain ");
}

BOOST_AUTO_TEST_CASE(an_attachment_has_its_names_and_encoding) {
  const auto tree = parse(
      "Content-Type: application/octet-stream; name=\"one.txt\"\r\nContent-Transfer-Encoding: "
      "BASE64 (armour)\r\n"
      "Content-Disposition: Attachment; filename*=utf-8''%e2%82%ac.exe\r\n\r\nZm9v\r\n");

  const auto& part = tree.parts[0];
  BOOST_TEST(part.encoding == "base64");
  BOOST_TEST(part.disposition == "attachment");
  BOOST_TEST(part.filename == "€.exe");
  BOOST_TEST(part.filenames.contains("one.txt"));
  BOOST_TEST(tree.anomalies.empty());
}

BOOST_AUTO_TEST_CASE(bare_line_feeds_are_understood) {
  const std::string octets =
      "Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a\n\ntwo\n--a--\n";
  const auto tree = parse(octets);

  BOOST_REQUIRE(tree.parts.size() == 3U);
  BOOST_TEST(tree.parts[1].body.of(octets) == "one");
}

BOOST_AUTO_TEST_CASE(blanks_may_follow_a_boundary_and_nothing_else) {
  BOOST_TEST(parse(multipart("boundary=a", "--a \t\r\n\r\none\r\n--a-- \r\n")).parts.size() == 2U);
  BOOST_TEST(parse(multipart("boundary=a", "--a\r\n\r\n--ab\r\n--a x\r\n --a\r\nx--a\r\n--a--\r\n"))
                 .parts.size() == 2U);
}

BOOST_AUTO_TEST_CASE(empty_parts_are_parts) {
  const auto tree = parse(multipart("boundary=a", "--a\r\n--a\r\n\r\n--a\n--a--"));
  BOOST_TEST(tree.parts.size() == 4U);
}

BOOST_AUTO_TEST_CASE(an_outer_boundary_ends_all_inside_it) {
  const auto tree =
      parse(multipart("boundary=a",
                      "--a\r\nContent-Type: multipart/mixed; "
                      "boundary=b\r\n\r\n--b\r\n\r\ninner\r\n--a\r\n\r\nouter\r\n--a--\r\n"));

  BOOST_TEST(shape(tree) == "multipart/mixed .multipart/mixed ..text/plain .text/plain ");
  BOOST_TEST(tree.parts[1].anomalies.has(MimeAnomaly::missing_end_boundary));
  BOOST_TEST(!tree.parts[0].anomalies.has(MimeAnomaly::missing_end_boundary));
}

BOOST_AUTO_TEST_CASE(of_two_boundaries_the_first_counts_and_the_doubt_is_reported) {
  const auto octets = multipart("boundary=a; boundary=b",
                                "--a\r\nContent-Type: text/html\r\n\r\nx\r\n--a--\r\n"
                                "--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n");

  BOOST_TEST(shape(parse(octets)) == "multipart/mixed .text/html ");
  BOOST_TEST(has(octets, MimeAnomaly::duplicate_boundary));
}

BOOST_AUTO_TEST_CASE(duplicate_fields_are_reported_and_the_first_is_kept) {
  const auto tree = parse(
      "Content-Type: text/html\r\nContent-type: image/png; name=x.exe\r\n"
      "Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\nZm9v");

  BOOST_TEST(tree.parts[0].media_type() == "text/html");
  BOOST_TEST(tree.parts[0].encoding == "base64");
  BOOST_TEST(tree.parts[0].filenames.contains("x.exe"));
  BOOST_TEST(tree.anomalies.has(MimeAnomaly::duplicate_type));
  BOOST_TEST(tree.anomalies.has(MimeAnomaly::duplicate_encoding));
}

BOOST_AUTO_TEST_CASE(each_damage_is_reported_under_its_name) {
  using enum MimeAnomaly;
  BOOST_TEST(has("Content-Type: text/plain; charset=a; charset=b\r\n\r\n", duplicate_charset));
  BOOST_TEST(has(
      multipart("boundary=a", "--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a--\r\n"),
      reused_boundary));
  BOOST_TEST(has(multipart("boundary=" + std::string(71, 'x'), ""), long_boundary));
  BOOST_TEST(!has(multipart("boundary=" + std::string(70, 'x'), ""), long_boundary));
  BOOST_TEST(has("Content-Type: multipart/mixed\r\n\r\n--\r\n\r\n----\r\n", missing_boundary));
  BOOST_TEST(has(multipart("boundary=a", "no such line"), missing_boundary));
  BOOST_TEST(has(multipart("boundary=a", "--a\r\n\r\nx\r\n"), missing_end_boundary));
  BOOST_TEST(
      has(multipart("boundary=a", "--a\r\n\r\nx\r\n--a--\r\n--a\r\n\r\ny\r\n"), parts_after_end));
  BOOST_TEST(has("Content-Transfer-Encoding: base64\r\n\r\nZm9v!!", bad_base64));
  BOOST_TEST(has("Content-Transfer-Encoding: x-own\r\n\r\n", unknown_encoding));
  BOOST_TEST(has(multipart("boundary=a\r\nContent-Transfer-Encoding: base64", "--a\r\n\r\n--a--"),
                 encoded_container));
  BOOST_TEST(has("Content-Type: text/plain\r\nno field\r\n\r\n", malformed_header));
  BOOST_TEST(has("Content-Type: text\r\n\r\n", malformed_field));
  BOOST_TEST(has("Content-Type: te xt/plain\r\n\r\n", malformed_field));
  BOOST_TEST(has("Content-Type: text/plain", no_empty_line));
  std::string many = "Content-Type: text/plain";
  for (int i = 0; i < 65; ++i) many += "; a=b";
  BOOST_TEST(has(many + "\r\n\r\n", too_many_parameters));
}

BOOST_AUTO_TEST_CASE(parts_behind_the_end_line_are_listed) {
  BOOST_TEST(shape(parse(multipart(
                 "boundary=a",
                 "--a\r\n\r\nx\r\n--a--\r\n--a\r\nContent-Type: image/png\r\n\r\ny\r\n--a--"))) ==
             "multipart/mixed .text/plain .image/png ");
}

BOOST_AUTO_TEST_CASE(a_part_that_is_no_header_at_all_is_read_as_text) {
  const std::string octets = multipart("boundary=a", "--a\r\nno header here\r\n--a--\r\n");
  const auto tree = parse(octets);

  BOOST_REQUIRE(tree.parts.size() == 2U);
  BOOST_TEST(tree.parts[1].body.of(octets) == "no header here");
  BOOST_TEST(tree.parts[1].anomalies.has(MimeAnomaly::no_empty_line));
}

BOOST_AUTO_TEST_CASE(a_digest_part_without_a_header_has_no_child_of_its_own_size) {
  const auto tree =
      parse("Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\nno header here\r\n--d--\r\n");

  BOOST_TEST(shape(tree) == "multipart/digest .text/plain ");
}

BOOST_AUTO_TEST_CASE(an_encoded_message_is_a_leaf) {
  const auto tree = parse(
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: "
      "base64\r\n\r\nU3ViamVjdDogaGkNCg0K");

  BOOST_TEST(tree.parts.size() == 1U);
  BOOST_TEST(tree.anomalies.has(MimeAnomaly::encoded_container));
}

BOOST_AUTO_TEST_CASE(anomalies_have_names) {
  MimeAnomalies anomalies;
  anomalies.add(MimeAnomaly::no_empty_line);
  anomalies.add(MimeAnomaly::duplicate_type);

  BOOST_REQUIRE(anomalies.names().size() == 2U);
  BOOST_TEST(anomalies.names()[0] == "duplicate_type");
  BOOST_TEST(anomalies.names()[1] == "no_empty_line");
}

BOOST_AUTO_TEST_CASE(ten_thousand_levels_end_at_the_limit) {
  const auto tree = parse(nested_multiparts(10000));
  BOOST_TEST(tree.parts.size() == 32U);
  BOOST_TEST(tree.parts.back().depth == 31U);
  BOOST_TEST(tree.anomalies.has(MimeAnomaly::too_deep));

  const auto messages = parse(repeat("Content-Type: message/rfc822\r\n\r\n", 10000));
  BOOST_TEST(messages.parts.size() == 32U);
  BOOST_TEST(messages.anomalies.has(MimeAnomaly::too_deep));
}

BOOST_AUTO_TEST_CASE(a_million_parts_end_at_the_limit) {
  const auto tree = parse(multipart("boundary=a", repeat("--a\r\n\r\n", 1000000)));

  BOOST_TEST(tree.parts.size() == 1000U);
  BOOST_TEST(tree.anomalies.has(MimeAnomaly::too_many_parts));
}

BOOST_AUTO_TEST_CASE(the_limit_on_parts_holds_over_all_levels) {
  std::string inner = "--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
                      repeat("--b\r\n\r\n", 400) + "--b--\r\n";
  const auto tree = parse(multipart("boundary=a", repeat(inner, 10) + "--a--\r\n"));

  BOOST_TEST(tree.parts.size() == 1000U);
  BOOST_TEST(tree.anomalies.has(MimeAnomaly::too_many_parts));
}

BOOST_AUTO_TEST_CASE(costs_grow_no_faster_than_the_message) {
  check_linear("nested multiparts", [](std::size_t n) { return nested_multiparts(n); }, 20000);
  check_linear(
      "nested messages",
      [](std::size_t n) { return repeat("Content-Type: message/rfc822\r\n\r\n", n); }, 30000);
  check_linear(
      "parts without an empty line",
      [](std::size_t n) { return multipart("boundary=a", repeat("--a\r\nA: b\r\n", n)); }, 200000);
  check_linear(
      "parameters",
      [](std::size_t n) {
        return "Content-Type: text/plain" + repeat("; filename*1=a", n) + "\r\n\r\n";
      },
      100000);
  check_linear(
      "encoded words",
      [](std::size_t n) {
        return "Content-Type: a/b; name=\"" + repeat("=?a?q?", n) + "\"\r\n\r\n";
      },
      200000);
  check_linear(
      "comments",
      [](std::size_t n) { return "Content-Type: a/b; c=d" + repeat("(", n) + "\r\n\r\n"; },
      1000000);
  check_linear(
      "dashes",
      [](std::size_t n) {
        return multipart("boundary=" + std::string(n, '-') + "x",
                         std::string(n, '-') + "\r\n" + std::string(n, '-'));
      },
      1000000);
  check_linear(
      "fields", [](std::size_t n) { return repeat("Content-Type: a/b; name=c\r\n", n) + "\r\n"; },
      50000);
}

BOOST_AUTO_TEST_SUITE_END()
