// address_test.cc — paths and mailboxes; the cases are those of RFC 5321 §4.1.2 and RFC 6531.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/mail/address.h"

using namespace postern;

namespace {

/// The address in canonical form, or "error".
std::string path(std::string_view text, bool utf8 = false, bool null_allowed = false) {
  const auto parsed = parse_path(text, utf8, null_allowed);
  return parsed ? parsed->address.text() : "error";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address_suite)

BOOST_AUTO_TEST_CASE(a_path_gives_its_mailbox_and_the_rest) {
  const auto parsed = parse_path("<Bob.Smith+tag@Example.ORG>  SIZE=5", false, true);

  BOOST_REQUIRE(parsed);
  BOOST_TEST(parsed->address.local == "Bob.Smith+tag");
  BOOST_TEST(parsed->address.domain == "example.org");
  BOOST_TEST(parsed->rest == "SIZE=5");
}

BOOST_AUTO_TEST_CASE(the_null_path_is_for_senders_only) {
  BOOST_TEST(parse_path("<>", false, true)->address.null());
  BOOST_TEST(path("<>") == "error");
  BOOST_TEST(path("<@a.example:>", false, true) == "error");
}

BOOST_AUTO_TEST_CASE(postmaster_needs_no_domain_as_a_recipient) {
  BOOST_TEST(path("<PostMaster>") == "postmaster");
  BOOST_TEST(path("<bob>") == "error");
}

BOOST_AUTO_TEST_CASE(
    a_sender_without_a_domain_or_with_several_ats_is_taken_and_a_recipient_is_not) {
  BOOST_TEST(path("<bob>", false, true) == "bob");
  BOOST_TEST(path("<a@b@c.org>", false, true) == "\"a@b\"@c.org");
  BOOST_TEST(path("<a@b@c.org>") == "error");
  BOOST_TEST(path("<a b@c@d.org>", false, true) == "error");
}

BOOST_AUTO_TEST_CASE(a_source_route_is_read_and_ignored) {
  BOOST_TEST(path("<@hosta.int,@jkl.org:userc@d.bar.org>") == "userc@d.bar.org");
  for (const auto bad : {"<@a.org>", "<@a.org,b@c.org>", "<@a.org,:b@c.org>", "<@:b@c.org>",
                         "<@a b.org:b@c.org>", "<@a.org,@b.org>"}) {
    BOOST_TEST(path(bad) == "error", bad);
  }
}

BOOST_AUTO_TEST_CASE(quoted_local_parts_lose_quotes_that_they_do_not_need) {
  BOOST_TEST(path("<\"Joe.\\Blow\"@example.com>") == "Joe.Blow@example.com");
  BOOST_TEST(path("<\"john doe\"@example.org>") == "\"john doe\"@example.org");
  BOOST_TEST(path("<\"a\\\"b\\\\c\"@example.org>") == "\"a\\\"b\\\\c\"@example.org");
  BOOST_TEST(path("<\"<a>@b\"@example.org>") == "\"<a>@b\"@example.org");
  BOOST_TEST(path("<\"\"@example.org>") == "\"\"@example.org");
}

BOOST_AUTO_TEST_CASE(stray_dots_are_read_and_written_quoted) {
  BOOST_TEST(path("<a..b@example.org>") == "\"a..b\"@example.org");
  BOOST_TEST(path("<a.@example.org>") == "\"a.\"@example.org");
}

BOOST_AUTO_TEST_CASE(what_is_no_path_is_refused) {
  for (const auto bad : {"",
                         "<",
                         ">",
                         "a@b.org",
                         "<a@b.org",
                         "a@b.org>",
                         "< a@b.org>",
                         "<a@b.org >",
                         "<a b@c.org>",
                         "<a@b.org>x",
                         "<a@>",
                         "<@b.org>",
                         "<a@b@c.org>",
                         "<a,b@c.org>",
                         "<(a)b@c.org>",
                         "<\"ab@c.org>",
                         "<\"a\"b@c.org>",
                         "<a\\b@c.org>",
                         "<a@b..org>",
                         "<a@.org>",
                         "<a@b.org.>",
                         "<a@-b.org>",
                         "<a@b-.org>",
                         "<a@b!c.org>",
                         "<a:b@c.org>",
                         "<<a@b.org>>",
                         "<a@b.org>>"}) {
    BOOST_TEST(path(bad) == "error", bad);
  }
}

BOOST_AUTO_TEST_CASE(controls_are_refused_even_when_quoted) {
  using namespace std::string_view_literals;
  for (const auto bad : {"<\"a\rb\"@c.org>"sv, "<\"a\\\nb\"@c.org>"sv, "<\"a\0b\"@c.org>"sv,
                         "<\"a\tb\"@c.org>"sv, "<a\x7f@c.org>"sv, "<a\xc2\x85@c.org>"sv}) {
    BOOST_TEST(path(bad, true) == "error");
  }
}

BOOST_AUTO_TEST_CASE(lengths_are_bounded) {
  const std::string local(64, 'a');
  const std::string domain = std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                             std::string(63, 'd') + "." + std::string(63, 'e');

  BOOST_TEST(domain.size() == 255U);
  BOOST_TEST(path("<" + local + "@" + domain + ">") == local + "@" + domain);
  BOOST_TEST(path("<a" + local + "@b.org>") == "error");
  BOOST_TEST(path("<\"" + local + " \"@b.org>") == "error");
  BOOST_TEST(path("<a@" + std::string(64, 'b') + ".org>") == "error");
  BOOST_TEST(path("<a@x." + domain + ">") == "error");
}

BOOST_AUTO_TEST_CASE(address_literals_are_checked) {
  BOOST_TEST(path("<a@[192.0.2.1]>") == "a@[192.0.2.1]");
  BOOST_TEST(path("<a@[IPV6:2001:DB8::1]>") == "a@[IPv6:2001:db8::1]");
  for (const auto bad :
       {"<a@[192.0.2.256]>", "<a@[192.0.2]>", "<a@[]>", "<a@[2001:db8::1]>", "<a@[IPv6:1::2::3]>",
        "<a@[192.0.2.1>", "<a@[192.0.2.1]x>", "<a@192.0.2.1]>"}) {
    BOOST_TEST(path(bad) == "error", bad);
  }
}

BOOST_AUTO_TEST_CASE(utf8_needs_its_extension_and_must_be_valid) {
  BOOST_TEST(path("<пример@пример.рф>", true) == "пример@пример.рф");
  BOOST_TEST(path("<пример@example.org>", false) == "error");
  BOOST_TEST(path("<a@пример.рф>", false) == "error");
  BOOST_TEST(path("<\xe9@example.org>", true) == "error");
  BOOST_TEST(path("<a@\xc0\xae.org>", true) == "error");
}

BOOST_AUTO_TEST_CASE(valid_utf8_is_what_rfc_3629_says) {
  for (const auto good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                          "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    BOOST_TEST(valid_utf8(good));
  }
  for (const auto bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "\xe2\x82x", "\xc2\xc2"}) {
    BOOST_TEST(!valid_utf8(bad));
  }
}

