#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/hosts/host_name.h"
#include "rules/hosts/registry_boundaries.h"

using namespace postern;

namespace {

RegistryBoundaries boundaries() {
  RegistryBoundaries known;
  for (const auto* top : {"example", "test", "US", "xn--p1ai"}) known.add_top(top);
  known.add_second_level("co.Test");
  known.add_second_level("ca.us");
  known.add_third_level("city.kawa.test");
  return known;
}

std::string split_of(std::string_view name) {
  const auto split = boundaries().split_domain(name);
  return split.host + "|" + split.domain;
}

std::string located(std::string_view uri) {
  const auto location = boundaries().uri_to_domain(uri);
  return location ? location->domain + "|" + location->host : "nothing";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(registry_boundaries)

BOOST_AUTO_TEST_CASE(a_domain_is_one_label_below_what_registries_delegate) {
  BOOST_TEST(split_of("www.foo.example") == "www|foo.example");
  BOOST_TEST(split_of("a.b.foo.co.test") == "a.b|foo.co.test");
  BOOST_TEST(split_of("x.shop.city.kawa.test") == "x|shop.city.kawa.test");
  BOOST_TEST(split_of("foo.unknown") == "|foo.unknown");
  BOOST_TEST(split_of("alone") == "|alone");
  BOOST_TEST(split_of("") == "|");
}

BOOST_AUTO_TEST_CASE(a_registry_itself_is_its_own_domain) {
  BOOST_TEST(split_of("co.test") == "|co.test");
  BOOST_TEST(split_of("test") == "|test");
}

BOOST_AUTO_TEST_CASE(dots_at_the_ends_and_doubled_ones_are_forgiven) {
  BOOST_TEST(split_of("..WWW..foo.EXAMPLE.") == "www|foo.example");
  BOOST_TEST(split_of("...") == "|");
}

BOOST_AUTO_TEST_CASE(localities_of_us_states_are_delegated) {
  BOOST_TEST(split_of("x.fire.ci.springfield.il.us") == "x|fire.ci.springfield.il.us");
  BOOST_TEST(split_of("x.high.pvt.k12.ca.us") == "x|high.pvt.k12.ca.us");
  BOOST_TEST(split_of("www.springfield.il.us") == "|www.springfield.il.us");
  BOOST_TEST(split_of("a.b.zz.us") == "a.b|zz.us");
}

BOOST_AUTO_TEST_CASE(a_valid_domain_ends_in_a_known_top_level_domain) {
  const auto known = boundaries();

  BOOST_TEST(known.is_domain_valid("anything at all"
                                   ".example") == false);
  BOOST_TEST(known.is_domain_valid("any!thing.EXAMPLE"));
  BOOST_TEST(!known.is_domain_valid("example"));
  BOOST_TEST(known.is_domain_valid(".example"));
  BOOST_TEST(!known.is_domain_valid("a.example."));
  BOOST_TEST(!known.is_domain_valid("a.com"));
}

BOOST_AUTO_TEST_CASE(a_uri_comes_to_its_host_without_scheme_user_port_and_path) {
  BOOST_TEST(located("HTTP://u:p@WWW.Foo.Example:80/x?y#z") == "foo.example|www.foo.example");
  BOOST_TEST(located("ftp:foo.example?x") == "foo.example|foo.example");
  BOOST_TEST(located("foo.example:") == "foo.example|foo.example");
  BOOST_TEST(located("mailto:a@x.foo.example?subject=b@c") == "foo.example|x.foo.example");
  BOOST_TEST(located("http://192.0.2.1:8080/") == "192.0.2.1|192.0.2.1");
}

BOOST_AUTO_TEST_CASE(a_uri_without_a_plain_registered_host_comes_to_nothing) {
  for (const auto* uri :
       {"javascript:foo.example", "cid:a@foo.example", "file://foo.example", "mailto:foo.example",
        "mailto:a@b@foo.example", "http://foo%2eexample/", "http://foo.example%41",
        "http://foo.com/", "http://example/", "http://-foo.example/", "http://f_o.example/", ""})
    BOOST_TEST(located(uri) == "nothing", uri);
}

BOOST_AUTO_TEST_CASE(an_encoded_blank_is_no_reason_to_wait_for_another_form) {
  BOOST_TEST(located("http://a_b.foo.example/%41") == "foo.example|a_b.foo.example");
}

BOOST_AUTO_TEST_CASE(names_keep_to_the_limits_of_dns) {
  BOOST_TEST(is_fully_qualified("a.b.."));
  BOOST_TEST(!is_fully_qualified("a"));
  BOOST_TEST(!is_fully_qualified("a..b"));
  BOOST_TEST(is_fully_qualified(std::string(63, 'a') + ".b"));
  BOOST_TEST(!is_fully_qualified(std::string(64, 'a') + ".b"));
  std::string longest = "b";
  while (longest.size() < 253) longest = "a." + longest;
  BOOST_TEST(is_fully_qualified(longest));
  BOOST_TEST(!is_fully_qualified("aa" + longest));
  BOOST_TEST(!is_fully_qualified("a.b-.c"));
  BOOST_TEST(!is_fully_qualified("a.b c"));
}

BOOST_AUTO_TEST_CASE(addresses_are_told_from_names) {
  for (const auto* address :
       {"0.0.0.0", "255.255.255.255", "::", "::1", "1::", "2001:db8::1", "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "IPv6:fe80::A", "::ffff:192.0.2.1",
        "1:2:3:4:5:6:192.0.2.1", "1::192.0.2.1", "64:ff9b::1:192.0.2.1"})
    BOOST_TEST(is_ip_address(address), address);
  for (const auto* other : {"",
                            "1.2.3",
                            "1.2.3.4.5",
                            "01.2.3.4",
                            "256.1.1.1",
                            "1.2.3.4.",
                            ":",
                            ":1",
                            "1:",
                            "1:2",
                            "1:::2",
                            "1::2::3",
                            "1:2:3:4:5:6:7:8:9",
                            "::1:2:3:4:5:6:7:8",
                            "12345::",
                            "g::",
                            "[::1]",
                            "1:2:3:4:5:6:7:192.0.2.1",
                            "1:2:3:4:5:6::192.0.2.1",
                            "IPv6:192.0.2.1",
                            ":192.0.2.1"})
    BOOST_TEST(!is_ip_address(other), other);
}

BOOST_AUTO_TEST_SUITE_END()
