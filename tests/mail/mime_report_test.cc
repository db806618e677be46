// mime_report_test.cc — what `postern mime` prints, which scripts rely on.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "gateway/mail/mime_report.h"

using namespace postern;

namespace {

constexpr std::string_view message =
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; "
    "charset=UTF-8\r\n\r\nfoo\r\n"
    "--a\r\nContent-Type: image/png; name=\"x\ty\\\\z\"\r\nContent-Transfer-Encoding: "
    "base64\r\n\r\nZm9v\r\n--a--\r\n";
constexpr std::string_view foo_hash =
    "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

}  // namespace

BOOST_AUTO_TEST_SUITE(mime_report_suite)

BOOST_AUTO_TEST_CASE(a_part_is_a_line_of_seven_columns) {
  const std::string hash(foo_hash);

  BOOST_TEST(mime_report(message, false) ==
             "1\tmultipart/mixed\t7bit\t-\t-\t-\t-\n"
             "1.1\ttext/plain\t7bit\tutf-8\t-\t3\t" +
                 hash + "\n" + "1.2\timage/png\tbase64\t-\tx\\x09y\\\\z\t3\t" + hash + "\n");
}

BOOST_AUTO_TEST_CASE(json_is_a_tree_of_objects) {
  const std::string hash(foo_hash);

  BOOST_TEST(
      mime_report(message, true) ==
      R"({"anomalies":[],"root":{"part":"1","type":"multipart/mixed","encoding":"7bit","charset":null,)"
      R"("disposition":null,"filename":null,"filenames":[],"size":null,"sha256":null,"anomalies":[],"children":[)"
      R"({"part":"1.1","type":"text/plain","encoding":"7bit","charset":"utf-8","disposition":null,"filename":null,)"
      R"("filenames":[],"size":3,"sha256":")" +
          hash +
          R"(","anomalies":[],"children":[]},)"
          R"({"part":"1.2","type":"image/png","encoding":"base64","charset":null,"disposition":null,)"
          R"("filename":"x\u0009y\\z","filenames":["x\u0009y\\\\z","x\u0009y\\z"],"size":3,"sha256":")" +
          hash +
          R"(","anomalies":[],"children":[]}]}})"
          "\n");
}

BOOST_AUTO_TEST_CASE(brackets_balance_at_every_depth) {
  std::string octets;
  for (int i = 0; i < 40; ++i) octets += "Content-Type: message/rfc822\r\n\r\n";
  const std::string report = mime_report(octets, true);

  BOOST_TEST(std::count(report.begin(), report.end(), '{') ==
             std::count(report.begin(), report.end(), '}'));
  BOOST_TEST(std::count(report.begin(), report.end(), '[') ==
             std::count(report.begin(), report.end(), ']'));
  BOOST_TEST(report.ends_with("]}}\n"));
}

BOOST_AUTO_TEST_SUITE_END()
