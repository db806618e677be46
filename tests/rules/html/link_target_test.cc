#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/html/link_target.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(html_link_target)

BOOST_AUTO_TEST_CASE(a_relative_link_starts_at_the_folder_of_the_base) {
  const auto at = [](std::string_view link) { return link_target("http://b.example/d/e?q", link); };

  BOOST_TEST(at("x.html") == "http://b.example/d/x.html");
  BOOST_TEST(at("/x") == "http://b.example/x");
  BOOST_TEST(at("../../x/./y/..") == "http://b.example/x/");
  BOOST_TEST(at("#f") == "http://b.example/d/e?q#f");
  BOOST_TEST(at("?z") == "http://b.example/d/e?z");
  BOOST_TEST(at("//c.example") == "http://c.example");
  BOOST_TEST(at("http:x") == "http://b.example/d/x");
  BOOST_TEST(at("mailto:a@c.example") == "mailto:a@c.example");
}

BOOST_AUTO_TEST_CASE(without_a_base_only_well_known_hosts_get_a_scheme) {
  BOOST_TEST(link_target("", "//www2.a.example/") == "http://www2.a.example/");
  BOOST_TEST(link_target("", "//FTP.a.example") == "ftp://FTP.a.example");
  BOOST_TEST(link_target("", "//a.example") == "//a.example");
  BOOST_TEST(link_target("", "a.example/./b") == "a.example/b");
}

BOOST_AUTO_TEST_SUITE_END()
