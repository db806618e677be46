#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/network/hash_list.h"
#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

struct Fixture {
  Fixture() { settings.domains.boundaries.add_top("example"); }

  Diagnosis line(std::string_view text) { return apply(hash_list_directives(), text, settings); }
  auto bind(std::string_view function, std::vector<std::string> arguments) {
    return HashList::bind(function, arguments, settings.lookups);
  }
  std::string refused(std::string_view function, std::vector<std::string> arguments) {
    const auto list = bind(function, std::move(arguments));
    BOOST_REQUIRE(!list);
    BOOST_TEST(list.error().legal);
    return list.error().what;
  }
  std::vector<std::string> asked(std::string_view function, std::vector<std::string> arguments,
                                 const std::string& message) {
    const auto list = bind(function, std::move(arguments));
    BOOST_REQUIRE(list);
    const ScanInput input{.octets = message};
    ScannedMessage scanned(input, settings, matcher);
    return hashes(*list, scanned);
  }

  RuleSettings settings;
  Matcher matcher;
};

using Labels = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hash_list, Fixture)

BOOST_AUTO_TEST_CASE(the_stronger_of_several_digests_is_taken) {
  BOOST_TEST((HashOptions::parse("md5/sha256/sha1").digest == DigestKind::sha256));
  BOOST_TEST((HashOptions::parse("raw").digest == DigestKind::none));
}

BOOST_AUTO_TEST_CASE(options_have_values_and_any_case) {
  const auto options = HashOptions::parse("SHA1 / Max=3/minsize=10/maxsize=20/nodot=0");

  BOOST_TEST(options.most == 3U);
  BOOST_TEST(options.smallest == 10U);
  BOOST_TEST(options.has_largest);
  BOOST_TEST(!options.no_dot);
  BOOST_TEST(HashOptions::parse("max=0").most == 10U);
}

BOOST_AUTO_TEST_CASE(a_rule_that_can_never_hit_is_told_apart_from_one_that_is_wrong) {
  BOOST_TEST(refused("check_hashbl_emails", {}) == "the name of the list is missing");
  BOOST_TEST(refused("check_hashbl_uris", {"l.example", "raw"}) ==
             "the option raw makes no name of the DNS here");
  BOOST_TEST(refused("check_hashbl_tag", {"l.example"}) == "the name of a tag is missing");
  BOOST_TEST(refused("check_hashbl_bodyre", {"l.example", ""}) ==
             "the expression to look for in the body is missing");
  BOOST_TEST(refused("check_hashbl_emails", {"l.example", "", "To", "", "friends"}) ==
             "no line hashbl_acl_friends says which domains");
  BOOST_TEST(refused("check_hashbl_emails", {"l.example/TXT"}) ==
             "answers of the type TXT are never looked at");
}

BOOST_AUTO_TEST_CASE(more_than_the_limit_is_cut_in_the_order_of_the_message) {
  BOOST_TEST(asked("check_hashbl_emails", {"l.example", "raw/user/max=2", "To"},
                   mail({"To: c@x.example, a@x.example, b@x.example"})) == (Labels{"c", "a"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_ignored_is_named_by_its_digest_too) {
  line("hashbl_ignore " + digest_label(DigestKind::md5, "a@x.example") + " B@x.example");

  BOOST_TEST(asked("check_hashbl_emails", {"l.example", "md5", "To"},
                   mail({"To: a@x.example, b@x.example, c@x.example"})) ==
                 (Labels{digest_label(DigestKind::md5, "c@x.example")}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_digest_is_of_the_octets_and_no_more_than_each_once) {
  BOOST_TEST(asked("check_hashbl_bodyre", {"l.example", "raw", "(\\d{4})"},
                   mail({"Subject: x"}, "1234 5678 1234\n")) == (Labels{"1234", "5678"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_that_say_nothing_are_problems) {
  for (const auto* const text :
       {"hashbl_ignore", "hashbl_email_domain_alias one.example", "hashbl_email_regex",
        "hashbl_email_regex (", "hashbl_email_welcomelist [", "hashbl_email_domain_alias a@b c"})
    BOOST_TEST(line(text).problems.size() == 1U, text);
}

BOOST_AUTO_TEST_CASE(an_exclusion_counts_more_than_what_comes_later) {
  const auto add = [this](std::string_view key, std::string_view arguments) {
    Diagnosis diagnosis;
    const Statement statement{.file = "test.cf",
                              .line = 1,
                              .text = arguments,
                              .key = std::string(key),
                              .written = arguments,
                              .arguments = arguments};
    SettingLine setting{statement, arguments, diagnosis};
    hash_list_directives().back().apply(setting, settings);
    return diagnosis.problems.size();
  };
  BOOST_TEST(add("hashbl_acl_free", "a.example !b.example b.example") == 0U);
  BOOST_TEST(add("hashbl_acl_", "a.example") == 1U);
  const auto& lists = settings.lookups.hash_lists;

  BOOST_TEST(lists.knows("free"));
  BOOST_TEST(lists.admits("free", "a.example"));
  BOOST_TEST(!lists.admits("free", "b.example"));
  BOOST_TEST(!lists.admits("other", "a.example"));
}

BOOST_AUTO_TEST_SUITE_END()
