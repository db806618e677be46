#define BOOST_TEST_DYN_LINK
#include "gateway/control/queue_request.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

BOOST_AUTO_TEST_SUITE(queue_request)

BOOST_AUTO_TEST_CASE(every_word_of_the_protocol_arrives) {
  const auto request = parse_queue_request(
      R"({"v":1,"command":"queue.suspend","filter":{"sender":"a@b","age":"2h","younger":"1d",)"
      R"("size":"1MiB","state":"hold"},"why":"flood","for":"30m","to":"smtp:[h]","by":"client",)"
      R"("top":5,"dry_run":true,"as":"table"})");

  BOOST_REQUIRE(request.has_value());
  BOOST_TEST(request->command == "suspend");
  BOOST_TEST(request->filter.sender == "a@b");
  BOOST_TEST((request->filter.age == std::chrono::hours(2)));
  BOOST_TEST((request->filter.younger == std::chrono::days(1)));
  BOOST_TEST(request->filter.size == 1U << 20);
  BOOST_TEST(request->filter.state == "hold");
  BOOST_TEST(request->why == "flood");
  BOOST_TEST((request->duration == std::chrono::minutes(30)));
  BOOST_TEST(request->to == "smtp:[h]");
  BOOST_TEST(request->by == "client");
  BOOST_TEST(request->top == 5);
  BOOST_TEST(request->dry_run);
  BOOST_TEST(request->table);
}

BOOST_AUTO_TEST_CASE(a_filter_that_is_not_known_is_refused_and_never_means_the_whole_queue) {
  for (const std::string request :
       {R"({"v":1,"command":"queue.delete","filter":{"sendr":"a@b"}})",
        R"({"v":1,"command":"queue.delete","filters":{"sender":"a@b"}})",
        R"({"v":1,"command":"queue.delete","filter":{"sender":["a@b"]}})",
        R"({"v":1,"command":"queue.delete","filter":["sender"]})",
        R"({"v":1,"command":"queue.delete","filter":{"age":"soon"}})",
        R"({"v":1,"command":"queue.delete","filter":{"state":"old"}})"}) {
    const auto parsed = parse_queue_request(request);
    BOOST_TEST_CONTEXT(request) {
      BOOST_REQUIRE(!parsed.has_value());
      BOOST_TEST((parsed.error().code == std::errc::invalid_argument));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_request_of_this_version_is_refused) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  for (const std::string& request :
       {std::string(), std::string("list"), std::string("[]"), deep,
        std::string(R"({"command":"queue.list"})"),
        std::string(R"({"v":2,"command":"queue.list"})"),
        std::string(R"({"v":1,"command":"filter.list"})"),
        std::string(R"({"v":1,"command":"queue.list","dry_run":"yes"})"),
        std::string(R"({"v":1,"command":"queue.shape","top":0})"),
        std::string(R"({"v":1,"command":"queue.list","as":"poem"})")}) {
    BOOST_TEST_CONTEXT(request) { BOOST_TEST(!parse_queue_request(request).has_value()); }
  }
}

BOOST_AUTO_TEST_CASE(a_text_is_one_line_of_bounded_length) {
  const auto with_why = [](const std::string& why) {
    return parse_queue_request(R"({"v":1,"command":"queue.hold","why":")" + why + "\"}");
  };

  BOOST_TEST(with_why(std::string(500, 'x')).has_value());
  BOOST_TEST(!with_why(std::string(501, 'x')).has_value());
  BOOST_TEST(!with_why("a\\r\\nRCPT TO").has_value());
  BOOST_TEST(!with_why("a\\u001bb").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
