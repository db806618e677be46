#define BOOST_TEST_DYN_LINK
#include "gateway/control/storm_order.h"

#include <boost/test/unit_test.hpp>

#include "gateway/control/standing_orders.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(storm_order)

BOOST_AUTO_TEST_CASE(an_order_is_read_back_as_it_was_written) {
  StormOrder order;
  order.preset = StormPreset::brute;
  order.why = "a \"bot\"\non 10.0.0.66, Zürich";
  order.since = WallTime(seconds(1'790'000'000));
  order.ending = true;
  order.steps = {{StormStep::park, 123456}, {StormStep::inside, 0}};
  order.usual = {{"192.0.2.8", 612.5}};
  Orders orders;
  orders.storm = order;

  const auto read = read_orders(write_orders(orders));

  BOOST_REQUIRE(read.has_value());
  BOOST_REQUIRE(read->storm.has_value());
  const StormOrder& storm = *read->storm;
  BOOST_TEST((storm.preset == StormPreset::brute));
  BOOST_TEST(storm.why == order.why);
  BOOST_TEST((storm.since == order.since));
  BOOST_TEST(storm.ending);
  BOOST_REQUIRE(storm.steps.size() == 2U);
  BOOST_TEST((storm.steps[0].step == StormStep::park));
  BOOST_TEST(storm.steps[0].messages == 123456U);
  BOOST_TEST((storm.steps[1].step == StormStep::inside));
  BOOST_REQUIRE(storm.usual.size() == 1U);
  BOOST_TEST(storm.usual[0].client == "192.0.2.8");
  BOOST_TEST(storm.usual[0].usual == 612.5);
}

BOOST_AUTO_TEST_CASE(without_a_storm_there_is_no_section) {
  BOOST_TEST(!write_orders(Orders{}).contains("storm"));
  BOOST_TEST(!read_orders(write_orders(Orders{}))->storm.has_value());
}

BOOST_AUTO_TEST_CASE(a_section_that_makes_no_sense_is_an_error) {
  const std::string whole =
      R"("preset":"brute","why":"","since":1,"ending":false,"steps":[],"usual":[])";
  BOOST_TEST(read_orders(R"({"v":1,"storm":{)" + whole + "}}").has_value());
  for (const auto& [part, instead] : std::initializer_list<std::pair<std::string, std::string>>{
           {R"("brute")", R"("wild")"},
           {R"("why":"")", R"("why":7)"},
           {R"("since":1)", R"("since":"now")"},
           {R"("ending":false)", R"("ending":0)"},
           {R"("steps":[])", R"("steps":[{"step":"dance","messages":1}])"},
           {R"("steps":[])", R"("steps":[{"step":"park","messages":-1}])"},
           {R"("steps":[])", R"("steps":7)"},
           {R"("usual":[])", R"("usual":[{"client":"x"}])"},
           {R"("usual":[])", R"("usual":{})"}}) {
    std::string text = whole;
    text.replace(text.find(part), part.size(), instead);
    BOOST_TEST(!read_orders(R"({"v":1,"storm":{)" + text + "}}").has_value(), text);
  }
  BOOST_TEST(!read_orders(R"({"v":1,"storm":[]})").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
