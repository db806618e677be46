#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/network/answer_test.h"

using namespace postern;

namespace {

struct Fixture {
  bool relay(std::string_view test, std::string_view record) {
    const auto made = AnswerTest::of_relay_list(test);
    BOOST_REQUIRE_MESSAGE(made, test);
    return made->holds(record, matcher);
  }
  bool uri(std::string_view test, std::string_view record) {
    const auto made = AnswerTest::of_uri_list(test);
    BOOST_REQUIRE_MESSAGE(made, test);
    return made->holds(record, matcher);
  }
  bool query(std::string_view test, std::string_view record) {
    const auto made = AnswerTest::of_question(test);
    BOOST_REQUIRE_MESSAGE(made, test);
    return made->holds(record, matcher);
  }
  Matcher matcher;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(answer_test, Fixture)

BOOST_AUTO_TEST_CASE(a_number_is_a_mask_that_holds_only_in_the_loopback_network) {
  BOOST_TEST(relay("4", "127.0.0.6"));
  BOOST_TEST(!relay("4", "127.0.0.3"));
  BOOST_TEST(!relay("4", "198.51.100.4"));
  BOOST_TEST(uri("64", "127.0.0.66"));
  BOOST_TEST(!uri("64", "203.0.113.64"));
}

BOOST_AUTO_TEST_CASE(an_address_is_that_address) {
  BOOST_TEST(relay("127.0.0.2", "127.0.0.2"));
  BOOST_TEST(!relay("127.0.0.2", "127.0.0.22"));
  BOOST_TEST(uri("127.0.1.2", "127.0.1.2"));
  BOOST_TEST(!uri("127.0.1.2", "127.0.1.3"));
}

BOOST_AUTO_TEST_CASE(a_relay_list_takes_a_bare_pattern) {
  BOOST_TEST(relay("^127\\.0\\.0\\.[4567]$", "127.0.0.5"));
  BOOST_TEST(!relay("^127\\.0\\.0\\.[4567]$", "127.0.0.50"));
  BOOST_TEST(relay("(?i:spam/cop)", "Blocked - see SPAM/COP"));
}

BOOST_AUTO_TEST_CASE(a_range_and_a_masked_value_are_compared_as_numbers) {
  BOOST_TEST(uri("127.0.0.2-127.0.0.9", "127.0.0.9"));
  BOOST_TEST(!uri("127.0.0.2-127.0.0.9", "127.0.0.10"));
  BOOST_TEST(uri("127.0.1.0/255.255.255.0", "127.0.1.77"));
  BOOST_TEST(!uri("127.0.1.0/255.255.255.0", "127.0.2.77"));
  BOOST_TEST(uri("0x7f000002-0x7f000003", "127.0.0.3"));
}

BOOST_AUTO_TEST_CASE(a_question_takes_patterns_quoted_texts_and_response_codes) {
  BOOST_TEST(query("/^v=spf1 \\+all$/", "v=spf1 +all"));
  BOOST_TEST(!query("/^v=spf1 \\+all$/", "v=spf1 -all"));
  BOOST_TEST(query("m!a/b!", "xa/by"));
  BOOST_TEST(query("\"listed\"", "listed"));
  BOOST_TEST(!query("'listed'", "listed here"));

  const auto codes = AnswerTest::of_question("[NXDOMAIN, servfail]");
  BOOST_REQUIRE(codes);
  BOOST_TEST(codes->holds_for(NetworkAnswer::Status::no_such_name));
  BOOST_TEST(codes->holds_for(NetworkAnswer::Status::failed));
  BOOST_TEST(!codes->holds_for(NetworkAnswer::Status::no_records));
  BOOST_TEST(!codes->holds("127.0.0.2", matcher));
}

BOOST_AUTO_TEST_CASE(what_is_no_test_is_refused_with_a_reason) {
  BOOST_TEST(!AnswerTest::of_uri_list("127.0.0"));
  BOOST_TEST(!AnswerTest::of_uri_list("abc"));
  BOOST_TEST(!AnswerTest::of_uri_list("99999999999"));
  BOOST_TEST(!AnswerTest::of_relay_list("(unclosed"));
  BOOST_TEST(!AnswerTest::of_question("[NOSUCHCODE]"));
  BOOST_TEST(!AnswerTest::of_uri_list("abc").error().empty());
}

BOOST_AUTO_TEST_SUITE_END()
