// spf_record_test.cc — reading SPF records and expanding macros.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "filters/spf/macro.h"
#include "filters/spf/record.h"

using namespace postern;
using namespace postern::spf;

namespace {

MacroValues values() {
  MacroValues out;
  out.sender = "strong-bad@email.example.com";
  out.domain = "email.example.com";
  out.helo = "mail.example.com";
  out.validated_name = "mx.example.org";
  out.receiver = "mx.example.net";
  out.client = *IpAddress::parse("192.0.2.3");
  out.now = WallTime{std::chrono::seconds(1700000000)};
  return out;
}

std::string expanded(std::string_view text) { return expand_macros(text, values()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(spf_record_suite)

BOOST_AUTO_TEST_CASE(only_our_version_alone_or_before_a_blank_is_a_record) {
  BOOST_TEST(is_record("v=spf1"));
  BOOST_TEST(is_record("V=SPF1 -all"));
  BOOST_TEST(!is_record("v=spf10"));
  BOOST_TEST(!is_record("v=spf1\t-all"));
  BOOST_TEST(!is_record(" v=spf1"));
}

BOOST_AUTO_TEST_CASE(every_mechanism_is_read_with_its_argument) {
  const auto record = parse_record(
      "v=spf1 a A:a.example.org/24//64 mx//32 ptr:%{d} ip4:192.0.2.0/25 ip6:2001:db8::/32 "
      "exists:%{i}.example.org ~include:b.example.org  -all exp=why.example.org other=%{d}/x "
      "redirect=c.example.org");

  BOOST_REQUIRE(record.has_value());
  BOOST_REQUIRE(record->directives.size() == 9U);
  BOOST_TEST(record->directives[1].domain == "a.example.org");
  BOOST_TEST(record->directives[1].length4 == 24U);
  BOOST_TEST(record->directives[1].length6 == 64U);
  BOOST_TEST(record->directives[2].length6 == 32U);
  BOOST_TEST(record->directives[4].address[0] == 192);
  BOOST_TEST(record->directives[4].length4 == 25U);
  BOOST_TEST((record->directives[7].result == SpfResult::softfail));
  BOOST_TEST((record->directives[8].result == SpfResult::fail));
  BOOST_TEST(record->explanation == "why.example.org");
  BOOST_TEST(record->redirect == "c.example.org");
}

BOOST_AUTO_TEST_CASE(one_mistake_anywhere_makes_the_record_wrong) {
  for (const char* terms : {"all:",
                            "all/8",
                            "+",
                            "-",
                            "=all",
                            "1up=x",
                            "include",
                            "include:",
                            "a:example",
                            "a:a.1",
                            "a:a.example-",
                            "a/33",
                            "a/024",
                            "a//129",
                            "a/24//",
                            "a//64/24",
                            "mx/",
                            "ip4",
                            "ip4:1.2.3",
                            "ip4:1.2.3.4/",
                            "ip4:1.2.3.04",
                            "ip6:1.2.3.4",
                            "ip6:2001:db8::/129",
                            "exists",
                            "exists:a.b/8",
                            "ptr/24",
                            "redirect=",
                            "redirect=a.bc redirect=a.bc",
                            "exp=a.bc exp=a.bc",
                            "x=%",
                            "x=%{",
                            "x=%{z}",
                            "x=%{d0}",
                            "x=%{c}",
                            "all\t-all",
                            "all \x80",
                            "unknown",
                            "a:%{d1!}"}) {
    BOOST_TEST_CONTEXT(terms) {
      BOOST_TEST(!parse_record("v=spf1 " + std::string(terms)).has_value());
    }
  }
  BOOST_TEST(!parse_record("v=spf1 " + std::string(longest_record, ' ')).has_value());
}

// RFC 7208 §7.4.
BOOST_AUTO_TEST_CASE(macros_expand_as_in_the_rfc_s_examples) {
  BOOST_TEST(expanded("%{s}") == "strong-bad@email.example.com");
  BOOST_TEST(expanded("%{o}") == "email.example.com");
  BOOST_TEST(expanded("%{d4}") == "email.example.com");
  BOOST_TEST(expanded("%{d2}") == "example.com");
  BOOST_TEST(expanded("%{d1}") == "com");
  BOOST_TEST(expanded("%{dr}") == "com.example.email");
  BOOST_TEST(expanded("%{d2r}") == "example.email");
  BOOST_TEST(expanded("%{l}") == "strong-bad");
  BOOST_TEST(expanded("%{l-}") == "strong.bad");
  BOOST_TEST(expanded("%{lr}") == "strong-bad");
  BOOST_TEST(expanded("%{lr-}") == "bad.strong");
  BOOST_TEST(expanded("%{l1r-}") == "strong");
  BOOST_TEST(expanded("%{ir}.%{v}._spf.%{d2}") == "3.2.0.192.in-addr._spf.example.com");
  BOOST_TEST(expanded("%%%_%-%{S} %{h} %{p} %{r} %{c} %{t}") ==
             "% %20strong-bad%40email.example.com mail.example.com mx.example.org mx.example.net "
             "192.0.2.3 1700000000");
}

BOOST_AUTO_TEST_CASE(ipv6_addresses_expand_to_nibbles) {
  MacroValues six = values();
  six.client = *IpAddress::parse("2001:db8::cb01");

  BOOST_TEST(expand_macros("%{ir}.%{v}", six) ==
             "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6");
  BOOST_TEST(expand_macros("%{c}", six) == "2001:db8::cb01");
}

BOOST_AUTO_TEST_CASE(a_name_that_has_grown_too_long_loses_labels_on_its_left) {
  MacroValues long_helo = values();
  long_helo.helo = std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') +
                   "." + std::string(60, 'd');

  const std::string name = expand_domain("%{h}.%{d}.", long_helo);

  BOOST_TEST(name == long_helo.helo.substr(61) + ".email.example.com");
}

BOOST_AUTO_TEST_CASE(what_macros_expand_to_is_bounded) {
  MacroValues loud = values();
  loud.helo = std::string(1000, 'a');
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "%{h}";

  BOOST_TEST(expand_macros(text, loud).size() == longest_expansion);
}

BOOST_AUTO_TEST_SUITE_END()
