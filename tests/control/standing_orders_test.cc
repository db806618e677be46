#define BOOST_TEST_DYN_LINK
#include "gateway/control/standing_orders.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/run_task.h"
#include "tests/support/simulated_disk.h"

using namespace postern;

namespace {

const WallTime next_week{std::chrono::seconds(1'800'000'000)};

Suspension of_destination(const std::string& pattern) {
  return {Suspension::Of::destination, pattern, next_week, "under repair"};
}

/// A spool directory, and the orders of one life of the gateway after another.
struct Life {
  Loop loop;
  BlockingPool files{2};
  std::shared_ptr<DiskHistory> history = std::make_shared<DiskHistory>(DiskImage{{}, {"."}});
  std::unique_ptr<StandingOrders> orders;

  Life() { restart(); }
  void restart() {
    orders = std::make_unique<StandingOrders>(loop, files, simulated_disk(history));
    orders->load();
  }
  Result<> save() { return test::run_task(loop, orders->save()); }
  void put(const std::string& text) {
    const auto disk = simulated_disk(history);
    const std::array<std::string_view, 1> pieces{text};
    BOOST_REQUIRE((*disk->create("orders.json"))->write(0, pieces));
  }
  std::vector<std::string> patterns() const {
    std::vector<std::string> out;
    for (const auto& each : orders->orders().suspensions) out.push_back(each.pattern);
    return out;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(standing_orders)

BOOST_AUTO_TEST_CASE(a_suspension_outlives_a_restart_with_all_that_was_said_of_it) {
  Life life;
  life.orders->orders().suspensions = {
      of_destination("*.example.org"),
      {Suspension::Of::sender, "<>", next_week, "a \"flood\" of bounces"}};
  BOOST_REQUIRE(life.save());

  life.restart();

  const auto& kept = life.orders->orders().suspensions;
  BOOST_REQUIRE_EQUAL(kept.size(), 2);
  BOOST_TEST((kept[0].of == Suspension::Of::destination));
  BOOST_TEST(kept[0].pattern == "*.example.org");
  BOOST_TEST((kept[0].until == next_week));
  BOOST_TEST((kept[1].of == Suspension::Of::sender));
  BOOST_TEST(kept[1].reason == "a \"flood\" of bounces");
}

BOOST_AUTO_TEST_CASE(without_a_file_there_are_no_orders_and_saving_makes_one) {
  Life life;
  BOOST_TEST(life.patterns().empty());

  BOOST_REQUIRE(life.save());

  BOOST_TEST(life.history->now().files.contains("orders.json"));
}

BOOST_AUTO_TEST_CASE(a_power_cut_while_saving_leaves_the_old_orders_or_the_new) {
  Life life;
  life.orders->orders().suspensions = {of_destination("old.example")};
  BOOST_REQUIRE(life.save());
  const std::size_t before = life.history->size();
  life.orders->orders().suspensions = {of_destination("new.example")};
  BOOST_REQUIRE(life.save());
  const std::size_t after = life.history->size();

  int olds = 0, news = 0;
  for (std::size_t end = before; end <= after; ++end) {
    std::vector<Loss> losses{Loss::nothing(), Loss::everything()};
    for (std::uint64_t seed = 0; seed < 50; ++seed) losses.push_back(Loss::random(seed));
    for (const Loss& loss : losses) {
      Life next;
      next.history = std::make_shared<DiskHistory>(life.history->crash(end, loss));
      next.restart();
      const auto found = next.patterns();
      BOOST_REQUIRE_EQUAL(found.size(), 1);
      (found[0] == "old.example" ? olds : news) += 1;
      BOOST_TEST((found[0] == "old.example" || found[0] == "new.example"));
      if (end == after) BOOST_TEST(found[0] == "new.example");
    }
  }

  BOOST_TEST(olds > 0);
  BOOST_TEST(news > 0);
}

BOOST_AUTO_TEST_CASE(a_broken_file_is_set_aside_and_does_not_keep_the_gateway_from_starting) {
  for (
      const std::string text :
      {"", "{", "[]", R"({"v":2})", R"({"v":1,"suspensions":{}})", R"({"v":1,"surprise":[]})",
       R"({"v":1,"suspensions":[{"of":"nobody","pattern":"x","until":1,"why":""}]})",
       R"({"v":1,"suspensions":[{"of":"sender","pattern":"x","until":"soon","why":""}]})",
       R"({"v":1,"suspensions":[{"of":"sender","pattern":"x","until":9223372036854775807,"why":""}]})"}) {
    Life life;
    life.put(text);

    life.restart();

    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(life.patterns().empty());
      BOOST_TEST(life.history->now().files.contains("orders.json.broken"));
      BOOST_TEST(!life.history->now().files.contains("orders.json"));
      life.orders->orders().suspensions = {of_destination("next.example")};
      BOOST_TEST(life.save().has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_beyond_its_limit_is_not_believed) {
  Orders orders;
  orders.suspensions = {of_destination("x")};
  const std::string text = write_orders(orders);

  BOOST_TEST(read_orders(text).has_value());
  BOOST_TEST(!read_orders(text + std::string(1 << 20, ' ')).has_value());
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_reported_and_the_old_orders_stay_on_it) {
  Life life;
  life.orders->orders().suspensions = {of_destination("old.example")};
  BOOST_REQUIRE(life.save());
  life.history->inject({DiskHistory::Kind::write, "orders.json.new", ENOSPC, 0, 1});
  life.orders->orders().suspensions = {of_destination("new.example")};

  const auto saved = life.save();

  BOOST_REQUIRE(!saved.has_value());
  BOOST_TEST((saved.error().code == std::errc::no_space_on_device));
  BOOST_REQUIRE(life.save());
  life.restart();
  BOOST_TEST(life.patterns().front() == "new.example");
}

BOOST_AUTO_TEST_SUITE_END()
