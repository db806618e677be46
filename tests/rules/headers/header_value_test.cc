#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/headers/header_value.h"

using namespace postern;

namespace {
std::string value_of(std::string_view header, std::string_view source,
                     std::optional<std::string_view> envelope_from = std::nullopt) {
  const auto message = split_message(header);
  const auto parsed = parse_header_source(source);
  BOOST_REQUIRE(parsed.has_value());
  return HeaderValues(message.fields, envelope_from).get(*parsed).value_or("(absent)");
}
}  // namespace

BOOST_AUTO_TEST_SUITE(header_value)

BOOST_AUTO_TEST_CASE(fields_of_a_name_are_decoded_and_joined) {
  BOOST_TEST(value_of("X-A: one\r\nx-a:  two\r\n  more\r\n\r\n", "X-A") == "one\ntwo more\n");
  BOOST_TEST(value_of("Subject: =?utf-8?q?caf=C3=A9?= =?utf-8?q?_au_lait?=\r\n\r\n", "Subject") ==
             "caf\xc3\xa9 au lait\n");
  BOOST_TEST(value_of("Subject: caf\xe9\r\n\r\n", "Subject") == "caf\xc3\xa9\n");
  BOOST_TEST(value_of("A: x\r\n\r\n", "B") == "(absent)");
  BOOST_TEST(value_of("A:\r\n\r\n", "A") == "\n");
}

BOOST_AUTO_TEST_CASE(trace_fields_are_not_decoded) {
  BOOST_TEST(value_of("Message-ID: =?utf-8?q?x?=\r\n\r\n", "Message-ID") == "=?utf-8?q?x?=\n");
  BOOST_TEST(value_of("List-Id: =?utf-8?q?x?=\r\n\r\n", "List-Id") == "=?utf-8?q?x?=\n");
}

BOOST_AUTO_TEST_CASE(an_encoded_line_end_cannot_make_a_second_field) {
  BOOST_TEST(value_of("Subject: =?utf-8?q?a=0AX-Evil:_b?=\r\n\r\n", "ALL") ==
             "Subject: a X-Evil: b\n");
}

BOOST_AUTO_TEST_CASE(raw_keeps_blanks_folding_and_encoding) {
  BOOST_TEST(value_of("Subject:  =?utf-8?q?x?=\r\n\tb\r\n\r\n", "Subject:raw") ==
             "  =?utf-8?q?x?=\n\tb\n");
}

BOOST_AUTO_TEST_CASE(addresses_and_names_are_taken_apart) {
  constexpr std::string_view header =
      "From: =?utf-8?q?J=C3=B6rg?= <j@a.b>\r\nTo: x@y.z, Zoe <z@y.z>\r\nCc: c@d.e\r\n\r\n";
  BOOST_TEST(value_of(header, "From:addr") == "j@a.b");
  BOOST_TEST(value_of(header, "From:name") == "J\xc3\xb6rg");
  BOOST_TEST(value_of(header, "From:name:raw") == "=?utf-8?q?J=C3=B6rg?=");
  BOOST_TEST(value_of(header, "To:addr") == "x@y.z\nz@y.z");
  BOOST_TEST(value_of(header, "ToCc") == "x@y.z, Zoe <z@y.z>, c@d.e\n");
  BOOST_TEST(value_of(header, "ToCc:addr") == "x@y.z\nz@y.z\nc@d.e");
}

BOOST_AUTO_TEST_CASE(all_lists_every_field_in_order) {
  BOOST_TEST(value_of("A: 1\r\nB: =?utf-8?q?x?=\r\n y\r\n\r\n", "ALL") == "A: 1\nB: x y\n");
  BOOST_TEST(value_of("A: 1\r\nB: x\r\n y\r\n\r\n", "ALL:raw") == "A: 1\nB: x\n y\n");
  BOOST_TEST(value_of("A: " + std::string(200'000, 'x') + "\r\n\r\n", "ALL").size() <= 65536U);
}

BOOST_AUTO_TEST_CASE(messageid_collects_its_four_fields) {
  BOOST_TEST(value_of("Message-Id: <a@b>\r\nX-Message-Id: <c@d>\r\n\r\n", "MESSAGEID") ==
             "<c@d>\n<a@b>\n");
  BOOST_TEST(value_of("A: b\r\n\r\n", "MESSAGEID") == "(absent)");
}

BOOST_AUTO_TEST_CASE(envelope_sender_is_the_transactions_or_stands_above_the_first_received) {
  constexpr std::string_view above = "Return-Path: <r@p>\r\nReceived: x\r\n\r\n";
  constexpr std::string_view below = "Received: x\r\nReturn-Path: <r@p>\r\n\r\n";
  BOOST_TEST(value_of(above, "EnvelopeFrom") == "r@p\n");
  BOOST_TEST(value_of(below, "EnvelopeFrom") == "(absent)");
  BOOST_TEST(value_of(above, "EnvelopeFrom", "t@x") == "t@x\n");
  BOOST_TEST(value_of(above, "EnvelopeFrom", "") == "\n");
}

BOOST_AUTO_TEST_CASE(unknown_modifiers_are_refused_at_their_place) {
  const auto source = parse_header_source("From:ipaddr");
  BOOST_REQUIRE(!source.has_value());
  BOOST_TEST(source.error().at == 5U);
  BOOST_TEST(!parse_header_source(":addr").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
