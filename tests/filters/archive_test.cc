#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType archive_filter;
}

using namespace postern;
using namespace postern::test;

namespace {

struct ArchiveFixture : FilterFixture {
  ArchiveFixture() { evidence.recipients = {{"joe@example.net"}, {"ann+x@example.net"}}; }

  std::vector<std::string> copies() {
    const auto answer = message("Subject: hello\r\n\r\nbody\r\n");
    BOOST_REQUIRE(answer);
    BOOST_TEST((answer->verdict == Verdict::pass));
    return changes_of(*answer, Change::Kind::archive_copy);
  }
};

using Texts = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(archive, ArchiveFixture)

BOOST_AUTO_TEST_CASE(every_message_is_copied_to_always_bcc) {
  configure(archive_filter, "always_bcc = 'archive@example.com'");
  BOOST_TEST(copies() == Texts{"archive@example.com"});
}

BOOST_AUTO_TEST_CASE(a_sender_is_looked_up_by_address_and_domain) {
  configure(archive_filter, "sender_bcc_maps = ['inline:{sender@example.org=one@example.com}']");
  BOOST_TEST(copies() == Texts{"one@example.com"});
  configure(archive_filter, "sender_bcc_maps = ['inline:{@example.org=two@example.com}']");
  BOOST_TEST(copies() == Texts{"two@example.com"});
}

BOOST_AUTO_TEST_CASE(a_bounce_has_no_sender_to_look_up) {
  configure(archive_filter, "sender_bcc_maps = ['static:one@example.com']");
  evidence.sender.address = "";
  BOOST_TEST(copies() == Texts{});
}

BOOST_AUTO_TEST_CASE(each_recipient_is_looked_up) {
  configure(archive_filter,
            "recipient_delimiter = '+'\nrecipient_bcc_maps = "
            "['inline:{joe@example.net=one@example.com, ann@example.net=two@example.com}']");
  BOOST_TEST(copies() == (Texts{"one@example.com", "two@example.com"}));
}

BOOST_AUTO_TEST_CASE(an_address_gets_one_copy_however_often_it_is_named) {
  configure(archive_filter,
            "always_bcc = 'archive@example.com'\nsender_bcc_maps = ['static:Archive@example.com']\n"
            "recipient_bcc_maps = ['static:archive@example.com']");
  BOOST_TEST(copies() == Texts{"archive@example.com"});
}

BOOST_AUTO_TEST_CASE(a_table_that_cannot_be_asked_defers_the_message) {
  configure(archive_filter, "recipient_bcc_maps = ['fail:down']");
  BOOST_TEST(!message("Subject: hello\r\n\r\nbody\r\n"));
  BOOST_TEST(archive_filter.default_on_failure == "defer");
}

BOOST_AUTO_TEST_CASE(an_address_without_a_domain_is_a_problem) {
  configure(archive_filter, "always_bcc = 'archive'");
  BOOST_TEST(!factory);
  BOOST_TEST(problems.size() == 1U);
  configure(archive_filter,
            "sender_bcc_maps = ['inline:{{a@example.org=b@example.com, c@example.com}}']");
  BOOST_TEST(!factory);
  BOOST_TEST(problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(without_settings_nothing_is_asked) {
  configure(archive_filter, "");
  BOOST_TEST(!factory->answers(Stage::message));
  configure(archive_filter, "always_bcc = 'archive@example.com'");
  BOOST_TEST(factory->answers(Stage::message));
  BOOST_TEST(!factory->answers(Stage::rcpt));
}

BOOST_AUTO_TEST_SUITE_END()
