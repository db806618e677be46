#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

RuleSettings settings() {
  RuleSettings out;
  apply(domain_directives(), "util_rb_tld com org net", out);
  return out;
}

std::string text_mail(std::string_view body) {
  return "Subject: x\nContent-Type: text/plain\n\n" + std::string(body) + "\n";
}
bool redirects(std::string_view uri) {
  return evaluate("check_for_http_redirector", {}, text_mail(uri), settings()) != 0;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(uri_evals)

BOOST_AUTO_TEST_CASE(a_uri_in_a_uri_redirects_if_its_domain_is_another) {
  BOOST_TEST(redirects("http://a.com/?to=http://b.org/"));
  BOOST_TEST(redirects("http://a.com/x/https:b.org"));
  BOOST_TEST(redirects("http://a.com/?http://x.a.com/?http://b.org/"));
  BOOST_TEST(!redirects("http://a.com/?to=http://www.a.com/"));
  BOOST_TEST(!redirects("http://a.com/?to=ftp://b.org/"));
  BOOST_TEST(!redirects("http://a.com/?to=http:///b.org"));
}

BOOST_AUTO_TEST_CASE(hosts_of_links_are_looked_up_but_those_of_mail_addresses_are_not) {
  auto lists = settings();
  apply(uri_host_directives(), "enlist_uri_host (SHOPS) shop.com !good.shop.com", lists);
  apply(uri_host_directives(), "blacklist_uri_host bad.org", lists);
  apply(uri_host_directives(), "enlist_uri_host (SHOPS) gone.net", lists);
  apply(uri_host_directives(), "delist_uri_host gone.net", lists);
  const auto listed = [&lists](std::string_view text) {
    return evaluate("check_uri_host_listed", {"SHOPS"}, text_mail(text), lists) != 0;
  };

  BOOST_TEST(listed("http://www.shop.com/"));
  BOOST_TEST(listed("http://good.shop.com/ http://shop.com/"));
  BOOST_TEST(!listed("http://good.shop.com/ http://gone.net/ joe@shop.com"));
  BOOST_TEST(evaluate("check_uri_host_in_blocklist", {}, text_mail("bad.org"), lists) == 1);
  BOOST_TEST(evaluate("check_uri_host_in_blacklist", {}, text_mail("bad.org"), lists) == 1);
  BOOST_TEST(evaluate("check_uri_host_in_welcomelist", {}, text_mail("bad.org"), lists) == 0);
  BOOST_TEST(evaluate("check_uri_host_listed", {"NONE"}, text_mail("bad.org"), lists) == 0);
}

BOOST_AUTO_TEST_CASE(lists_are_named_in_brackets) {
  RuleSettings lists;

  BOOST_TEST(
      apply(uri_host_directives(), "enlist_uri_host SHOPS shop.com", lists).problems.size() == 1U);
  BOOST_TEST(apply(uri_host_directives(), "enlist_uri_host (SHOPS)", lists).problems.size() == 1U);
  BOOST_TEST(apply(uri_host_directives(), "blocklist_uri_host", lists).problems.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
