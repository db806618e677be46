// authentication_results_test.cc — results of RFC 8601 as text and back.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/mail/authentication_results.h"

using namespace postern;

namespace {

MethodResult signature() {
  return {.method = "dkim",
          .result = "pass",
          .comment = "2048 bits",
          .reason = "",
          .properties = {{"header", "d", "example.org"},
                         {"header", "i", "@news.example.org"},
                         {"header", "b", "Ab/+cD=="}}};
}

void refused(std::string_view text) {
  BOOST_TEST_CONTEXT(text) { BOOST_TEST(!parse_result(text).has_value()); }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(authentication_results_suite)

BOOST_AUTO_TEST_CASE(a_result_is_written_with_quotes_only_where_needed) {
  BOOST_TEST(format_result(signature()) ==
             "dkim=pass (2048 bits) header.d=example.org header.i=@news.example.org "
             "header.b=\"Ab/+cD==\"");
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read_back_the_same) {
  MethodResult result = signature();
  result.reason = "not \"aligned\" \\ at all";
  result.properties.push_back({"smtp", "mailfrom", "\"john doe\"@example.org"});
  result.properties.push_back({"smtp", "helo", ""});

  const auto back = parse_result(format_result(result));

  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(back->method == "dkim");
  BOOST_TEST(back->result == "pass");
  BOOST_TEST(back->comment == "2048 bits");
  BOOST_TEST(back->reason == result.reason);
  BOOST_REQUIRE(back->properties.size() == result.properties.size());
  for (std::size_t i = 0; i < result.properties.size(); ++i) {
    BOOST_TEST(back->properties[i].type == result.properties[i].type);
    BOOST_TEST(back->properties[i].name == result.properties[i].name);
    BOOST_TEST(back->properties[i].value == result.properties[i].value);
  }
}

BOOST_AUTO_TEST_CASE(blanks_comments_and_versions_may_stand_between_the_words) {
  const auto result = parse_result(
      " SPF (a) / 1 = Pass (first (nested)) (second) reason = \"all well\"\r\n\t"
      "smtp . mailfrom = bob@example.org (them) SMTP.HELO=mail.example.org ");

  BOOST_REQUIRE(result.has_value());
  BOOST_TEST(result->method == "spf");
  BOOST_TEST(result->result == "pass");
  BOOST_TEST(result->comment == "first (nested)");
  BOOST_TEST(result->reason == "all well");
  BOOST_REQUIRE(result->property("smtp", "mailfrom") != nullptr);
  BOOST_TEST(*result->property("smtp", "mailfrom") == "bob@example.org");
  BOOST_TEST(*result->property("smtp", "helo") == "mail.example.org");
  BOOST_TEST(result->property("smtp", "rcptto") == nullptr);
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused) {
  for (const char* text :
       {"", "none", "spf", "spf=", "=pass", "spf=pass smtp", "spf=pass smtp.", "spf=pass smtp.helo",
        "spf=pass smtp.helo=", "spf=pass; dkim=pass", "spf=pass (open", "spf=pass smtp.helo=\"open",
        "spf=pass smtp.helo=a/b", "spf=pass smtp.helo=a b", "spf=pass smtp.mailfrom=a@",
        "spf/=pass", "spf=pass reason=a reason=b", "spf=pass ((((((((((((deep))))))))))))"})
    refused(text);
}

BOOST_AUTO_TEST_CASE(too_long_or_too_many_is_refused) {
  std::string many = "dkim=pass";
  for (std::size_t i = 0; i <= most_properties; ++i) many += " header.d=a";

  refused(many);
  refused("dkim=pass reason=" + std::string(longest_result, 'a'));
}

BOOST_AUTO_TEST_CASE(nothing_breaks_out_of_its_place) {
  MethodResult result{.method = "sp f",
                      .result = "pa;ss",
                      .comment = "a) (b\r\nX: y",
                      .reason = "",
                      .properties = {{"smtp", "helo=", "a\r\nX: y; dkim=pass"}}};

  BOOST_TEST(format_result(result) == "sp?f=pa?ss (a? ?b??X: y) smtp.helo?=\"a??X: y; dkim=pass\"");
}

BOOST_AUTO_TEST_CASE(the_field_names_its_author_and_each_result_on_a_line) {
  BOOST_TEST(format_results("mx.example.org", {}) == "mx.example.org; none");
  BOOST_TEST(format_results("mx.example.org", {{"spf", "none", "", "", {}}, signature()}) ==
             "mx.example.org;\r\n\tspf=none;\r\n\tdkim=pass (2048 bits) header.d=example.org "
             "header.i=@news.example.org header.b=\"Ab/+cD==\"");
}

BOOST_AUTO_TEST_CASE(who_claims_to_have_written_a_field_is_seen_through_comments_and_quotes) {
  BOOST_TEST(claimed_authserv_id(" mx.example.org; spf=pass") == "mx.example.org");
  BOOST_TEST(claimed_authserv_id(" (x)\r\n\tMX.example.org 1;none") == "mx.example.org");
  BOOST_TEST(claimed_authserv_id(" \"mx.example\\.org\" ; none") == "mx.example.org");
  BOOST_TEST(claimed_authserv_id(" ; spf=pass") == "");
  BOOST_TEST(claimed_authserv_id(" (open mx.example.org") == "");
}

BOOST_AUTO_TEST_SUITE_END()
