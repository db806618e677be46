#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType access_filter;
}

using namespace postern;
using namespace postern::test;

namespace {

struct AccessFixture : FilterFixture {
  void client(const std::string& table) {
    configure(access_filter, "check_client_access = ['" + table + "']");
  }
  void sender(const std::string& table) {
    configure(access_filter, "check_sender_access = ['" + table + "']");
  }
  void recipient(const std::string& table) {
    configure(access_filter, "check_recipient_access = ['" + table + "']");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(access_tables, AccessFixture)

BOOST_AUTO_TEST_CASE(a_client_without_an_entry_passes) {
  client("inline:{other.example.net=REJECT}");
  const auto answer = connect();
  BOOST_REQUIRE(answer);
  BOOST_TEST((answer->verdict == Verdict::pass));
  BOOST_TEST(answer->reason == "");
}

BOOST_AUTO_TEST_CASE(a_client_is_looked_up_by_name_parents_address_and_its_networks) {
  for (const char* key : {"mail.example.org", "example.org", ".example.org", "org", "192.0.2.1",
                          "192.0.2", "192.0", "192"}) {
    client(std::string("inline:{") + key + "=REJECT}");
    const auto answer = connect();
    BOOST_REQUIRE(answer);
    BOOST_TEST((answer->verdict == Verdict::reject), key);
  }
}

BOOST_AUTO_TEST_CASE(the_name_comes_before_the_address) {
  client("inline:{192.0.2.1=REJECT, mail.example.org=OK}");
  BOOST_TEST((connect()->verdict == Verdict::accept));
}

BOOST_AUTO_TEST_CASE(dunno_for_the_name_stops_the_search_in_that_table) {
  client("inline:{mail.example.org=DUNNO, 192.0.2.1=REJECT}");
  BOOST_TEST((connect()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_client_without_a_name_is_unknown_and_has_its_address) {
  evidence.connection.client_name = "unknown";
  client("inline:{192.0.2.1=REJECT}");
  const auto answer = connect();
  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->reply.line() ==
             "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied");
}

BOOST_AUTO_TEST_CASE(a_cidr_table_sees_the_address) {
  const std::string path = std::string(POSTERN_SOURCE_DIR) + "/tests/filters/clients.cidr";
  configure(access_filter, "check_client_access = ['cidr:" + path + "']");
  BOOST_REQUIRE(factory);
  BOOST_TEST((connect()->verdict == Verdict::reject));
  evidence.connection.client.host = "198.51.100.1";
  BOOST_TEST((connect()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(the_null_sender_has_a_key) {
  evidence.sender.address = "";
  sender("inline:{{<>=REJECT no bounces here}}");
  const auto answer = mail();
  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->reply.line() == "554 5.7.1 <>: Sender address rejected: no bounces here");
}

BOOST_AUTO_TEST_CASE(a_sender_is_looked_up_by_address_domain_parents_and_user) {
  evidence.sender.address = "joe+news@mail.example.org";
  for (const char* key : {"joe+news@mail.example.org", "joe@mail.example.org", "mail.example.org",
                          "example.org", "joe@"}) {
    configure(access_filter,
              std::string("recipient_delimiter = '+'\ncheck_sender_access = ['inline:{") + key +
                  "=REJECT}']");
    BOOST_TEST((mail()->verdict == Verdict::reject), key);
  }
}

BOOST_AUTO_TEST_CASE(a_code_of_the_table_is_the_reply) {
  configure(access_filter,
            "check_recipient_access = ['inline:{{full@example.org=452 4.2.2 Mailbox full}}']");
  const auto answer = rcpt("full@example.org");
  BOOST_REQUIRE(answer);
  BOOST_TEST((answer->verdict == Verdict::defer));
  BOOST_TEST(answer->reply.line() ==
             "452 4.2.2 <full@example.org>: Recipient address rejected: Mailbox full");
}

BOOST_AUTO_TEST_CASE(code_421_and_521_hang_up) {
  for (const char* code : {"421", "521"}) {
    configure(access_filter,
              std::string("check_client_access = ['inline:{{192.0.2.1=") + code + " go away}}']");
    const auto answer = connect();
    BOOST_TEST((answer->verdict == Verdict::hang_up), code);
    BOOST_TEST(answer->reply.line().starts_with(code));
  }
}

BOOST_AUTO_TEST_CASE(defer_is_temporary) {
  client("inline:{192.0.2.1=DEFER}");
  const auto answer = connect();
  BOOST_TEST((answer->verdict == Verdict::defer));
  BOOST_TEST(answer->reply.code == 450);
}

BOOST_AUTO_TEST_CASE(defer_if_permit_is_a_deferral) {
  client("inline:{192.0.2.1=DEFER_IF_PERMIT}");
  BOOST_TEST((connect()->verdict == Verdict::defer));
}

BOOST_AUTO_TEST_CASE(discard_hold_and_their_reason) {
  client("inline:{192.0.2.1=DISCARD}");
  BOOST_TEST((connect()->verdict == Verdict::discard));
  configure(access_filter, "check_client_access = ['inline:{{192.0.2.1=HOLD look at it}}']");
  const auto held = connect();
  BOOST_TEST((held->verdict == Verdict::quarantine));
  BOOST_TEST(held->reason.find("look at it") != std::string::npos);
  BOOST_TEST(held->reason.find("192.0.2.1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(prepend_redirect_and_bcc_are_changes) {
  configure(access_filter,
            "check_recipient_access = ['inline:{{user@example.org=PREPEND X-Table: one two}}', "
            "'inline:{{user@example.org=REDIRECT other@example.org}}', "
            "'inline:{{user@example.org=BCC watch@example.org}}']");
  const auto answer = rcpt("user@example.org");
  BOOST_REQUIRE(answer);
  BOOST_TEST((answer->verdict == Verdict::pass));
  BOOST_TEST(changes_of(*answer, Change::Kind::add_field) ==
             std::vector<std::string>{"X-Table: one two"});
  BOOST_TEST(changes_of(*answer, Change::Kind::redirect) ==
             std::vector<std::string>{"other@example.org"});
  BOOST_TEST(changes_of(*answer, Change::Kind::add_recipient) ==
             std::vector<std::string>{"watch@example.org"});
}

BOOST_AUTO_TEST_CASE(a_note_leaves_the_decision_to_the_next_table) {
  configure(access_filter,
            "check_client_access = ['inline:{192.0.2.1=WARN}', 'inline:{192.0.2.1=REJECT}']");
  BOOST_TEST((connect()->verdict == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(ok_in_the_first_table_hides_the_second) {
  configure(access_filter,
            "check_client_access = ['inline:{192.0.2.1=OK}', 'inline:{192.0.2.1=REJECT}']");
  BOOST_TEST((connect()->verdict == Verdict::accept));
}

BOOST_AUTO_TEST_CASE(a_table_that_cannot_be_asked_is_an_error_and_not_a_pass) {
  client("fail:disk on fire");
  const auto answer = connect();
  BOOST_REQUIRE(!answer);
  BOOST_TEST(access_filter.default_on_failure == "defer");
}

BOOST_AUTO_TEST_CASE(helo_is_looked_up_without_regard_to_case) {
  configure(access_filter, "check_helo_access = ['regexp:" + std::string(POSTERN_SOURCE_DIR) +
                               "/tests/filters/helo.regexp', 'inline:{example.net=REJECT}']");
  BOOST_REQUIRE(factory);
  evidence.helo = "MX.Example.NET";
  BOOST_TEST((helo()->verdict == Verdict::reject));
  evidence.helo = "[10.1.2.3]";
  BOOST_TEST((helo()->verdict == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(only_stages_with_tables_are_worth_asking) {
  client("inline:{a=OK}");
  BOOST_TEST(factory->answers(Stage::connect));
  BOOST_TEST(!factory->answers(Stage::rcpt));
  BOOST_TEST(!factory->answers(Stage::message));
}

BOOST_AUTO_TEST_CASE(an_action_that_is_none_is_a_problem_of_the_configuration) {
  client("inline:{192.0.2.1=REJCT}");
  BOOST_TEST(!factory);
  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0].what.find("REJECT") != std::string::npos, problems[0].what);
}

BOOST_AUTO_TEST_CASE(an_action_that_cannot_be_kept_is_refused) {
  client("inline:{192.0.2.1=DEFER_IF_REJECT}");
  BOOST_TEST(!factory);
  BOOST_TEST(problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_missing_table_is_a_problem_at_its_key) {
  configure(access_filter, "\ncheck_sender_access = ['hash:/nonexistent/table']");
  BOOST_TEST(!factory);
  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0].where == "test:2:1");
  BOOST_TEST(problems[0].what.find("/nonexistent/table") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
