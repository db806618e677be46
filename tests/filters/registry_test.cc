#define BOOST_TEST_DYN_LINK
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "gateway/pipeline/filter.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(filters_stand_in_alphabetical_order_without_doubles) {
  const auto types = filter_types();
  BOOST_TEST(types.size() >= 6U);
  BOOST_TEST(std::ranges::is_sorted(types, std::ranges::less_equal{}, &FilterType::name));
}

BOOST_AUTO_TEST_CASE(each_filter_is_found_by_its_name_and_says_what_it_is) {
  for (const auto* type : filter_types()) {
    BOOST_TEST(find_filter_type(type->name) == type);
    BOOST_TEST(type->help.ends_with('.'), type->name);
    BOOST_TEST((type->default_on_failure == "pass" || type->default_on_failure == "defer"),
               type->name);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_name_and_the_skeleton_are_not_found) {
  BOOST_TEST(!find_filter_type("nonsense"));
  BOOST_TEST(!find_filter_type("skeleton"));
}

BOOST_AUTO_TEST_CASE(every_key_of_every_filter_is_in_the_manual) {
  for (const auto* type : filter_types()) {
    const std::string manual = config_manual([&](Keys& keys) { (void)type->configure(keys); });
    BOOST_TEST(manual.find(" = ") != std::string::npos, type->name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
