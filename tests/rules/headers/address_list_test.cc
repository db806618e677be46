#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/headers/address_list.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
std::string shown(std::string_view field) {
  std::string out;
  for (const auto& entry : parse_address_list(field))
    out += "[" + entry.address + "|" + entry.name + "]";
  return out;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(address_list)

BOOST_AUTO_TEST_CASE(addresses_come_with_their_names) {
  BOOST_TEST(shown("a@b.c") == "[a@b.c|]");
  BOOST_TEST(shown(" John Doe <a@b.c>, x@y.z (Xavier)\n") == "[a@b.c|John Doe][x@y.z|Xavier]");
  BOOST_TEST(shown("\"Doe, John \\\"J\\\"\" <a@b.c>") == "[a@b.c|Doe, John \"J\"]");
  BOOST_TEST(shown("\"john doe\"@b.c") == "[\"john doe\"@b.c|]");
}

BOOST_AUTO_TEST_CASE(groups_give_their_members) {
  BOOST_TEST(shown("Friends: a@b.c, D <d@e.f>;, g@h.i") == "[a@b.c|][d@e.f|D][g@h.i|]");
  BOOST_TEST(shown("undisclosed-recipients:;") == "");
}

BOOST_AUTO_TEST_CASE(broken_fields_still_give_what_readers_see) {
  BOOST_TEST(shown("Bank <service@bank.example> <evil@x.y>") ==
             "[service@bank.example|Bank][evil@x.y|]");
  BOOST_TEST(shown("a@b.c <evil@x.y>") == "[evil@x.y|a@b.c]");
  BOOST_TEST(shown("Name <a@b.c") == "[<a@b.c|]");
  BOOST_TEST(shown("\"unclosed <a@b.c>") == "[<a@b.c>|]");
  BOOST_TEST(shown("") == "");
  BOOST_TEST(shown("just words") == "");
  BOOST_TEST(shown("(((") == "");
}

BOOST_AUTO_TEST_CASE(a_hostile_field_costs_no_square) {
  BOOST_TEST(is_quick([] { return parse_address_list(std::string(1'000'000, '<')); }));
  BOOST_TEST(is_quick([] { return parse_address_list(std::string(1'000'000, '(')); }));
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "a@b,";
  BOOST_TEST(parse_address_list(many).size() == 1000U);
}

BOOST_AUTO_TEST_SUITE_END()
