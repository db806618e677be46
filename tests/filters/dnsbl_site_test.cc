#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "filters/dnsbl_site.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(dnsbl_site)

BOOST_AUTO_TEST_CASE(a_bare_zone_counts_one_for_any_answer) {
  const auto site = parse_dnsbl_site("Zen.Example.org.");
  BOOST_REQUIRE(site);
  BOOST_TEST(site->zone == "zen.example.org");
  BOOST_TEST(site->weight == 1);
  BOOST_TEST(site->matches({127, 0, 0, 2}));
  BOOST_TEST(site->matches({127, 9, 9, 9}));
}

BOOST_AUTO_TEST_CASE(a_pattern_has_numbers_sets_and_ranges) {
  const auto site = parse_dnsbl_site("list.example.org=127.[0;3].[0..255].[2;4..7]*3");
  BOOST_REQUIRE(site);
  BOOST_TEST(site->weight == 3);
  for (const ListAnswer answer : {ListAnswer{127, 0, 0, 2}, {127, 3, 200, 4}, {127, 0, 255, 7}}) {
    BOOST_TEST(site->matches(answer));
  }
  for (const ListAnswer answer :
       {ListAnswer{127, 1, 0, 2}, {127, 0, 0, 3}, {127, 0, 0, 8}, {126, 0, 0, 2}}) {
    BOOST_TEST(!site->matches(answer));
  }
}

BOOST_AUTO_TEST_CASE(a_negative_weight_makes_an_allow_list) {
  const auto site = parse_dnsbl_site("white.example.org=127.0.0.1*-5");
  BOOST_REQUIRE(site);
  BOOST_TEST(site->weight == -5);
}

BOOST_AUTO_TEST_CASE(what_is_no_entry_is_refused_with_a_reason) {
  for (const char* text :
       {"", "*2", "a..b", "zone.example=127.0.0", "zone.example=127.0.0.2.3",
        "zone.example=127.0.0.256", "zone.example=127.0.0.[2", "zone.example=127.0.0.[]",
        "zone.example=127.0.0.[5..2]", "zone.example=127.0.0.2..5", "zone.example=127.0.0.2*",
        "zone.example*0", "zone.example*x", "zone.example*1001", "zone.example=",
        "zone.example=192.0.2.1", "zone.example=127.0.0.2]", "zone example", "[192.0.2.1]"}) {
    const auto site = parse_dnsbl_site(text);
    BOOST_TEST(!site, text);
    if (!site) BOOST_TEST(site.error().what.find("an entry looks like") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
