#define BOOST_TEST_DYN_LINK
#include "gateway/control/shape.h"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "tests/control/summary.h"

using namespace postern;
using test::noon;
using test::Summary;

namespace {

Summary to(const std::string& recipients, milliseconds age = {}, std::uint32_t key = 0) {
  Summary out;
  out.recipients = recipients;
  out.age = age;
  out.key = key;
  return out;
}

std::vector<std::vector<std::string>> rows(const std::string& table) {
  std::vector<std::vector<std::string>> out;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    auto& row = out.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
  }
  return out;
}

std::vector<std::vector<std::string>> shape_of(const std::vector<Summary>& messages,
                                               Shape::By by = Shape::By::destination,
                                               std::size_t top = 20) {
  Shape shape(by, noon);
  for (const Summary& each : messages) shape.add(each.view(), each.last_reply);
  return rows(shape.table(top));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shape)

BOOST_AUTO_TEST_CASE(a_message_stands_in_the_column_of_the_first_age_it_is_younger_than) {
  using std::chrono::minutes;
  const auto table =
      shape_of({to("a@x.example\n", minutes(0)), to("a@x.example\n", minutes(5)),
                to("a@x.example\n", minutes(10) - milliseconds(1)),
                to("a@x.example\n", minutes(1279)), to("a@x.example\n", minutes(1280)),
                to("a@x.example\n", -minutes(3))});  // the clock was set back

  const std::vector<std::string> heading{"#destination", "T",   "5",   "10",  "20",   "40",
                                         "80",           "160", "320", "640", "1280", "1280+"};
  const std::vector<std::string> total{"TOTAL", "6", "2", "2", "0", "0",
                                       "0",     "0", "0", "0", "1", "1"};
  BOOST_REQUIRE_EQUAL(table.size(), 3);
  BOOST_TEST(table[0] == heading, boost::test_tools::per_element());
  BOOST_TEST(table[1] == total, boost::test_tools::per_element());
  BOOST_TEST(table[2][0] == "x.example");
}

BOOST_AUTO_TEST_CASE(a_message_counts_once_for_each_domain_and_once_in_the_total) {
  const auto table = shape_of({to("a@x.example\nb@x.example\nc@y.example\nd@x.example\n")});

  BOOST_REQUIRE_EQUAL(table.size(), 4);
  BOOST_TEST(table[1][1] == "1");
  BOOST_TEST(table[2][1] == "1");
  BOOST_TEST(table[3][1] == "1");
}

BOOST_AUTO_TEST_CASE(equal_keys_are_counted_where_the_first_of_them_was) {
  Shape shape(Shape::By::destination, noon);
  shape.add(to("a@x.example\n", {}, 900'000).view(), "");
  // Were the key not used, this would make a row of its own.
  shape.add(to("a@y.example\n", {}, 900'000).view(), "");
  shape.add(to("b@y.example\n", {}, 3).view(), "");

  const auto table = rows(shape.table(20));

  BOOST_REQUIRE_EQUAL(table.size(), 4);
  BOOST_TEST((table[2][0] == "x.example" && table[2][1] == "2"));
  BOOST_TEST((table[3][0] == "y.example" && table[3][1] == "1"));
}

BOOST_AUTO_TEST_CASE(the_key_of_a_message_to_several_domains_does_not_hide_one) {
  const auto table =
      shape_of({to("a@x.example\nb@y.example\n", {}, 5), to("a@x.example\nb@y.example\n", {}, 5)});

  BOOST_REQUIRE_EQUAL(table.size(), 4);
  BOOST_TEST(table[2][1] == "2");
  BOOST_TEST(table[3][1] == "2");
}

BOOST_AUTO_TEST_CASE(the_largest_rows_come_first_and_no_more_than_asked_for) {
  std::vector<Summary> messages;
  for (int domain = 1; domain <= 9; ++domain) {
    for (int i = 0; i < domain; ++i)
      messages.push_back(to("a@d" + std::to_string(domain) + ".example\n"));
  }

  const auto table = shape_of(messages, Shape::By::destination, 2);

  BOOST_REQUIRE_EQUAL(table.size(), 4);
  BOOST_TEST((table[1][0] == "TOTAL" && table[1][1] == "45"));
  BOOST_TEST((table[2][0] == "d9.example" && table[3][0] == "d8.example"));
}

BOOST_AUTO_TEST_CASE(it_counts_by_sender_client_and_reason_too) {
  Summary bounce = to("a@x.example\n");
  bounce.sender = "";
  bounce.last_reply = "451 later";

  BOOST_TEST(shape_of({bounce}, Shape::By::sender)[2][0] == "<>");
  BOOST_TEST(shape_of({bounce}, Shape::By::client)[2][0] == "192.0.2.7");
  BOOST_TEST(shape_of({bounce}, Shape::By::reason)[2][0] == "451 later");
}

BOOST_AUTO_TEST_CASE(a_million_different_senders_cost_a_bounded_number_of_rows_and_none_is_lost) {
  constexpr int messages = 100'000;
  Shape shape(Shape::By::sender, noon);
  Summary message;
  for (int i = 0; i < messages; ++i) {
    message.sender = "s" + std::to_string(i) + "@forged.example";
    shape.add(message.view(), "");
  }

  const auto table = rows(shape.table(1));

  BOOST_TEST(table[1][1] == std::to_string(messages));
  BOOST_TEST(table[2][0] == "(others)");
  BOOST_TEST(rows(shape.table(1'000'000)).size() < 70'000);
}

BOOST_AUTO_TEST_CASE(json_lines_say_the_same) {
  Shape shape(Shape::By::destination, noon);
  shape.add(to("a@x.example\n", std::chrono::hours(48)).view(), "");

  const std::string lines = shape.json_lines(20);

  BOOST_TEST(lines.starts_with(R"({"destination":"TOTAL","T":1,"5":0,)"));
  BOOST_TEST(lines.find("{\"destination\":\"x.example\",\"T\":1,") != std::string::npos);
  BOOST_TEST(lines.ends_with("\"1280\":0,\"1280+\":1}\n"));
}

BOOST_AUTO_TEST_SUITE_END()
