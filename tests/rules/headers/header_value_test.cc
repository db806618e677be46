#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/headers/header_value.h"
#include "rules/settings.h"

using namespace postern;

namespace {

/// `header` has CRLF or LF line ends throughout.
std::string value_of(std::string_view header, std::string_view source,
                     std::optional<std::string_view> envelope_from = std::nullopt,
                     const RuleSettings& settings = {}) {
  const auto message = split_message(header);
  const auto parsed = parse_header_source(source);
  BOOST_REQUIRE(parsed.has_value());
  HeaderValues values({.fields = message.fields,
                       .header = message.header,
                       .crlf = header.find("\r\n") != std::string_view::npos,
                       .envelope_from = envelope_from,
                       .networks = settings.networks,
                       .boundaries = settings.domains.boundaries});
  return values.get(*parsed).value_or("(absent)");
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

BOOST_AUTO_TEST_CASE(first_and_last_choose_among_fields) {
  constexpr std::string_view header = "X-A: 1\nX-A: 2\nX-A: 3\n\n";
  BOOST_TEST(value_of(header, "X-A:first") == "1\n");
  BOOST_TEST(value_of(header, "X-A:last:raw") == " 3\n");
}

BOOST_AUTO_TEST_CASE(trace_fields_are_not_decoded) {
  BOOST_TEST(value_of("Message-ID: =?utf-8?q?x?=\r\n\r\n", "Message-ID") == "=?utf-8?q?x?=\n");
  BOOST_TEST(value_of("List-Id: =?utf-8?q?x?=\r\n\r\n", "List-Id") == "=?utf-8?q?x?=\n");
}

BOOST_AUTO_TEST_CASE(raw_keeps_blanks_folding_and_encoding) {
  BOOST_TEST(value_of("Subject:  =?utf-8?q?x?=\r\n\tb\r\n\r\n", "Subject:raw") ==
             "  =?utf-8?q?x?=\n\tb\n");
}

BOOST_AUTO_TEST_CASE(addresses_and_names_are_taken_apart) {
  constexpr std::string_view header =
      "From: =?utf-8?q?J=C3=B6rg?= <j@a.b>\r\nTo: x@y.z, 'Zoe  B' <z@y.z>\r\nCc: c@d.e\r\n\r\n";
  BOOST_TEST(value_of(header, "From:addr") == "j@a.b");
  BOOST_TEST(value_of(header, "From:name") == "J\xc3\xb6rg");
  BOOST_TEST(value_of(header, "To:name") == "Zoe B");
  BOOST_TEST(value_of(header, "To:addr") == "x@y.z\nz@y.z");
  BOOST_TEST(value_of(header, "ToCc") == "x@y.z, 'Zoe  B' <z@y.z>\nc@d.e\n");
  BOOST_TEST(value_of(header, "ToCc:addr") == "x@y.z\nz@y.z\nc@d.e");
}

BOOST_AUTO_TEST_CASE(all_lists_every_field_in_order) {
  BOOST_TEST(value_of("A: 1\r\nB: =?utf-8?q?x?=\r\n y\r\n\r\n", "ALL") == "A: 1\nB: x y\n");
  BOOST_TEST(value_of("A: 1\nB: x\n y\n\n", "ALL:raw") == "A: 1\nB: x\n y\n");
  BOOST_TEST(value_of("A: 1\nX-Spam-Flag: YES\n\n", "ALL") == "A: 1\n");
  BOOST_TEST(value_of("A: 1\nX-Spam-Flag: YES\n\n", "X-Spam-Flag") == "(absent)");
}

BOOST_AUTO_TEST_CASE(all_ends_where_64_kib_are_full) {
  std::string header;
  for (int i = 0; i < 12; ++i) header += "A: " + std::string(7000, 'x') + "\n";
  const auto all = value_of(header + "B: 1\n\n", "ALL");
  BOOST_TEST(all.size() <= 65536U);
  BOOST_TEST(all.size() > 60000U);
}

BOOST_AUTO_TEST_CASE(messageid_collects_its_four_fields) {
  BOOST_TEST(value_of("Message-Id: <a@b>\r\nX-Message-Id: <c@d>\r\n\r\n", "MESSAGEID") ==
             "<c@d>\n<a@b>\n");
  BOOST_TEST(value_of("A: b\r\n\r\n", "MESSAGEID") == "(absent)");
}

BOOST_AUTO_TEST_CASE(envelope_sender_is_the_transactions_or_stands_above_the_first_received) {
  constexpr std::string_view above = "Return-Path: <r@p>\r\nReceived: x\r\n\r\n";
  constexpr std::string_view below = "Received: x\r\nReturn-Path: <r@p>\r\n\r\n";
  BOOST_TEST(value_of(above, "EnvelopeFrom") == "r@p");
  BOOST_TEST(value_of(below, "EnvelopeFrom") == "(absent)");
  BOOST_TEST(value_of(above, "EnvelopeFrom", "t@x") == "t@x");
  BOOST_TEST(value_of(above, "EnvelopeFrom", "") == "");
}

BOOST_AUTO_TEST_CASE(a_configured_field_is_the_only_one_that_names_the_sender) {
  RuleSettings settings;
  settings.networks.envelope_sender_header = "X-Sender-Of-Envelope";
  constexpr std::string_view header =
      "Return-Path: <r@p>\nX-Sender-Of-Envelope: <s@t>\nReceived: x\n\n";
  BOOST_TEST(value_of(header, "EnvelopeFrom", {}, settings) == "s@t");
  BOOST_TEST(value_of("Return-Path: <r@p>\n\n", "EnvelopeFrom", {}, settings) == "(absent)");
}

BOOST_AUTO_TEST_CASE(addresses_of_hosts_are_found) {
  BOOST_TEST(value_of("X-A: by way of [192.0.2.7] and 192.0.2.8\n\n", "X-A:ip") == "192.0.2.7");
  BOOST_TEST(value_of("X-A: [192.0.2.7]\n\n", "X-A:revip") == "7.2.0.192");
  BOOST_TEST(value_of("From: A <a@mail.example.org>\n\n", "From:addr:host") == "mail.example.org");
}

BOOST_AUTO_TEST_CASE(hosts_end_in_a_known_top_level_domain) {
  RuleSettings settings;
  settings.domains.boundaries.add_top("org");
  constexpr std::string_view header = "X-A: see x.invalid2, then www.example.org, b.org\n\n";
  BOOST_TEST(value_of(header, "X-A:host", {}, settings) == "www.example.org");
  BOOST_TEST(value_of(header, "X-A:domain", {}, settings) == "example.org");
}

BOOST_AUTO_TEST_CASE(unknown_modifiers_are_refused_at_their_place) {
  const auto source = parse_header_source("From:ipaddr");
  BOOST_REQUIRE(!source.has_value());
  BOOST_TEST(source.error().at == 5U);
  BOOST_TEST(!parse_header_source(":addr").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
