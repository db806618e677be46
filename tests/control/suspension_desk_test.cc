#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/control/desk_fixture.h"

using namespace postern;
using test::DeskFixture;
using test::Said;

namespace {

const std::string to_home = R"("filter":{"destination":"*.example"})";
const std::string all_of_it = to_home + R"(,"for":"2h","why":"under repair")";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(suspension_desk, DeskFixture)

BOOST_AUTO_TEST_CASE(a_suspension_is_in_force_at_once_and_kept_on_disk) {
  BOOST_TEST(ask("suspend", all_of_it).count == 1);

  BOOST_REQUIRE_EQUAL(dispatcher->suspensions().all().size(), 1);
  const auto left = history->crash(history->size(), Loss::everything()).files;
  const auto kept = read_orders(left.at("orders.json"));
  BOOST_REQUIRE(kept.has_value());
  BOOST_REQUIRE_EQUAL(kept->suspensions.size(), 1);
  BOOST_TEST(kept->suspensions[0].pattern == "*.example");
  BOOST_TEST(kept->suspensions[0].reason == "under repair");
}

BOOST_AUTO_TEST_CASE(suspended_mail_is_not_tried_and_shows_when_it_goes_on_and_why) {
  ask("suspend", all_of_it);
  dispatcher->start();
  fresh("s@x");

  BOOST_REQUIRE(wait(1, "deferred", 1));
  const auto row = ask("list").rows().at(0);
  const auto suspensions = ask("suspensions").rows();

  BOOST_TEST(transport.jobs.empty());
  BOOST_TEST(row[8].find("under repair") != std::string::npos);
  BOOST_TEST(row[5] == suspensions.at(0)[2]);
  BOOST_TEST(suspensions[0][3] == "1");
  BOOST_TEST(ask("destinations").rows().at(0)[1] == "suspended");
}

BOOST_AUTO_TEST_CASE(resuming_lets_the_mail_go_and_forgets_the_order) {
  ask("suspend", all_of_it);
  dispatcher->start();
  fresh("s@x");
  BOOST_REQUIRE(wait(1, "deferred", 1));

  BOOST_TEST(ask("resume", to_home).count == 1);

  BOOST_REQUIRE(wait(4, "1", 1));
  BOOST_TEST(transport.jobs.size() == 1);
  BOOST_TEST(ask("suspensions").count == 0);
  BOOST_TEST(orders->orders().suspensions.empty());
  BOOST_TEST(ask("resume", to_home).kind == "unknown");
}

BOOST_AUTO_TEST_CASE(without_a_reason_an_end_or_one_pattern_nothing_is_suspended) {
  for (const std::string& members :
       {to_home + R"(,"for":"2h")", to_home + R"(,"why":"x")", to_home + R"(,"for":"0s","why":"x")",
        to_home + R"(,"for":"31d","why":"x")", std::string(R"("for":"2h","why":"x")"),
        std::string(R"("filter":{"destination":"a","sender":"b"},"for":"2h","why":"x")"),
        std::string(R"("filter":{"destination":"a","age":"2h"},"for":"2h","why":"x")")}) {
    BOOST_TEST_CONTEXT(members) { BOOST_TEST(ask("suspend", members).kind == "usage"); }
  }
  BOOST_TEST(dispatcher->suspensions().all().empty());
}

BOOST_AUTO_TEST_CASE(a_dry_run_shows_the_order_and_gives_none) {
  const Said said = ask("suspend", all_of_it + R"(,"dry_run":true)");

  BOOST_TEST(said.rows().at(0)[1] == "*.example");
  BOOST_TEST(dispatcher->suspensions().all().empty());
  ask("suspend", all_of_it);
  BOOST_TEST(ask("resume", to_home + R"(,"dry_run":true)").count == 1);
  BOOST_TEST(dispatcher->suspensions().all().size() == 1);
}

BOOST_AUTO_TEST_CASE(the_same_pattern_again_takes_the_place_of_the_first) {
  ask("suspend", all_of_it);
  ask("suspend", to_home + R"(,"for":"3h","why":"still")");

  const auto rows = ask("suspensions").rows();

  BOOST_REQUIRE_EQUAL(rows.size(), 1);
  BOOST_TEST(rows[0][4] == "still");
}

BOOST_AUTO_TEST_CASE(an_order_that_cannot_be_saved_is_in_force_and_says_for_how_long) {
  history->inject({DiskHistory::Kind::create, "orders.json", ENOSPC, 0, 1});

  const Said said = ask("suspend", all_of_it);

  BOOST_TEST(said.kind == "failed");
  BOOST_TEST(said.error.find("until the gateway restarts") != std::string::npos);
  BOOST_TEST(dispatcher->suspensions().all().size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
