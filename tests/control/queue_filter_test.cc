#define BOOST_TEST_DYN_LINK
#include "gateway/control/queue_filter.h"

#include <boost/test/unit_test.hpp>

#include "tests/control/summary.h"

using namespace postern;
using test::noon;
using test::Summary;

namespace {

using Words = std::function<void(QueueFilter&)>;

bool matches(const Words& words, const Summary& message, const Standing& standing = {}) {
  QueueFilter filter;
  words(filter);
  const bool all = filter.matches(message.view(), standing, noon);
  // The coarse question must never lose a message that the fine one means.
  BOOST_TEST((!all || filter.may_match(message.view(), noon)));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(queue_filter)

BOOST_AUTO_TEST_CASE(senders_compare_by_glob_without_case_and_the_null_sender_is_written_so) {
  Summary bounce;
  bounce.sender = "";

  BOOST_TEST(matches([](auto& f) { f.sender = "SENDER@*"; }, {}));
  BOOST_TEST(!matches([](auto& f) { f.sender = "ender@away.example"; }, {}));
  BOOST_TEST(matches([](auto& f) { f.sender = "<>"; }, bounce));
  BOOST_TEST(!matches([](auto& f) { f.sender = "<>"; }, {}));
  BOOST_TEST(matches([](auto& f) { f.sender = "*"; }, bounce));
}

BOOST_AUTO_TEST_CASE(one_of_several_recipients_is_enough_and_its_domain_is_the_destination) {
  Summary several;
  several.recipients = "one@a.example\ntwo@b.example\nthree@c.example\n";

  BOOST_TEST(matches([](auto& f) { f.recipient = "two@b.example"; }, several));
  BOOST_TEST(matches([](auto& f) { f.destination = "C.example"; }, several));
  BOOST_TEST(matches([](auto& f) { f.destination = "*.example"; }, several));
  BOOST_TEST(!matches([](auto& f) { f.destination = "d.example"; }, several));
  BOOST_TEST(!matches([](auto& f) { f.recipient = "two@a.example"; }, several));
  // No pattern reaches over the border between two.
  BOOST_TEST(!matches([](auto& f) { f.recipient = "one@*b.example"; }, several));
}

BOOST_AUTO_TEST_CASE(ages_and_sizes_include_their_limit) {
  Summary hour;
  hour.age = std::chrono::hours(1);

  BOOST_TEST(matches([](auto& f) { f.age = std::chrono::hours(1); }, hour));
  BOOST_TEST(!matches([](auto& f) { f.age = std::chrono::hours(1) + milliseconds(1); }, hour));
  BOOST_TEST(!matches([](auto& f) { f.younger = std::chrono::hours(1); }, hour));
  BOOST_TEST(matches([](auto& f) { f.younger = std::chrono::hours(1) + milliseconds(1); }, hour));
  BOOST_TEST(matches([](auto& f) { f.size = 4000; }, hour));
  BOOST_TEST(!matches([](auto& f) { f.size = 4001; }, hour));
}

BOOST_AUTO_TEST_CASE(a_reason_is_looked_for_in_what_is_shown_and_in_the_last_reply) {
  Summary parked;
  parked.last_reply = "451 4.7.1 Greylisted, come back";
  const Standing dead{QueueState::deferred, {}, "mx.example: connection refused"};

  BOOST_TEST(matches([](auto& f) { f.reason = "connection refused"; }, parked, dead));
  BOOST_TEST(matches([](auto& f) { f.reason = "greylisted*back"; }, parked, dead));
  BOOST_TEST(!matches([](auto& f) { f.reason = "timed out"; }, parked, dead));
}

BOOST_AUTO_TEST_CASE(a_state_is_that_of_the_moment_and_held_mail_is_known_by_the_spool_alone) {
  Summary held;
  held.hold = "looks odd";
  const Standing hold{QueueState::hold, {}, held.hold};
  const Standing deferred{QueueState::deferred, {}, ""};

  BOOST_TEST(matches([](auto& f) { f.state = "hold"; }, held, hold));
  BOOST_TEST(!matches([](auto& f) { f.state = "deferred"; }, held, hold));
  BOOST_TEST(matches([](auto& f) { f.state = "deferred"; }, {}, deferred));
  BOOST_TEST(!matches([](auto& f) { f.state = "active"; }, {}, deferred));
  QueueFilter filter;
  filter.state = "hold";
  BOOST_TEST(!filter.may_match(Summary().view(), noon));
  BOOST_TEST(filter.may_match(held.view(), noon));
}

BOOST_AUTO_TEST_CASE(all_words_must_hold_together) {
  const auto both = [](const char* client, const char* sender) {
    return matches(
        [&](auto& f) {
          f.client = client;
          f.sender = sender;
        },
        {});
  };

  BOOST_TEST(both("192.0.2.*", "sender@*"));
  BOOST_TEST(!both("192.0.2.*", "other@*"));
  BOOST_TEST(!both("198.51.100.*", "sender@*"));
  BOOST_TEST(matches([](auto&) {}, {}));
}

BOOST_AUTO_TEST_CASE(what_no_message_could_be_is_a_mistake) {
  QueueFilter filter;
  BOOST_TEST(filter.check().has_value());
  filter.state = "sleeping";
  BOOST_TEST((filter.check().error().code == std::errc::invalid_argument));
  filter = {};
  filter.id = "no-such-id";
  BOOST_TEST((filter.check().error().code == std::errc::no_such_file_or_directory));
  filter = {};
  filter.age = milliseconds::max();  // would overflow when it is compared in microseconds
  BOOST_TEST(!filter.check().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
