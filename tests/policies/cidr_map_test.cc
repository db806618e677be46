#define BOOST_TEST_DYN_LINK
#include "policies/cidr_map.h"

#include <boost/test/unit_test.hpp>

#include "policies/network.h"
#include "tests/policies/open_maps.h"

using namespace postern;

namespace {

std::shared_ptr<const Map> good(std::string_view source) {
  std::vector<Problem> problems;
  auto map = parse_cidr_map(source, "cidr:/t", "/t", problems);
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));
  return map;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cidr_maps)

BOOST_AUTO_TEST_CASE(the_first_network_decides_and_not_the_narrowest) {
  const auto map = good(
      "192.0.2.1      host\n"
      "192.0.2.0/24   net\n"
      "192.0.2.7      never\n"
      "2001:db8::/32  six\n"
      "[::1]          loopback\n"
      "0.0.0.0/0      any\n");

  BOOST_TEST(ask(*map, "192.0.2.1") == "host");
  BOOST_TEST(ask(*map, "192.0.2.7") == "net");
  BOOST_TEST(ask(*map, "::ffff:192.0.2.7") == "net");
  BOOST_TEST(ask(*map, "2001:db8:1::5") == "six");
  BOOST_TEST(ask(*map, "::1") == "loopback");
  BOOST_TEST(ask(*map, "10.0.0.1") == "any");
  BOOST_TEST(ask(*map, "2001:db9::1") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_key_that_is_no_address_matches_nothing) {
  const auto map = good("0.0.0.0/0 any\n!10.0.0.0/8 other\n");

  for (const char* key : {"", "example.org", "10.0.0", "10.0.0.1.", "10.0.0.1/32", "unknown"}) {
    BOOST_TEST(ask(*map, key) == "(none)");
  }
}

BOOST_AUTO_TEST_CASE(negations_and_blocks_keep_their_place_in_the_order) {
  const auto map = good(
      "10.1.0.0/16 first\n"
      "!10.0.0.0/8 outside\n"
      "if 10.2.0.0/16\n"
      "10.2.3.0/24 inner\n"
      "if !10.2.4.0/24\n"
      "0.0.0.0/0 rest\n"
      "endif\n"
      "endif\n"
      "10.0.0.0/8 last\n"
      "192.0.2.0/24 never\n");

  BOOST_TEST(ask(*map, "10.1.2.3") == "first");
  BOOST_TEST(ask(*map, "192.0.2.1") == "outside");
  BOOST_TEST(ask(*map, "10.2.3.9") == "inner");
  BOOST_TEST(ask(*map, "10.2.5.1") == "rest");
  BOOST_TEST(ask(*map, "10.2.4.1") == "last");
  BOOST_TEST(ask(*map, "10.3.0.1") == "last");
}

BOOST_AUTO_TEST_CASE(bad_lines_are_named_with_the_network_that_was_meant) {
  std::vector<Problem> problems;
  const auto map = parse_cidr_map(
      "192.0.2.1/24 x\n"
      "192.0.2.0/33 x\n"
      "example.org x\n"
      "192.0.2.0/24\n"
      "endif\n"
      "if 10.0.0.0/8\n"
      "10.0.0.0/8 good\n",
      "cidr:/t", "/t", problems);

  BOOST_TEST(ask(*map, "10.0.0.1") == "good");
  BOOST_REQUIRE_EQUAL(problems.size(), 6U);
  BOOST_TEST(problems[0].what.find("192.0.2.0/24") != std::string::npos, problems[0].what);
  BOOST_TEST(problems[5].where == "/t:6");
}

BOOST_AUTO_TEST_CASE(the_index_agrees_with_reading_from_the_top) {
  // A small pseudo-random table over few bits, so that networks overlap all the time.
  std::uint32_t seed = 7;
  const auto next = [&seed](std::uint32_t bound) {
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 16U) % bound;
  };
  std::string source;
  std::vector<Network> networks;
  std::vector<bool> negated;
  for (int i = 0; i < 300; ++i) {
    const auto address = IpAddress::v4(
        {10, 0, static_cast<std::uint8_t>(next(4)), static_cast<std::uint8_t>(next(256))});
    const unsigned length = 20 + next(13);
    networks.push_back({address.prefix(length), length});
    negated.push_back(next(100) == 0);
    source += (negated.back() ? "!" : "") + networks.back().text() + " " + std::to_string(i) + "\n";
  }
  const auto map = good(source);

  for (unsigned i = 0; i < 1024; ++i) {
    const auto address = IpAddress::v4(
        {10, 0, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256)});
    std::string expected = "(none)";
    for (std::size_t n = 0; n < networks.size() && expected == "(none)"; ++n) {
      if (networks[n].contains(address) != negated[n]) expected = std::to_string(n);
    }
    BOOST_TEST(ask(*map, address.text()) == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
