// mime_parameters_test.cc — parameters, and the names of attachments in all their writings.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/mail/mime_parameters.h"

using namespace postern;

namespace {

Filenames filenames(std::string_view text) {
  Filenames out;
  add_filenames(out, parse_mime_value(text, 64), "filename");
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mime_parameters_suite)

BOOST_AUTO_TEST_CASE(a_value_is_a_word_and_parameters) {
  const auto value = parse_mime_value(
      " Text/Plain (a (nested) comment) ; Charset = US-ASCII (c); x=\"a;\\\"b\" ;", 64);

  BOOST_TEST(value.word == "text/plain");
  BOOST_REQUIRE(value.parameters.size() == 2U);
  BOOST_TEST(value.parameters[0].name == "charset");
  BOOST_TEST(value.parameters[0].value == "US-ASCII");
  BOOST_TEST(value.parameters[1].value == "a;\"b");
  BOOST_TEST(!value.malformed);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_parameter_is_malformed) {
  for (const auto text :
       {"text/plain charset=x", "text/plain; charset", "a; b=\"open", "a; b=c d", "a; b=\"c\"d"}) {
    BOOST_TEST(parse_mime_value(text, 64).malformed, text);
  }
  for (const auto text : {"a", "a;", "a; ;b=c", "a; b=", "", "a; b=c (d"}) {
    BOOST_TEST(!parse_mime_value(text, 64).malformed, text);
  }
}

BOOST_AUTO_TEST_CASE(a_forgotten_semicolon_hides_no_parameter) {
  for (const auto text : {"multipart/mixed boundary=x", "multipart/mixed; a=b boundary=x",
                          "multipart/mixed; a=\"b\"boundary=x"}) {
    const auto value = parse_mime_value(text, 64);
    BOOST_TEST(value.malformed, text);
    BOOST_TEST(single_parameter(value, "boundary").value == "x", text);
  }
}

BOOST_AUTO_TEST_CASE(parameters_above_the_limit_are_not_listed) {
  std::string text = "a";
  for (int i = 0; i < 65; ++i) text += ";b=c";

  BOOST_TEST(parse_mime_value(text, 65).parameters.size() == 65U);
  BOOST_TEST(!parse_mime_value(text, 65).too_many);
  BOOST_TEST(parse_mime_value(text, 64).parameters.size() == 64U);
  BOOST_TEST(parse_mime_value(text, 64).too_many);
}

BOOST_AUTO_TEST_CASE(the_first_of_two_is_kept_and_the_doubt_reported) {
  const auto parameter =
      single_parameter(parse_mime_value("a; boundary=x; BOUNDARY=y", 64), "boundary");

  BOOST_TEST(parameter.value == "x");
  BOOST_TEST(parameter.ambiguous);
  BOOST_TEST(!single_parameter(parse_mime_value("a; boundary=x", 64), "boundary").ambiguous);
  BOOST_TEST(!single_parameter(parse_mime_value("a", 64), "boundary").ambiguous);
}

BOOST_AUTO_TEST_CASE(a_boundary_that_only_some_readers_see_is_ambiguous) {
  for (const auto text :
       {"a; boundary*0=x; boundary*1=y", "a; boundary*=us-ascii''xy", "a; boundary=x; boundary*0=y",
        "a; boundary=x y", "a; boundary=\"x\\y\""}) {
    BOOST_TEST(single_parameter(parse_mime_value(text, 64), "boundary").ambiguous, text);
  }
  BOOST_TEST(
      single_parameter(parse_mime_value("a; boundary*1=y; boundary*0=x", 64), "boundary").value ==
      "xy");
  BOOST_TEST(
      single_parameter(parse_mime_value("a; boundary*=us-ascii''x%79", 64), "boundary").value ==
      "xy");
}

BOOST_AUTO_TEST_CASE(continuations_of_rfc_2231_section_4_1_are_joined) {
  const auto names = filenames(
      "attachment; filename*0*=us-ascii'en'This%20is%20even%20more%20; "
      "filename*1*=%2A%2A%2Afun%2A%2A%2A%20;"
      " filename*2=\"isn't it!\"");

  BOOST_TEST(names.best == "This is even more ***fun*** isn't it!");
}

BOOST_AUTO_TEST_CASE(every_reading_of_a_name_is_kept) {
  const auto both = filenames("attachment; filename=\"a.txt\"; filename*=utf-8''b%2Eexe");
  BOOST_TEST(both.best == "b.exe");
  BOOST_TEST(both.all.contains("a.txt"));
  BOOST_TEST(both.all.contains("b.exe"));

  const auto twice = filenames("attachment; filename=a.txt; filename=b.exe");
  BOOST_TEST(twice.best == "a.txt");
  BOOST_TEST(twice.all.contains("b.exe"));

  const auto gap = filenames("attachment; filename*0=a; filename*2=.exe");
  BOOST_TEST(gap.all.contains("a"));
  BOOST_TEST(gap.all.contains("a.exe"));

  const auto blanks = filenames("attachment; filename=invoice 5.exe");
  BOOST_TEST(blanks.all.contains("invoice"));
  BOOST_TEST(blanks.all.contains("invoice 5.exe"));

  const auto behind = filenames("attachment; filename=\"a.txt\".exe");
  BOOST_TEST(behind.all.contains("a.txt"));
  BOOST_TEST(behind.all.contains("a.txt.exe"));

  const auto backslashes = filenames("attachment; filename=\"C:\\temp\\a.exe\"");
  BOOST_TEST(backslashes.all.contains("C:\\temp\\a.exe"));
}

BOOST_AUTO_TEST_CASE(encoded_words_in_names_are_decoded_and_kept) {
  const auto names = filenames("attachment; filename=\"=?utf-8?B?4oKsLmV4ZQ==?=\"");

  BOOST_TEST(names.best == "€.exe");
  BOOST_TEST(names.all.contains("=?utf-8?B?4oKsLmV4ZQ==?="));
}

BOOST_AUTO_TEST_SUITE_END()
