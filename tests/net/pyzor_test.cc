#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <string>

#include "gateway/net/pyzor_message.h"

using namespace postern;

namespace {
const std::string digest(40, 'a');
}

BOOST_AUTO_TEST_SUITE(pyzor)

BOOST_AUTO_TEST_CASE(a_question_names_the_digest_and_the_thread) {
  BOOST_TEST(encode_pyzor_check(digest, 2000, 1700000000) ==
             "Op: check\nOp-Digest: " + digest +
                 "\nThread: 2000\nPV: 2.1\nUser: anonymous\nTime: 1700000000\n\n");
}

BOOST_AUTO_TEST_CASE(an_answer_has_both_counts) {
  const auto count = decode_pyzor_answer(
      "Code: 200\nDiag: OK\nPV: 2.1\nThread: 2000\nCount: 7\nWL-Count: 3\n\n", 2000);

  BOOST_REQUIRE(count);
  BOOST_TEST(count->reported == 7U);
  BOOST_TEST(count->welcome == 3U);
}

BOOST_AUTO_TEST_CASE(an_answer_to_another_question_is_none) {
  BOOST_TEST(!decode_pyzor_answer("Code: 200\nThread: 2001\nCount: 7\nWL-Count: 3\n", 2000));
  BOOST_TEST(!decode_pyzor_answer("Code: 200\nCount: 7\nWL-Count: 3\n", 2000));
}

BOOST_AUTO_TEST_CASE(a_failure_and_nonsense_are_no_counts) {
  BOOST_TEST(!decode_pyzor_answer("Code: 403\nThread: 2000\nCount: 7\nWL-Count: 3\n", 2000));
  BOOST_TEST(!decode_pyzor_answer("Code: 200\nThread: 2000\nCount: 7\n", 2000));
  BOOST_TEST(!decode_pyzor_answer("Code: 200\nThread: 2000\nCount: -7\nWL-Count: 3\n", 2000));
  BOOST_TEST(
      !decode_pyzor_answer("Code: 200\nThread: 2000\nCount: 1\nCount: 2\nWL-Count: 3\n", 2000));
  BOOST_TEST(!decode_pyzor_answer(std::string(largest_pyzor_packet + 1, 'x'), 2000));
  BOOST_TEST(!decode_pyzor_answer("", 2000));
}

BOOST_AUTO_TEST_CASE(only_forty_digits_are_a_digest) {
  BOOST_TEST(is_pyzor_digest(digest));
  BOOST_TEST(!is_pyzor_digest(digest + "a"));
  BOOST_TEST(!is_pyzor_digest(std::string(39, 'a') + "\n"));
  BOOST_TEST(!is_pyzor_digest(std::string(40, 'A')));
}

BOOST_AUTO_TEST_SUITE_END()
