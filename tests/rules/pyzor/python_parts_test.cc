#include "rules/pyzor/python_parts.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

BOOST_AUTO_TEST_SUITE(python_parts_of_a_message)

BOOST_AUTO_TEST_CASE(a_multipart_without_a_boundary_line_is_a_leaf) {
  const auto parts =
      python_parts("Content-Type: multipart/mixed; boundary=b\n\nsome text\n").value();

  BOOST_REQUIRE(parts.size() == 1U);
  BOOST_TEST(!parts[0].is_container);
  BOOST_TEST(parts[0].payload == "some text\n");
}

BOOST_AUTO_TEST_CASE(a_boundary_around_ends_an_inner_part) {
  const auto parts = python_parts(
                         "Content-Type: multipart/mixed; boundary=a\n\n"
                         "--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ninner\n"
                         "--a\n\nouter\n--a--\n")
                         .value();

  BOOST_REQUIRE(parts.size() == 4U);
  BOOST_TEST(parts[2].payload == "inner");
  BOOST_TEST(parts[3].payload == "outer");
}

BOOST_AUTO_TEST_CASE(parts_of_a_digest_are_messages) {
  const auto parts = python_parts(
                         "Content-Type: multipart/digest; boundary=a\n\n"
                         "--a\n\nSubject: x\n\ntext\n--a--\n")
                         .value();

  BOOST_REQUIRE(parts.size() == 3U);
  BOOST_TEST(parts[1].type == "message/rfc822");
  BOOST_TEST(parts[1].is_container);
  BOOST_TEST(parts[2].payload == "text");
}

BOOST_AUTO_TEST_CASE(a_delivery_status_is_blocks_of_fields) {
  const auto parts = python_parts(
                         "Content-Type: message/delivery-status\n\n"
                         "Reporting-MTA: dns; x\n\nAction: failed\n")
                         .value();

  BOOST_REQUIRE(parts.size() == 3U);
  BOOST_TEST(parts[2].payload == "");
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_field_begins_the_body) {
  const auto parts = python_parts("Subject: x\nno field\nmore\n").value();

  BOOST_TEST(parts[0].payload == "no field\nmore\n");
}

BOOST_AUTO_TEST_CASE(too_deep_a_message_is_not_taken_apart) {
  std::string message;
  for (int i = 0; i < 200; ++i) message += "Content-Type: message/rfc822\n\n";

  BOOST_TEST(!python_parts(message));
}

BOOST_AUTO_TEST_SUITE_END()
