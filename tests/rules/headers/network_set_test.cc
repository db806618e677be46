#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/headers/network_set.h"

using namespace postern;

namespace {

NetworkSet set_of(std::initializer_list<std::string_view> entries) {
  NetworkSet set;
  for (const auto entry : entries) BOOST_TEST(!set.add(entry).has_value(), entry);
  return set;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(network_set)

BOOST_AUTO_TEST_CASE(networks_are_written_in_many_ways) {
  BOOST_TEST(set_of({"192.0.2.7"}).contains("192.0.2.7"));
  BOOST_TEST(!set_of({"192.0.2.7"}).contains("192.0.2.8"));
  BOOST_TEST(set_of({"198.51."}).contains("198.51.200.1"));
  BOOST_TEST(set_of({"198.51/16"}).contains("198.51.200.1"));
  BOOST_TEST(set_of({"10"}).contains("10.9.8.7"));
  BOOST_TEST(set_of({"10.0.0.0/255.0.0.0"}).contains("10.9.8.7"));
  BOOST_TEST(set_of({"[2001:db8::]/32"}).contains("2001:db8:1::5"));
  BOOST_TEST(set_of({"fe80::1%eth0"}).contains("fe80::1"));
  BOOST_TEST(set_of({"192.0.2.3-192.0.2.9"}).contains("192.0.2.9"));
  BOOST_TEST(!set_of({"192.0.2.3-192.0.2.9"}).contains("192.0.2.10"));
  BOOST_TEST(set_of({"0/0"}).contains("203.0.113.1"));
  BOOST_TEST(!set_of({"0/0"}).contains("2001:db8::1"));
}

BOOST_AUTO_TEST_CASE(the_first_entry_that_holds_an_address_decides) {
  const auto set = set_of({"!10.0.1.5", "10.0.1/24"});
  BOOST_TEST(!set.contains("10.0.1.5"));
  BOOST_TEST(set.contains("10.0.1.6"));

  NetworkSet late;
  BOOST_TEST(!late.add("10.0.1/24").has_value());
  BOOST_TEST(late.add("!10.0.1.5").has_value());
  BOOST_TEST(late.contains("10.0.1.5"));
}

BOOST_AUTO_TEST_CASE(what_is_no_network_is_said_and_left_out) {
  NetworkSet set;
  for (const auto entry : {"", "!", "mail.example.org", "300.1.1.1", "10.0.0.0/33", "1.2.3.4.5",
                           "2001:db8::/129", "10.0.0.9-10.0.0.1", "10.0.0.0/255.0.255.0"}) {
    BOOST_TEST(set.add(entry).has_value(), entry);
  }
  BOOST_TEST(!set.contains("10.0.0.1"));
  BOOST_TEST(!set.contains("no address"));
}

BOOST_AUTO_TEST_SUITE_END()