BOOST_AUTO_TEST_CASE(a_bare_address_is_for_maps) {
  BOOST_TEST(parse_address(" Bob@Example.org ")->text() == "Bob@example.org");
  for (const auto bad : {"", "bob", "postmaster", "<bob@example.org>", "@a.org:b@c.org",
                         "a@b.org> x", "a@b.org>", "a@b.org x"}) {
    BOOST_TEST(!parse_address(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(the_last_at_sign_divides) {
  BOOST_TEST(domain_of("\"a@b\"@c.org") == "c.org");
  BOOST_TEST(local_of("\"a@b\"@c.org") == "\"a@b\"");
  BOOST_TEST(domain_of("postmaster").empty());
  BOOST_TEST(local_of("postmaster") == "postmaster");
}

BOOST_AUTO_TEST_CASE(domains_have_labels_of_1_to_63_octets) {
  for (const auto good :
       {"a", "example.org", "_dmarc.example.org", "xn--e1afmkfd.xn--p1ai", "[192.0.2.1]"}) {
    BOOST_TEST(valid_domain(good), good);
  }
  for (const auto bad : {"", ".", "a..b", ".a", "a.", "a b", "a\n", "é.org", "-a.org", "[x]"}) {
    BOOST_TEST(!valid_domain(bad), bad);
  }
}

BOOST_AUTO_TEST_CASE(xtext_comes_back_as_it_went) {
  std::string all;
  for (int c = 0x20; c < 256; ++c) {
    if (c != 0x7f) all += static_cast<char>(c);
  }

  const std::string encoded = encode_xtext(all);

  BOOST_TEST(encoded.find_first_of(" =\x80\xff") == std::string::npos);
  BOOST_TEST(*decode_xtext(encoded) == all);
  BOOST_TEST(encode_xtext("a+b=c d") == "a+2Bb+3Dc+20d");
}

BOOST_AUTO_TEST_CASE(xtext_with_controls_is_refused) {
  for (const auto bad :
       {"a+0D+0Ab", "+00", "+7F", "+1F", "+", "+4", "+4G", "a=b", "a b", "a\r\nb", "\xe9"}) {
    BOOST_TEST(!decode_xtext(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()
