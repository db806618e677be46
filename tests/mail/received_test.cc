// received_test.cc — the trace field and its date.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "gateway/base/bytes.h"
#include "gateway/mail/date.h"
#include "gateway/mail/received.h"

using namespace postern;

namespace {

Trace example() {
  Trace trace;
  trace.helo = "client.example.net";
  trace.client_name = "host.example.net";
  trace.client_address = "192.0.2.1";
  trace.host = "mx.example.org";
  trace.queue_id = "0d8k3v";
  trace.time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours(8) +
               seconds(62);
  return trace;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(received_suite)

BOOST_AUTO_TEST_CASE(dates_are_those_of_rfc_5322) {
  BOOST_TEST(format_date(WallTime{}) == "Thu, 01 Jan 1970 00:00:00 +0000");
  BOOST_TEST(format_date(WallTime{std::chrono::microseconds(951782399999999)}) ==
             "Mon, 28 Feb 2000 23:59:59 +0000");
  BOOST_TEST(format_date(WallTime{seconds(951782400)}) == "Tue, 29 Feb 2000 00:00:00 +0000");
}

BOOST_AUTO_TEST_CASE(the_field_says_who_how_and_when) {
  BOOST_TEST(received_field(example()) ==
             "Received: from client.example.net (host.example.net [192.0.2.1])\r\n"
             "\tby mx.example.org with ESMTP id 0d8k3v;\r\n"
             "\tSat, 21 Nov 2026 08:01:02 +0000\r\n");
}

BOOST_AUTO_TEST_CASE(tls_and_the_only_recipient_are_told) {
  Trace trace = example();
  trace.client_name = "";
  trace.client_address = "2001:db8::1";
  trace.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
  trace.recipient = "bob@example.org";

  BOOST_TEST(received_field(trace) ==
             "Received: from client.example.net (unknown [IPv6:2001:db8::1])\r\n"
             "\t(using TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n"
             "\tby mx.example.org with ESMTPS id 0d8k3v\r\n"
             "\tfor <bob@example.org>;\r\n"
             "\tSat, 21 Nov 2026 08:01:02 +0000\r\n");
}

BOOST_AUTO_TEST_CASE(the_words_behind_with_are_registered_ones) {
  Trace trace = example();
  BOOST_TEST(transmission_type(trace) == "ESMTP");
  trace.authenticated = true;
  BOOST_TEST(transmission_type(trace) == "ESMTPA");
  trace.tls = "TLSv1.3";
  BOOST_TEST(transmission_type(trace) == "ESMTPSA");
  trace.utf8 = true;
  BOOST_TEST(transmission_type(trace) == "UTF8SMTPSA");
  trace.lmtp = true;
  BOOST_TEST(transmission_type(trace) == "UTF8LMTPSA");
  Trace old = example();
  old.extended = false;
  BOOST_TEST(transmission_type(old) == "SMTP");
}

BOOST_AUTO_TEST_CASE(a_hostile_helo_stays_in_its_place) {
  Trace trace = example();
  trace.helo = "a (b) by c;\r\nX: y\x01" + std::string(1000, 'z');
  trace.client_name = "x]) by evil (";
  trace.tls = "cipher) by evil (";

  const std::string field = received_field(trace);

  BOOST_TEST(split_message(field + "\r\n").fields.size() == 1U);
  BOOST_TEST(field.find("a??b??by?c???X:?y?zzz") != std::string::npos);
  BOOST_TEST(std::count(field.begin(), field.end(), '(') == 2);
  BOOST_TEST(std::count(field.begin(), field.end(), ';') == 1);
}

BOOST_AUTO_TEST_CASE(hops_are_the_received_fields) {
  BOOST_TEST(count_hops(split_message(
                 "Received: a\r\nreceived:b\r\nX-Received: c\r\n\r\nReceived: body\r\n")) == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
