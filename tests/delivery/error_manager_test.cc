// error_manager_test.cc — what a postmaster is told, and how often.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/delivery/content_wire.h"
#include "gateway/delivery/error_manager.h"
#include "tests/support/hand_clock.h"

using namespace postern;

namespace {

struct Desk {
  test::HandClock clock;
  MessageIdSource ids{clock, 1};
  NoticeSettings settings;
  std::vector<Letter> posted;
  ErrorManager errors{clock, ids,
                      [this](NoticeClass, Letter letter) { posted.push_back(std::move(letter)); }};

  Desk() { configure(); }
  void configure() {
    errors.configure(std::make_shared<const NoticeSettings>(settings), "gate.example");
  }
};

bool contains(const Letter& letter, const std::string& text) {
  return letter.content->find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(error_manager)

BOOST_AUTO_TEST_CASE(what_nobody_asked_for_is_not_written) {
  Desk d;
  d.errors.report(NoticeClass::policy, "refused", "a client");
  BOOST_TEST(d.posted.empty());

  d.errors.report(NoticeClass::software, "fault", "of ours");
  BOOST_REQUIRE(d.posted.size() == 1U);
  BOOST_TEST(d.posted[0].envelope.recipients[0].address == "postmaster@gate.example");
  d.settings.notify_classes = {"policy"};
  d.settings.error_notice_recipient = "ops@home.example";
  d.configure();
  d.errors.report(NoticeClass::policy, "refused", "a client");
  BOOST_TEST(d.posted.back().envelope.recipients[0].address == "ops@home.example");
}

BOOST_AUTO_TEST_CASE(a_trouble_that_lasts_is_one_letter_an_hour_that_counts_the_rest) {
  Desk d;
  for (int i = 0; i < 100; ++i) d.errors.report(NoticeClass::resource, "disk full", "free some");
  BOOST_TEST(d.posted.size() == 1U);
  d.errors.report(NoticeClass::software, "another class", "is not held up by it");
  BOOST_TEST(d.posted.size() == 2U);

  d.clock.pass(std::chrono::hours(1));
  d.errors.report(NoticeClass::resource, "disk full", "free some");

  BOOST_REQUIRE(d.posted.size() == 3U);
  BOOST_TEST(contains(d.posted[2], "99 more"));
  BOOST_TEST(!contains(d.posted[0], " more "));
}

BOOST_AUTO_TEST_CASE(copies_are_limited_too) {
  Desk d;
  BOOST_TEST(!d.errors.admits_copy(NoticeClass::bounce));
  d.settings.notify_classes = {"bounce"};
  d.configure();
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += d.errors.admits_copy(NoticeClass::bounce);

  BOOST_TEST(admitted == 100);
}

BOOST_AUTO_TEST_CASE(a_letter_that_could_not_be_stored_is_posted_again_when_storing_works) {
  Desk d;
  d.errors.report(NoticeClass::resource, "disk full", "free some");
  BOOST_TEST(!d.errors.waits());
  d.errors.put_back(NoticeClass::resource, d.posted[0]);
  BOOST_TEST(d.errors.waits());

  d.errors.post_again();
  d.errors.post_again();

  BOOST_REQUIRE(d.posted.size() == 2U);
  BOOST_TEST((d.posted[1].envelope.id == d.posted[0].envelope.id));
}

BOOST_AUTO_TEST_CASE(what_a_letter_quotes_adds_no_field_and_no_strange_octet) {
  Desk d;
  d.errors.report(NoticeClass::software, "x\r\nBcc: all@example.org",
                  std::string("one\r\n\r\n.\r\ntwo \xe4") + std::string(5000, 'x'));

  const std::string& content = *d.posted.at(0).content;
  BOOST_TEST(content.find("\r\nBcc:") == std::string::npos);
  BOOST_TEST(examine(content).canonical);
  BOOST_TEST(!examine(content).eight_bit);
  std::size_t start = 0;
  for (std::size_t end; (end = content.find("\r\n", start)) != std::string::npos; start = end + 2)
    BOOST_TEST(end - start <= 998U);
}

BOOST_AUTO_TEST_SUITE_END()
