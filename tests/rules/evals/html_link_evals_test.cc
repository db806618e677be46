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

std::string html_mail(std::string_view body) {
  return "Subject: x\nContent-Type: text/html\n\n<html><body>" + std::string(body) +
         "</body></html>\n";
}

bool shows_https(std::string_view body) {
  return evaluate("check_https_ip_mismatch", {}, html_mail(body), settings()) != 0;
}
bool mismatches(std::string_view body, const EvalArguments& bounds = {"1", "10"}) {
  return evaluate("check_https_http_mismatch", bounds, html_mail(body), settings()) != 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(html_link_evals)

BOOST_AUTO_TEST_CASE(a_host_that_ends_in_http_may_give_its_colon_to_the_next) {
  BOOST_TEST(evaluate("check_for_http_redirector", {},
                      html_mail("<a href='http://a.com.xhttp://b.org/'>x</a>"), settings()) == 1);
}

BOOST_AUTO_TEST_CASE(a_link_to_an_address_that_shows_https_is_a_mismatch) {
  BOOST_TEST(shows_https("<a href='http://192.0.2.1/x'>see https://bank.com/</a>"));
  BOOST_TEST(shows_https("<a href='HTTPS:///u@192.0.2.1'>HTTPS: it is</a>"));
  BOOST_TEST(!shows_https("<a href='http://192.0.2.1/'>http://bank.com/</a>"));
  BOOST_TEST(!shows_https("<a href='http://192.0.2.1/'>https://192.0.2.1/</a>"));
  BOOST_TEST(!shows_https("<a href='http://bank.com/'>https://bank.com/</a>"));
}

BOOST_AUTO_TEST_CASE(a_link_to_another_domain_than_it_shows_is_a_mismatch) {
  BOOST_TEST(mismatches("<a href='http://evil.org/'>go to https://www.bank.com/login</a>"));
  BOOST_TEST(mismatches("<a href='http://evil.org/'>https://192.0.2.1/</a>"));
  BOOST_TEST(!mismatches("<a href='http://x.bank.com/'>https://www.bank.com/</a>"));
  BOOST_TEST(!mismatches("<a href='http://evil.org/'>http://www.bank.com/</a>"));
  BOOST_TEST(!mismatches("<a href='http://192.0.2.1/'>https://www.bank.com/</a>"));
  BOOST_TEST(!mismatches("<a href='http://evil.org/'>https://bank.unknown/</a>"));
  BOOST_TEST(!mismatches("<a href='mailto:x@evil.org'>https://bank.com/</a>"));
}

BOOST_AUTO_TEST_CASE(only_so_many_links_with_text_in_a_part_count) {
  const std::string liar = "<a href='http://evil.org/'>https://bank.com/</a>";
  const std::string other = "<a href='http://fine.org/'>fine</a>";

  BOOST_TEST(!mismatches(liar, {"2", "10"}));
  BOOST_TEST(mismatches(liar + other, {"2", "3"}));
  BOOST_TEST(!mismatches(liar + other, {"1", "2"}));
  BOOST_TEST(mismatches(liar + other, {}));
}

BOOST_AUTO_TEST_CASE(a_link_of_more_than_8192_octets_is_remembered) {
  const auto link = [](std::size_t length) {
    return html_mail("<a href='http://a.com/" + std::string(length, 'x') + "'>x</a>");
  };

  BOOST_TEST(evaluate("check_uri_truncated", {}, link(8192 - 13), settings()) == 0);
  BOOST_TEST(evaluate("check_uri_truncated", {}, link(8193 - 13), settings()) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
