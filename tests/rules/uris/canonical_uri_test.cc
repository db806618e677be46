#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/uris/canonical_uri.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

DomainSettings settings() {
  DomainSettings domains;
  domains.boundaries.add_top("example");
  auto pattern = Regex::compile("m{^https?://go\\.example/\\?.*to=([^&]*)}i");
  domains.redirectors.push_back(std::make_shared<const Regex>(std::move(*pattern)));
  return domains;
}

std::string forms(std::string_view uri, UriText reading = UriText::octets) {
  const auto domains = settings();
  Matcher matcher;
  std::string out;
  for (const auto& form : canonical_forms(uri, reading, domains, matcher)) out += "[" + form + "]";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(canonical_uri)

BOOST_AUTO_TEST_CASE(a_plain_uri_has_one_form) {
  BOOST_TEST(forms("http://a.example/x?y#z") == "[http://a.example/x?y#z]");
  BOOST_TEST(forms(" \t"
                   "ftp://a.exa\nmple\r/ ") == "[ftp://a.example/]");
}

BOOST_AUTO_TEST_CASE(local_references_stay_as_they_are) {
  BOOST_TEST(forms("#top") == "[#top]");
  BOOST_TEST(forms("/x%41") == "[/x%41]");
  BOOST_TEST(forms("") == "[]");
}

BOOST_AUTO_TEST_CASE(scheme_slashes_and_path_are_put_in) {
  BOOST_TEST(forms("a.example?x") == "[a.example?x][http://a.example/?x]");
  BOOST_TEST(forms("ftp.a.example") == "[ftp.a.example][ftp://ftp.a.example]");
  BOOST_TEST(forms("http:\\\\a.example\\x") == "[http:\\\\a.example\\x][http://a.example/x]");
  BOOST_TEST(forms("HTTPS:/a.example#x") == "[HTTPS:/a.example#x][HTTPS://a.example/#x]");
}

BOOST_AUTO_TEST_CASE(encodings_of_visible_characters_are_undone) {
  BOOST_TEST(forms("http://%61.example/%2f%20%7f%C3\"") ==
             "[http://%61.example/%2f%20%7f%C3\"][http://a.example//%20%7f%C3%22]");
  BOOST_TEST(forms("http://a.example/&#65;&#x42;&#x2f;&#38;#x43;&#9;") ==
             "[http://a.example/&#65;&#x42;&#x2f;&#38;#x43;&#9;][http://a.example/AB&#x2f;C&#9;]");
  BOOST_TEST(forms("http://a.example/&#X3002;&#65294;") ==
             "[http://a.example/&#X3002;&#65294;][http://a.example/..]");
}

BOOST_AUTO_TEST_CASE(characters_in_html_are_encoded_by_their_number_and_octets_of_text_as_such) {
  BOOST_TEST(forms("http://a.example/%41\xc3\xa9\xe2\x82\xac", UriText::characters) ==
             "[http://a.example/%41\xc3\xa9\xe2\x82\xac][http://a.example/A%e9\xe2\x82\xac]");
  BOOST_TEST(forms("http://a.example/%41\xc3\xa9") ==
             "[http://a.example/%41\xc3\xa9][http://a.example/A%c3%a9]");
}

BOOST_AUTO_TEST_CASE(user_and_default_port_are_left_out) {
  BOOST_TEST(forms("http://u:p@a.example:80/x") ==
             "[http://u:p@a.example:80/x][http://a.example/x]");
  BOOST_TEST(forms("https://a.example:443") == "[https://a.example:443][https://a.example]");
  BOOST_TEST(forms("https://a.example:80/") == "[https://a.example:80/]");
  BOOST_TEST(forms("http://a.example:80x/") == "[http://a.example:80x/]");
  BOOST_TEST(forms("http://u@bank.example@a.example/") ==
             "[http://u@bank.example@a.example/][http://a.example/]");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_part_of_a_host_is_left_out) {
  BOOST_TEST(forms("http://a\x01.example/") == "[http://a\x01.example/][http://a.example/]");
  BOOST_TEST(forms("http://a.example!!!/x") == "[http://a.example!!!/x][http://a.example/x]");
}

BOOST_AUTO_TEST_CASE(a_host_in_html_that_is_not_ascii_is_listed_in_octets_as_characters_too) {
  BOOST_TEST(forms("http://\xc3\xa9.example/", UriText::characters) ==
             "[http://\xc3\xa9.example/][http://\xc3\x83\xc2\xa9.example/]");
  BOOST_TEST(forms("http://\xc3\xa9.example/") == "[http://\xc3\xa9.example/]");
}

BOOST_AUTO_TEST_CASE(one_character_is_no_uri_however_many_octets_it_has) {
  BOOST_TEST(forms("\xe2\x82\xac", UriText::characters) == "[\xe2\x82\xac]");
}

BOOST_AUTO_TEST_CASE(hidden_ipv4_addresses_come_to_light) {
  BOOST_TEST(forms("http://0x7f.1.0300.9/") == "[http://0x7f.1.0300.9/][http://127.1.192.9/]");
  BOOST_TEST(forms("http://2130706433/x") == "[http://2130706433/x][http://127.0.0.1/x]");
  BOOST_TEST(forms("http://0x7F000001") == "[http://0x7F000001][http://127.0.0.1]");
  BOOST_TEST(forms("http://0x1ffff7F000001/") == "[http://0x1ffff7F000001/][http://127.0.0.1/]");
}

BOOST_AUTO_TEST_CASE(numbers_too_large_for_an_address_give_what_spamassassin_gives) {
  BOOST_TEST(forms("http://1.0.0.300/") == "[http://1.0.0.300/][http://1...300/]");
  BOOST_TEST(forms("http://4294967296/") == "[http://4294967296/][http://16.0.0.0/]");
  BOOST_TEST(forms("http://99999999999999999999999/") ==
             "[http://99999999999999999999999/][http://255.255.255.255/]");
  BOOST_TEST(forms("http://0xffffffffffffffffff.1.1.1/") ==
             "[http://0xffffffffffffffffff.1.1.1/][http://-1.1.1.1/]");
}

BOOST_AUTO_TEST_CASE(a_lonely_word_leads_where_a_browser_guesses) {
  BOOST_TEST(forms("http://shop/x") == "[http://shop/x][http://www.shop.com/x]");
  BOOST_TEST(forms("http://www.Shop:80/") ==
             "[http://www.Shop:80/][http://www.Shop/][http://www.shop.com:80/]");
  BOOST_TEST(forms("http://localhost/") == "[http://localhost/]");
  BOOST_TEST(forms("https://shop/") == "[https://shop/]");
  BOOST_TEST(forms("http://u@shop/") == "[http://u@shop/]");
}

BOOST_AUTO_TEST_CASE(redirections_are_followed) {
  BOOST_TEST(
      forms("http://go.example/?to=http:a.example%3fz&x") ==
      "[http://go.example/?to=http:a.example%3fz&x][http://go.example/?to=http:a.example?z&x]"
      "[http:a.example?z][http://a.example/?z]");
  BOOST_TEST(forms("http://a.example/http:/b.example/x#y") ==
             "[http://a.example/http:/b.example/x#y][http:/b.example/x][http://b.example/x]");
  BOOST_TEST(forms("http://a.example/http:/b/x") == "[http://a.example/http:/b/x]");
}

BOOST_AUTO_TEST_CASE(a_mail_address_is_freed_of_name_parameters_and_blanks) {
  BOOST_TEST(forms("mailto:a@b.example?subject=x") ==
             "[mailto:a@b.example?subject=x][mailto:a@b.example]");
  BOOST_TEST(forms("mailto:a@b.example&c?d") ==
             "[mailto:a@b.example&c?d][mailto:a@b.example&c][mailto:a@b.example]");
  BOOST_TEST(forms("mailto:%20%20a@b.example%20") ==
             "[mailto:%20%20a@b.example%20][mailto:a@b.example]");
  BOOST_TEST(forms("mailto:\"A\"<a@b.example>") ==
             "[mailto:\"A\"<a@b.example>][mailto:a@b.example]");
  BOOST_TEST(forms("mailto:<a@b>c<d@e") == "[mailto:<a@b>c<d@e][mailto:a@b]");
}

BOOST_AUTO_TEST_CASE(hostile_uris_cost_little) {
  for (const std::string_view piece :
       {"http://a.example/", "<a@", "&#", "%", "0", "@", "http:", "a.", "?to="}) {
    for (const std::string_view start : {"", "http://", "mailto:", "http://go.example/?to="}) {
      std::string uri(start);
      while (uri.size() < 8192) uri += piece;
      BOOST_TEST(is_quick([&uri] { return forms(uri); }), uri.substr(0, 40));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
