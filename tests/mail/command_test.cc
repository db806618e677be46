// command_test.cc — command lines and their parameters.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <limits>

#include "gateway/mail/command.h"

using namespace postern;

namespace {

std::string mail_reply(std::string_view arguments) {
  const auto parsed = parse_mail(arguments);
  return parsed ? "ok" : parsed.error().line().substr(0, 9);
}

std::string rcpt_reply(std::string_view arguments, bool utf8 = false) {
  const auto parsed = parse_rcpt(arguments, utf8);
  return parsed ? "ok" : parsed.error().line().substr(0, 9);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_suite)

BOOST_AUTO_TEST_CASE(verbs_are_known_in_any_case) {
  const auto line = parse_command("mAiL  FROM:<a@b.org> \r\n");

  BOOST_CHECK(line.verb == Verb::mail);
  BOOST_TEST(line.name == "mAiL");
  BOOST_TEST(line.arguments == "FROM:<a@b.org>");
  BOOST_CHECK(parse_command("STARTTLS").verb == Verb::starttls);
  BOOST_CHECK(parse_command("xclient NAME=a").verb == Verb::xclient);
}

BOOST_AUTO_TEST_CASE(other_verbs_are_unknown) {
  for (const auto bad : {"", " ", "MAI", "MAILX", "GET / HTTP/1.1", "DATA:", "\xff"}) {
    BOOST_CHECK_MESSAGE(parse_command(bad).verb == Verb::unknown, bad);
  }
  BOOST_CHECK(parse_command(std::string_view("RSET\0", 5)).verb == Verb::unknown);
}

BOOST_AUTO_TEST_CASE(mail_takes_all_parameters) {
  const auto parsed = parse_mail(
      "FROM:<Bob@Example.org> SIZE=1000 body=8bitmime SMTPUTF8 ret=hdrs ENVID=QQ+2B314159 AUTH=<>");

  BOOST_REQUIRE(parsed);
  BOOST_TEST(parsed->sender.text() == "Bob@example.org");
  BOOST_TEST(parsed->size == 1000U);
  BOOST_TEST(parsed->eight_bit);
  BOOST_TEST(parsed->utf8);
  BOOST_TEST(parsed->ret == "HDRS");
  BOOST_TEST(parsed->envid == "QQ+2B314159");
}

BOOST_AUTO_TEST_CASE(blanks_around_the_colon_are_tolerated) {
  BOOST_TEST(mail_reply("from : <a@b.org>") == "ok");
  BOOST_TEST(mail_reply("FROM:<>") == "ok");
  BOOST_TEST(rcpt_reply("TO: \t<a@b.org>") == "ok");
}

BOOST_AUTO_TEST_CASE(a_missing_bracket_is_told_with_its_remedy) {
  const auto parsed = parse_mail("FROM:a@b.org");

  BOOST_REQUIRE(!parsed);
  BOOST_TEST(parsed.error().code == 501);
  BOOST_TEST(parsed.error().text.find("MAIL FROM:<") != std::string::npos);
  BOOST_TEST(rcpt_reply("TO:a@b.org") == "501 5.5.4");
  BOOST_TEST(mail_reply("FROM:") == "501 5.5.4");
  BOOST_TEST(mail_reply("") == "501 5.5.4");
  BOOST_TEST(mail_reply("TO:<a@b.org>") == "501 5.5.4");
  BOOST_TEST(rcpt_reply("FROM:<a@b.org>") == "501 5.5.4");
}

BOOST_AUTO_TEST_CASE(a_bad_address_has_a_code_of_its_own) {
  BOOST_TEST(mail_reply("FROM:<a@b..org>") == "553 5.1.7");
  BOOST_TEST(mail_reply("FROM:<a@b.org") == "553 5.1.7");
  BOOST_TEST(rcpt_reply("TO:<>") == "553 5.1.3");
  BOOST_TEST(rcpt_reply("TO:<a b@c.org>") == "553 5.1.3");
  BOOST_TEST(rcpt_reply("TO:<postmaster>") == "ok");
}

BOOST_AUTO_TEST_CASE(the_address_is_judged_before_the_parameters) {
  BOOST_TEST(mail_reply("FROM:<a@b..org> FOO=1") == "553 5.1.7");
  BOOST_TEST(mail_reply("FROM:<a@b.org> FOO=1 SIZE=x") == "555 5.5.4");
  BOOST_TEST(mail_reply("FROM:<a@b.org> SIZE=x FOO=1") == "501 5.5.4");
}

BOOST_AUTO_TEST_CASE(undeclared_utf8_is_refused) {
  BOOST_TEST(mail_reply("FROM:<é@example.org>") == "553 5.6.7");
  BOOST_TEST(mail_reply("FROM:<é@example.org> SMTPUTF8") == "ok");
  BOOST_TEST(rcpt_reply("TO:<é@example.org>") == "553 5.6.7");
  BOOST_TEST(rcpt_reply("TO:<é@example.org>", true) == "ok");
}

BOOST_AUTO_TEST_CASE(sizes_have_up_to_twenty_digits) {
  BOOST_TEST(mail_reply("FROM:<> SIZE=123456789012345678901") == "501 5.5.4");
  for (const auto bad : {"SIZE", "SIZE=", "SIZE=-1", "SIZE=1k", "SIZE=1=2", "SIZE=0x10"}) {
    BOOST_TEST(mail_reply(std::string("FROM:<> ") + bad) == "501 5.5.4", bad);
  }
  BOOST_TEST(parse_mail("FROM:<> SIZE=99999999999999999999")->size ==
             std::numeric_limits<std::uint64_t>::max());
}

BOOST_AUTO_TEST_CASE(no_parameter_may_come_twice) {
  for (const auto name : {"SIZE=1", "BODY=7BIT", "RET=FULL", "ENVID=x", "SMTPUTF8", "AUTH=<>"}) {
    const std::string once = std::string("FROM:<> ") + name;
    BOOST_TEST(mail_reply(once) == "ok", name);
    BOOST_TEST(mail_reply(once + " " + name) == "501 5.5.4", name);
  }
  for (const auto name : {"NOTIFY=NEVER", "ORCPT=rfc822;a@b.org"}) {
    const std::string once = std::string("TO:<a@b.org> ") + name;
    BOOST_TEST(rcpt_reply(once) == "ok", name);
    BOOST_TEST(rcpt_reply(once + " " + name) == "501 5.5.4", name);
  }
}

BOOST_AUTO_TEST_CASE(bad_values_are_refused) {
  for (const auto bad :
       {"BODY=BINARYMIME", "BODY", "RET=ALL", "RET=", "SMTPUTF8=1", "ENVID=", "ENVID=a=b",
        "ENVID=a+0D+0ADATA", "ENVID=+E9", "AUTH", "=1", "-A=1", "A_B=1"}) {
    BOOST_TEST(mail_reply(std::string("FROM:<> ") + bad) == "501 5.5.4", bad);
  }
  BOOST_TEST(mail_reply("FROM:<> ENVID=" + std::string(100, 'x')) == "ok");
  BOOST_TEST(mail_reply("FROM:<> ENVID=" + std::string(101, 'x')) == "501 5.5.4");
  for (const auto bad : {"NOTIFY=", "NOTIFY=NEVER,FAILURE", "NOTIFY=SOMETIMES", "NOTIFY=SUCCESS,",
                         "ORCPT=a@b.org", "ORCPT=rfc822;", "ORCPT=;a@b.org", "ORCPT=rfc822;a+0Ab",
                         "ORCPT=rf\xc3\xa9;a", "ORCPT=rfc822;\xc3\xa9"}) {
    BOOST_TEST(rcpt_reply(std::string("TO:<a@b.org> ") + bad) == "501 5.5.4", bad);
  }
  BOOST_TEST(rcpt_reply("TO:<a@b.org> ORCPT=rfc822;" + std::string(494, 'x')) == "501 5.5.4");
}

BOOST_AUTO_TEST_CASE(unknown_parameters_are_named) {
  const auto parsed = parse_rcpt("TO:<a@b.org> XFOO=1", false);

  BOOST_REQUIRE(!parsed);
  BOOST_TEST(parsed.error().line() == "555 5.5.4 Unsupported parameter XFOO");
  BOOST_TEST(mail_reply("FROM:<> NOTIFY=NEVER") == "555 5.5.4");
  BOOST_TEST(rcpt_reply("TO:<a@b.org> SIZE=1") == "555 5.5.4");
}

BOOST_AUTO_TEST_CASE(rcpt_takes_dsn_parameters) {
  const auto parsed =
      parse_rcpt("TO:<a@b.org> NOTIFY=Success,FAILURE ORCPT=rfc822;Bob+2Bx@b.org", false);

  BOOST_REQUIRE(parsed);
  BOOST_TEST(unsigned{parsed->notify} == unsigned{notify_success | notify_failure});
  BOOST_TEST(parsed->orcpt == "rfc822;Bob+2Bx@b.org");
  BOOST_TEST(unsigned{parse_rcpt("TO:<a@b.org>", false)->notify} == 0U);
  BOOST_TEST(rcpt_reply("TO:<a@b.org> ORCPT=utf-8;é@b.org", true) == "ok");
}

BOOST_AUTO_TEST_CASE(xclient_attributes_are_decoded) {
  const auto parsed =
      parse_xclient("NAME=spike.example.org addr=168.100.189.2 HELO=a+20b LOGIN=[UNAVAILABLE]");

  BOOST_REQUIRE(parsed);
  BOOST_REQUIRE(parsed->size() == 4U);
  BOOST_TEST((*parsed)[1].first == "ADDR");
  BOOST_TEST((*parsed)[2].second == "a b");
  BOOST_TEST((*parsed)[3].second == "[UNAVAILABLE]");
  for (const auto bad : {"", "NAME", "NAME=", "=x", "NAME=a+0Ab", "NAME=a =b"}) {
    BOOST_TEST(!parse_xclient(bad).has_value(), bad);
  }
  std::string many;
  for (int i = 0; i < 33; ++i) many += "A=1 ";
  BOOST_TEST(!parse_xclient(many).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
