#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/evals/uri_host_lists.h"

using namespace postern;

namespace {

/// The numbers of the lists that have it, as digits.
std::string lists_of(const UriHostLists& lists, std::string_view host) {
  std::vector<bool> hits(lists.size());
  lists.look_up(host, hits);
  std::string out;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (hits[i]) out += static_cast<char>('0' + i);
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(uri_host_lists)

BOOST_AUTO_TEST_CASE(an_entry_stands_for_all_names_below_it) {
  UriHostLists lists;
  lists.add("A", "Shop.Example", true);

  BOOST_TEST(lists_of(lists, "shop.example") == "0");
  BOOST_TEST(lists_of(lists, "www.shop.example") == "0");
  BOOST_TEST(lists_of(lists, "myshop.example") == "");
  BOOST_TEST(lists_of(lists, "example") == "");
}

BOOST_AUTO_TEST_CASE(the_longest_entry_decides_each_list_for_itself) {
  UriHostLists lists;
  lists.add("A", "example", true);
  lists.add("A", "good.example", false);
  lists.add("B", "x.good.example", true);

  BOOST_TEST(lists_of(lists, "bad.example") == "0");
  BOOST_TEST(lists_of(lists, "www.good.example") == "");
  BOOST_TEST(lists_of(lists, "x.good.example") == "1");
}

BOOST_AUTO_TEST_CASE(an_address_is_listed_whole_or_not_at_all) {
  UriHostLists lists;
  lists.add("A", "192.0.2.1", true);
  lists.add("A", "0.2.7", true);
  lists.add("A", "::1", true);

  BOOST_TEST(lists_of(lists, "192.0.2.1") == "0");
  BOOST_TEST(lists_of(lists, "192.0.2.7") == "");
  BOOST_TEST(lists_of(lists, "[::1]") == "0");
}

BOOST_AUTO_TEST_CASE(of_a_long_name_the_last_eleven_labels_count) {
  UriHostLists lists;
  lists.add("A", "1.2.3.4.5.6.7.8.9.10.example", true);
  lists.add("B", "0.1.2.3.4.5.6.7.8.9.10.example", true);

  BOOST_TEST(lists_of(lists, "0.1.2.3.4.5.6.7.8.9.10.example") == "0");
}

BOOST_AUTO_TEST_CASE(what_is_removed_was_never_there) {
  UriHostLists lists;
  for (const auto* list : {"A", "B"}) lists.add(list, "shop.example", true);

  lists.remove("A", "SHOP.example");
  BOOST_TEST(lists_of(lists, "shop.example") == "1");
  lists.remove_from_all("shop.example");
  BOOST_TEST(lists_of(lists, "shop.example") == "");
  lists.remove("C", "none.example");
}

BOOST_AUTO_TEST_SUITE_END()
