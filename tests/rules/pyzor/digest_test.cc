#include "rules/pyzor/digest.h"

#include <chrono>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace postern;

// The digests here are those that Pyzor 1.0.0 computes of the same octets.
BOOST_AUTO_TEST_SUITE(digest)

BOOST_AUTO_TEST_CASE(a_message_without_text_has_the_digest_of_nothing) {
  const auto digest = pyzor_digest(
      "Subject: x\n"
      "\n"
      "\n");

  BOOST_TEST(digest.value() == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

BOOST_AUTO_TEST_CASE(few_lines_all_count) {
  const auto digest = pyzor_digest(
      "Subject: x\n"
      "\n"
      "Cheap watches here\n"
      "Order them now\n");

  BOOST_TEST(digest.value() == "5359eba81ade474dadd8dbcc7a678e0725c82d46");
}

BOOST_AUTO_TEST_CASE(of_many_lines_three_at_20_and_three_at_60_percent_count) {
  std::string message = "Subject: x\n\n";
  for (const std::string word : {"one", "two", "three", "four", "five", "six", "seven", "eight",
                                 "nine", "ten", "eleven", "twelve"})
    message += "line number " + word + " of it\n";

  BOOST_TEST(pyzor_digest(message).value() == "b3e398ed8c45d1334b3ab5fcd59b4b430d4b0460");

  message.replace(message.find("six"), 3, "any");  // the sixth of twelve is none of the six
  BOOST_TEST(pyzor_digest(message).value() == "b3e398ed8c45d1334b3ab5fcd59b4b430d4b0460");
  message.replace(message.find("four"), 4, "some");
  BOOST_TEST(pyzor_digest(message).value() != "b3e398ed8c45d1334b3ab5fcd59b4b430d4b0460");
}

BOOST_AUTO_TEST_CASE(long_words_addresses_and_urls_are_left_out) {
  const auto digest = pyzor_digest(
      "Subject: x\n"
      "\n"
      "Dear a@b.example your unsubscribable code: http://e.x is here\n");

  BOOST_TEST(digest.value() == "c6abaf6e3a2e9ee8f692a05df0c4db64a11a78cd");
}

BOOST_AUTO_TEST_CASE(tags_of_html_are_left_out_and_references_read) {
  const auto digest = pyzor_digest(
      "Subject: x\n"
      "Content-Type: text/html; charset=utf-8\n"
      "\n"
      "<html><style>p { color: red }</style><p>Fish &amp; chips\n"
      "<b title=\"a>b\">only to&shy;day</b> &notin; here<!-- no comment --></p></html>\n");

  BOOST_TEST(digest.value() == "6b1dfeaacc4d5535d467ae431b93cc78958b5b4e");
}

BOOST_AUTO_TEST_CASE(parts_count_one_after_the_other_and_attachments_as_they_stand) {
  const auto digest = pyzor_digest(
      "Content-Type: multipart/mixed; boundary=b\n"
      "\n"
      "preamble does not count\n"
      "--b\n"
      "\n"
      "the first part\n"
      "--b\n"
      "Content-Type: application/pdf\n"
      "Content-Transfer-Encoding: base64\n"
      "\n"
      "QUFBQUFBQUFBQUFBQUFBQUFBQQ\n"
      "QUFBQQ==\n"
      "--b--\n"
      "an epilogue does not\n");

  BOOST_TEST(digest.value() == "810d83ad470274926476b709f2e70079ca94ed8d");
}

BOOST_AUTO_TEST_CASE(base64_in_a_charset_is_read) {
  const auto digest = pyzor_digest(
      "Content-Type: text/plain; charset=koi8-r\n"
      "Content-Transfer-Encoding: base64\n"
      "\n"
      "8NLJ18XUIM3J0iDXz9Qg1MHL\n");

  BOOST_TEST(digest.value() == "32143896306ebe4e349a2814d9ce0deff556584e");
}

BOOST_AUTO_TEST_CASE(where_python_gives_up_there_is_no_digest) {
  BOOST_TEST(!pyzor_digest("Content-Type: text/html\n\n<![wrong[ x ]]>\n"));
}

BOOST_AUTO_TEST_CASE(hostile_nesting_and_markup_take_linear_time) {
  std::string deep = "Content-Type: multipart/mixed; boundary=a\n\n";
  for (int i = 0; i < 5000; ++i) deep += "--a\nContent-Type: message/rfc822\n\n";
  std::string tags = "Content-Type: text/html\n\n";
  for (int i = 0; i < 100000; ++i) tags += "<a b='";
  std::string ends = "Content-Type: text/html\n\n<style>";
  for (int i = 0; i < 100000; ++i) ends += "</style ";

  const auto begin = std::chrono::steady_clock::now();
  for (const auto& message : {deep, tags, ends}) pyzor_digest(message);

  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(5)));
}

BOOST_AUTO_TEST_SUITE_END()
