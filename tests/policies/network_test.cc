#define BOOST_TEST_DYN_LINK
#include "policies/network.h"

#include <boost/test/unit_test.hpp>

#include "policies/network_list.h"
#include "tests/policies/open_maps.h"
#include "tests/policies/temporary_folder.h"

using namespace postern;

namespace {

IpAddress address(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  BOOST_REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

NetworkList open(std::vector<std::string> entries) {
  std::vector<Problem> problems;
  auto list = NetworkList::open({std::move(entries), "p:1:1"}, problems);
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));
  return list;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(networks)

BOOST_AUTO_TEST_CASE(addresses_are_read_and_written_in_their_usual_forms) {
  BOOST_TEST(address("192.0.2.1").text() == "192.0.2.1");
  BOOST_TEST(address("[192.0.2.1]").text() == "192.0.2.1");
  BOOST_TEST(address("2001:DB8:0:0::1").text() == "2001:db8::1");
  BOOST_TEST(address("[IPv6:2001:db8::1]").text() == "2001:db8::1");
  for (const char* wrong : {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ",
                            "fe80::1%eth0", "[1.2.3.4", "::g", "[]", "127.1"}) {
    BOOST_TEST(!IpAddress::parse(wrong), wrong);
  }
  BOOST_TEST(!IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

BOOST_AUTO_TEST_CASE(a_mapped_address_is_the_ipv4_address) {
  BOOST_TEST((address("::ffff:192.0.2.1") == address("192.0.2.1")));
  BOOST_TEST(address("::ffff:192.0.2.1").is_v4());
  BOOST_TEST(Network::parse("::ffff:192.0.2.0/120")->text() == "192.0.2.0/24");
}

BOOST_AUTO_TEST_CASE(the_reversed_form_is_that_of_rfc_5782) {
  BOOST_TEST(address("192.0.2.99").reversed() == "99.2.0.192");
  BOOST_TEST(address("2001:db8:1:2:3:4:567:89ab").reversed() ==
             "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2");
}

BOOST_AUTO_TEST_CASE(prefixes_compare_bit_by_bit) {
  BOOST_TEST(address("192.0.2.127").same_prefix(address("192.0.2.1"), 25));
  BOOST_TEST(!address("192.0.2.128").same_prefix(address("192.0.2.1"), 25));
  BOOST_TEST(address("192.0.2.128").same_prefix(address("10.0.0.1"), 0));
  BOOST_TEST(!address("::").same_prefix(address("0.0.0.0"), 0));
  BOOST_TEST(address("2001:db8::ffff").prefix(33).text() == "2001:db8::");
  BOOST_TEST(address("255.255.255.255").prefix(9).text() == "255.128.0.0");
}

BOOST_AUTO_TEST_CASE(loopback_and_private_networks_are_known) {
  BOOST_TEST(address("127.3.2.1").is_loopback());
  BOOST_TEST(address("::1").is_loopback());
  BOOST_TEST(!address("::2").is_loopback());
  for (const char* inside : {"10.1.1.1", "172.31.0.1", "192.168.9.9", "100.64.0.1", "169.254.1.1",
                             "fd00::1", "fe80::1"}) {
    BOOST_TEST(address(inside).is_private(), inside);
  }
  for (const char* outside : {"172.32.0.1", "192.0.2.1", "127.0.0.1", "2001:db8::1", "fec0::1"}) {
    BOOST_TEST(!address(outside).is_private(), outside);
  }
}

BOOST_AUTO_TEST_CASE(bits_behind_the_length_are_refused_with_both_remedies) {
  const auto network = Network::parse("192.0.2.77/24");

  BOOST_REQUIRE(!network);
  BOOST_TEST(network.error().what.find("192.0.2.0/24") != std::string::npos);
  BOOST_TEST(network.error().what.find("192.0.2.77") != std::string::npos);
  for (const char* wrong : {"192.0.2.0/", "192.0.2.0/x", "192.0.2.0/-1", "::/129", "/8", "a/8"}) {
    BOOST_TEST(!Network::parse(wrong), wrong);
  }
}

BOOST_AUTO_TEST_CASE(the_first_element_of_a_list_decides) {
  const auto list = open({"!192.0.2.1", "192.0.2.0/24 [::1]/128", "10.0.0.0/8, !172.16.0.0/12"});

  BOOST_TEST(!list.contains(address("192.0.2.1")).value());
  BOOST_TEST(list.contains(address("192.0.2.2")).value());
  BOOST_TEST(list.contains(address("::1")).value());
  BOOST_TEST(list.contains(address("10.9.9.9")).value());
  BOOST_TEST(!list.contains(address("172.16.0.1")).value());
  BOOST_TEST(!list.contains(address("203.0.113.1")).value());
}

BOOST_AUTO_TEST_CASE(files_and_maps_are_elements_too) {
  const TemporaryFolder folder;
  const auto words = folder.write("networks", "# ours\n10.0.0.0/8 192.0.2.1\n");
  const auto table = folder.write("cidr", "203.0.113.0/24 any result\n");
  const auto names = folder.write("hash", "198.51.100 yes\n");

  const auto list = open({words, "!cidr:" + table, "hash:" + names, "203.0.112.0/23"});

  BOOST_TEST(list.contains(address("192.0.2.1")).value());
  BOOST_TEST(list.contains(address("198.51.100.9")).value());
  BOOST_TEST(!list.contains(address("203.0.113.9")).value());
  BOOST_TEST(list.contains(address("203.0.112.9")).value());
}

BOOST_AUTO_TEST_CASE(a_map_that_fails_does_not_make_a_client_a_stranger) {
  const auto list = open({"10.0.0.0/8", "fail:outage"});

  BOOST_TEST(list.contains(address("10.0.0.1")).value());
  BOOST_TEST(!list.contains(address("192.0.2.1")));
}

BOOST_AUTO_TEST_CASE(wrong_elements_are_problems_at_their_place) {
  const TemporaryFolder folder;
  const auto file = folder.write("networks", "10.0.0.0/8\n/another/file\n10.0.0.1/8 ! 192.0.2.1\n");
  std::vector<Problem> problems;

  NetworkList::open(
      {{file, "nonsense", "/nonexistent", "cidr:/nonexistent", "! 10.0.0.0/8"}, "p:3:1"}, problems);

  std::vector<std::string> places;
  for (const Problem& problem : problems) places.push_back(problem.where);
  const std::vector<std::string> expected = {file + ":2", file + ":3", "p:3:1", "p:3:1",
                                             "p:3:1",     file + ":3", "p:3:1"};
  std::sort(places.begin(), places.end());
  auto sorted = expected;
  std::sort(sorted.begin(), sorted.end());
  BOOST_TEST(places == sorted, join(problems));
}

BOOST_AUTO_TEST_SUITE_END()
