#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/headers/address_list.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
std::string shown(std::string_view field) {
  std::string out;
  for (const auto& entry : parse_address_list(field))
    out += "[" + entry.address.value_or("-") + "|" + entry.name.value_or("-") + "]";
  return out;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(address_list)

BOOST_AUTO_TEST_CASE(addresses_come_with_their_names) {
  BOOST_TEST(shown("a@b.c") == "[a@b.c|-]");
  BOOST_TEST(shown(" John Doe <a@b.c>, x@y.z (Xavier)\n") == "[a@b.c|John Doe ][x@y.z|Xavier]");
  BOOST_TEST(shown("\"Doe, John \\\"J\\\"\" <a@b.c>") == "[a@b.c|Doe, John \"J\" ]");
  BOOST_TEST(shown("\"john doe\"@b.c") == "[\"john doe\"@b.c|-]");
}

BOOST_AUTO_TEST_CASE(groups_give_their_members) {
  BOOST_TEST(shown("Friends: a@b.c, D <d@e.f>") == "[a@b.c|-][d@e.f|D ]");
  BOOST_TEST(shown("undisclosed-recipients:;") == "");
}

BOOST_AUTO_TEST_CASE(a_name_that_repeats_the_address_or_is_one_alone_is_no_name) {
  BOOST_TEST(shown("a@b.c <a@b.c>") == "[a@b.c|a@b.c ]");
  BOOST_TEST(shown("\"a@b.c\"<a@b.c>") == "[a@b.c|-]");
  BOOST_TEST(shown("\"joe@example.org\"") == "[joe@example.org|-]");
}

BOOST_AUTO_TEST_CASE(broken_fields_still_give_what_can_be_told) {
  BOOST_TEST(shown("Bank <service@bank.example> <evil@x.y>") == "[service@bank.example|Bank ]");
  BOOST_TEST(shown("=?utf-8?Q?\"A\"?=<a=b.c@d.e>") == "[a=b.c@d.e|=?utf-8?Q?A?=]");
  BOOST_TEST(shown("just words") == "[-|just words]");
  BOOST_TEST(shown("") == "");
}

BOOST_AUTO_TEST_CASE(a_hostile_field_costs_no_square) {
  BOOST_TEST(is_quick([] { return parse_address_list(std::string(1'000'000, '<')); }));
  BOOST_TEST(is_quick([] { return parse_address_list(std::string(1'000'000, '(')); }));
  BOOST_TEST(is_quick([] { return parse_address_list("<" + std::string(1'000'000, 'a')); }));
  BOOST_TEST(is_quick([] { return parse_address_list(std::string(1'000'000, '"')); }));
}

BOOST_AUTO_TEST_SUITE_END()
