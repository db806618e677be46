#define BOOST_TEST_DYN_LINK
#include "policies/address_lookup.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {

/// The keys in order; partial ones in parentheses.
std::string shown(const LookupKeys& keys) {
  std::string out;
  for (const LookupKey& key : keys) {
    if (!out.empty()) out += ' ';
    out += key.partial ? "(" + key.text + ")" : key.text;
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address_lookup)

BOOST_AUTO_TEST_CASE(access_keys_go_from_the_address_to_its_local_part) {
  BOOST_TEST(shown(access_keys("user+ext@a.example.org", "+")) ==
             "user+ext@a.example.org (user@a.example.org) (a.example.org) (.example.org) "
             "(example.org) (.org) (org) (user+ext@) (user@)");
  BOOST_TEST(shown(access_keys("user@example.org", "")) ==
             "user@example.org (example.org) (.org) (org) (user@)");
}

BOOST_AUTO_TEST_CASE(the_null_sender_is_asked_for_as_angle_brackets_alone) {
  BOOST_TEST(shown(access_keys("", "+")) == "<>");
}

BOOST_AUTO_TEST_CASE(alias_and_transport_keys_have_their_own_order) {
  BOOST_TEST(shown(alias_keys("u+x@example.org", "+")) ==
             "u+x@example.org (u@example.org) (@example.org)");
  BOOST_TEST(shown(transport_keys("u+x@a.example.org", "+")) ==
             "u+x@a.example.org (u@a.example.org) (a.example.org) (.example.org) (.org) (*)");
}

BOOST_AUTO_TEST_CASE(clients_are_asked_for_by_name_and_by_shorter_addresses) {
  BOOST_TEST(shown(client_keys("mx.example.org", *IpAddress::parse("192.0.2.1"))) ==
             "mx.example.org (.example.org) (example.org) (.org) (org) 192.0.2.1 (192.0.2) (192.0) "
             "(192)");
  BOOST_TEST(shown(client_keys("", *IpAddress::parse("2001:db8::1:2"))) ==
             "unknown 2001:db8::1:2 (2001:db8::1) (2001:db8) (2001)");
  BOOST_TEST(shown(address_keys(*IpAddress::parse("::1"))) == "::1");
}

BOOST_AUTO_TEST_CASE(literals_and_numbers_have_no_parent_domains) {
  BOOST_TEST(shown(domain_keys("[192.0.2.1]", ParentForm::both)) == "[192.0.2.1]");
  BOOST_TEST(shown(domain_keys("192.0.2.1", ParentForm::both)) == "192.0.2.1");
  BOOST_TEST(shown(domain_keys("org", ParentForm::both)) == "org");
  BOOST_TEST(shown(domain_keys("example.", ParentForm::both)) == "example.");
}

BOOST_AUTO_TEST_CASE(extensions_are_split_but_not_from_reserved_names) {
  BOOST_TEST(split_extension("user+a+b", "+").user == "user");
  BOOST_TEST(split_extension("user+a+b", "+").extension == "+a+b");
  BOOST_TEST(split_extension("user-a+b", "+-").user == "user");
  BOOST_TEST(split_extension("+a", "+").user == "+a");
  BOOST_TEST(split_extension("user+a", "").user == "user+a");
  BOOST_TEST(split_extension("owner-list", "-").user == "owner-list");
  BOOST_TEST(split_extension("list-request", "-").user == "list-request");
  BOOST_TEST(split_extension("mailer-daemon", "-").user == "mailer-daemon");
  BOOST_TEST(without_extension("user+a@example.org", "+") == "user@example.org");
  BOOST_TEST(without_extension("user+a", "+") == "user");
}

BOOST_AUTO_TEST_SUITE_END()
