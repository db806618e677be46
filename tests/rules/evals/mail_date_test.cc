#define BOOST_TEST_DYN_LINK
#include "rules/evals/mail_date.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {
constexpr std::int64_t one_o_clock = 1448413200;  // 25 Nov 2015 01:00:00 UTC
std::int64_t seconds(std::string_view text) { return parse_mail_date(text).value_or(-1); }
}  // namespace

BOOST_AUTO_TEST_SUITE(mail_date)

BOOST_AUTO_TEST_CASE(the_form_of_rfc_5322_is_read_with_its_zone) {
  BOOST_TEST(seconds("Wed, 25 Nov 2015 01:00:00 +0000") == one_o_clock);
  BOOST_TEST(seconds("25 Nov 2015 01:00:00 +0100") == one_o_clock - 3600);
  BOOST_TEST(seconds("25 Nov 2015 01:00:00 -0930") == one_o_clock + 9 * 3600 + 1800);
  BOOST_TEST(seconds("Wed,25 nov 2015 01:00") == one_o_clock);
}

BOOST_AUTO_TEST_CASE(named_zones_count_and_unknown_ones_are_utc) {
  BOOST_TEST(seconds("25 Nov 2015 01:00:00 (EST)") == one_o_clock + 5 * 3600);
  BOOST_TEST(seconds("25 Nov 2015 01:00:00 XYZ") == one_o_clock);
  BOOST_TEST(seconds("25 Nov 2015 01:00:00 EST-DST") == one_o_clock);
  BOOST_TEST(seconds("25 Nov 2015 01:00:00 XYZ EST") == one_o_clock);
}

BOOST_AUTO_TEST_CASE(years_of_two_and_three_digits_are_of_this_time) {
  BOOST_TEST(seconds("25 Nov 15 01:00:00 +0000") == one_o_clock);
  BOOST_TEST(seconds("25 Nov 115 01:00:00 +0000") == one_o_clock);
  BOOST_TEST(seconds("1 Jan 99 00:00:00 +0000") == 915148800);
}

BOOST_AUTO_TEST_CASE(the_form_of_asctime_loses_its_clock) {
  BOOST_TEST(seconds("Wed Nov 25 01:00:00 2015") == one_o_clock - 3600);
}

BOOST_AUTO_TEST_CASE(what_is_out_of_range_is_moved_into_it) {
  BOOST_TEST(seconds("25 Nov 2015 25:61:61 +0000") == one_o_clock + 22 * 3600 + 59 * 60 + 59);
  BOOST_TEST(seconds("31 Nov 2015 01:00:00 +0000") == seconds("1 Dec 2015 01:00:00 +0000"));
  BOOST_TEST(seconds("32 Dec 2015 01:00:00 +0000") == seconds("1 Jan 2016 01:00:00 +0000"));
  BOOST_TEST(seconds("1 Jan 1900 00:00:00 +0000") == 0);
  BOOST_TEST(seconds("1 Jan 2099 00:00:00 +0000") == seconds("1 Jan 2037 00:00:00 +0000"));
  BOOST_TEST(seconds("1 Jan 1970 00:00:00 +0100") == 0);
}

BOOST_AUTO_TEST_CASE(without_a_day_there_is_no_date) {
  BOOST_TEST(!parse_mail_date(""));
  BOOST_TEST(!parse_mail_date("01:00:00 +0000"));
  BOOST_TEST(!parse_mail_date("0 Nov 2015"));
  BOOST_TEST(!parse_mail_date("25 November 2015"));
}

BOOST_AUTO_TEST_CASE(a_received_date_is_found_by_its_form) {
  BOOST_TEST(date_in_received("from a by b; Wed, 25 Nov 2015 01:00:00 +0000 (UTC)") ==
             " 25 Nov 2015 01:00:00 +0000");
  BOOST_TEST(date_in_received("from a by b;  5 Nov 2015 01:00:00 +0000") ==
             "  5 Nov 2015 01:00:00 +0000");
  BOOST_TEST(date_in_received("from a by b; 25 Nov 2015") == "");
  BOOST_TEST(date_in_received("") == "");
}

BOOST_AUTO_TEST_SUITE_END()
