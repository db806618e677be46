#define BOOST_TEST_DYN_LINK
#include "gateway/control/storm_queue.h"

#include <boost/test/unit_test.hpp>

#include "tests/control/storm_fixture.h"

using namespace postern;
using namespace postern::test;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

struct Parked : StormyGateway {
  StormQueue queue{DeskParts{loop, spool, *dispatcher, files, clock, *orders}};
  const std::string reason = "parked: storm brute";

  std::uint64_t expire() {
    const auto done = run_task(loop, queue.expire(configured));
    BOOST_REQUIRE(done.has_value());
    return *done;
  }
  /// Bounces that are now in the queue, by whom they are for.
  std::vector<std::string> bounces() const {
    std::vector<std::string> out;
    for (const auto& [id, message] : spool.messages) {
      if (message.envelope.sender.empty() && message.envelope.attempts == 0)
        out.push_back(message.envelope.recipients.front().address);
    }
    return out;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(storm_queue)

BOOST_FIXTURE_TEST_CASE(parked_mail_beyond_its_lifetime_goes_back_to_its_sender, Parked) {
  configured.maximal_queue_lifetime = hours(24);
  const MessageId old = add("s@away.example", 2, hours(23), reason);
  const MessageId young = add("t@away.example", 2, hours(1), reason);
  BOOST_TEST(expire() == 0U);

  clock.pass(hours(2));

  BOOST_TEST(expire() == 1U);
  BOOST_TEST(!exists(old));
  BOOST_TEST(exists(young));
  BOOST_TEST(bounces() == std::vector<std::string>{"s@away.example"},
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_parked_bounce_beyond_its_lifetime_is_dropped_and_nobody_told, Parked) {
  configured.bounce_queue_lifetime = hours(2);
  const MessageId bounce = add("", 2, hours(3), reason);

  BOOST_TEST(expire() == 1U);

  BOOST_TEST(!exists(bounce));
  BOOST_TEST(spool.messages.empty());
}

BOOST_FIXTURE_TEST_CASE(mail_that_is_not_parked_is_left_to_its_retries, Parked) {
  configured.maximal_queue_lifetime = hours(1);
  add("s@away.example", 2, hours(5));
  add("s@away.example", 2, hours(5), "held by the administrator");

  BOOST_TEST(expire() == 0U);
  BOOST_TEST(spool.messages.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(f15_a_wall_clock_that_jumps_expires_and_drops_nothing, Parked) {
  configured.maximal_queue_lifetime = hours(24);
  configured.bounce_queue_lifetime = hours(24);
  add("s@away.example", 2, hours(1), reason);
  add("", 2, minutes(1), reason);

  clock.wall_now += hours(24 * 365 * 12);

  BOOST_TEST(expire() == 0U);
  BOOST_TEST(*run_task(loop, queue.drop_bounces(minutes(10))) == 0U);
  BOOST_TEST(spool.messages.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(thousands_are_parked_with_no_more_than_some_hundreds_under_way, Parked) {
  for (int i = 0; i < 3000; ++i) add("s@away.example", 1);

  const auto done = run_task(loop, queue.park(1, reason));

  BOOST_TEST(*done == 3000U);
  BOOST_TEST(count_parked() == 3000U);
  BOOST_TEST(run_task(loop, queue.count_parked()) == 3000U);
}

BOOST_AUTO_TEST_SUITE_END()
