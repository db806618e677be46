#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {
struct Lists {
  RuleSettings settings;
  Diagnosis operator()(std::string_view line) { return apply(list_directives(), line, settings); }
  bool has(std::string_view list, std::string_view address) {
    return settings.lists.find(list)->matches(address);
  }
};
}  // namespace

BOOST_AUTO_TEST_SUITE(list_settings)

BOOST_AUTO_TEST_CASE(old_and_new_spellings_fill_the_same_list) {
  Lists lists;
  lists("whitelist_from a@example.org");
  lists("welcomelist_from b@example.org *@example.net");
  lists("blacklist_to c@example.org");
  BOOST_TEST(lists.has("welcomelist_from", "a@example.org"));
  BOOST_TEST(lists.has("welcomelist_from", "b@example.org"));
  BOOST_TEST(lists.has("welcomelist_from", "x@example.net"));
  BOOST_TEST(lists.has("blocklist_to", "c@example.org"));
  lists("unwhitelist_from a@example.org");
  BOOST_TEST(!lists.has("welcomelist_from", "a@example.org"));
}

BOOST_AUTO_TEST_CASE(what_came_with_the_rules_can_be_taken_out) {
  Lists lists;
  lists("def_welcomelist_auth *@example.org");
  lists("welcomelist_auth *@example.org");
  lists("unwelcomelist_auth *@example.org");
  BOOST_TEST(!lists.has("def_welcomelist_auth", "a@example.org"));
  BOOST_TEST(!lists.has("welcomelist_auth", "a@example.org"));
}

BOOST_AUTO_TEST_CASE(a_named_list_needs_its_brackets) {
  Lists lists;
  BOOST_TEST(lists("enlist_addrlist (MINE) a@example.org *@example.net").problems.empty());
  BOOST_TEST(lists.has("MINE", "x@example.net"));
  BOOST_TEST(!lists("enlist_addrlist MINE a@example.org").problems.empty());
  BOOST_TEST(!lists("enlist_addrlist (MINE)").problems.empty());
  BOOST_TEST((lists.settings.lists.find("OTHERS") == nullptr));
}

BOOST_AUTO_TEST_CASE(enlisting_under_a_known_name_fills_that_list) {
  Lists lists;
  lists("enlist_addrlist (blocklist_from) a@example.org");
  BOOST_TEST(lists.has("blocklist_from", "a@example.org"));
}

BOOST_AUTO_TEST_CASE(an_address_may_come_from_several_relays) {
  Lists lists;
  lists("welcomelist_from_rcvd *@Example.org Mail.example.org");
  lists("whitelist_from_rcvd *@example.org [192.0.2.1]");
  const auto& paired = lists.settings.lists.find_paired("welcomelist_from_rcvd");
  BOOST_TEST(paired.partners.at("*@example.org").size() == 2U);
  BOOST_TEST(paired.partners.at("*@example.org").front() == "mail.example.org");
  BOOST_TEST(!lists("welcomelist_from_rcvd *@example.org").problems.empty());
  lists("unwelcomelist_from_rcvd *@example.org");
  BOOST_TEST(!paired.addresses.matches("a@example.org"));
}

BOOST_AUTO_TEST_CASE(a_signing_domain_goes_and_the_address_with_its_last_one) {
  Lists lists;
  lists("welcomelist_from_dkim *@example.org example.net");
  lists("welcomelist_from_dkim *@example.org");
  const auto& paired = lists.settings.lists.find_paired("welcomelist_from_dkim");
  lists("unwelcomelist_from_dkim *@example.org");
  BOOST_TEST(paired.addresses.matches("a@example.org"));
  lists("unwelcomelist_from_dkim *@example.org Example.NET");
  BOOST_TEST(!paired.addresses.matches("a@example.org"));
}

BOOST_AUTO_TEST_CASE(a_directive_without_addresses_is_a_problem) {
  Lists lists;
  BOOST_TEST(!lists("welcomelist_from").problems.empty());
  BOOST_TEST(!lists("unwelcomelist_auth").problems.empty());
}

BOOST_AUTO_TEST_CASE(the_last_ok_locales_counts) {
  Lists lists;
  BOOST_TEST(lists.settings.lists.ok_locales == "all");
  lists("ok_locales ja");
  lists("ok_locales en ko");
  BOOST_TEST(lists.settings.lists.ok_locales == "en ko");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(freemail_settings)

BOOST_AUTO_TEST_CASE(a_star_in_a_freemail_domain_stays_within_its_label) {
  RuleSettings settings;
  apply(freemail_directives(), "freemail_domains Mail.example *.post.example web?.example",
        settings);
  BOOST_TEST(settings.freemail.has_domain("mail.example"));
  BOOST_TEST(settings.freemail.has_domain("x.post.example"));
  BOOST_TEST(!settings.freemail.has_domain("x.y.post.example"));
  BOOST_TEST(settings.freemail.has_domain("web1.example"));
  BOOST_TEST(!settings.freemail.has_domain("web12.example"));
}

BOOST_AUTO_TEST_CASE(words_that_are_no_domains_are_problems_and_the_rest_counts) {
  RuleSettings settings;
  const auto said =
      apply(freemail_directives(), "freemail_domains a_b.example c.example", settings);
  BOOST_TEST(said.problems.size() == 1U);
  BOOST_TEST(settings.freemail.has_domain("c.example"));
  BOOST_TEST(
      apply(freemail_directives(), "freemail_welcomelist nobody", settings).problems.size() == 1U);
  apply(freemail_directives(), "freemail_max_body_emails 7", settings);
  BOOST_TEST(settings.freemail.most_body_addresses == 7);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(authentication_settings)

BOOST_AUTO_TEST_CASE(practices_are_kept_by_author_domain) {
  RuleSettings settings;
  const auto table = authentication_directives();
  apply(table, "adsp_override Example.org", settings);
  apply(table, "adsp_override *.example.net custom_med", settings);
  BOOST_TEST(settings.authentication.practices.at("example.org") == 'D');
  BOOST_TEST(settings.authentication.practices.at("*.example.net") == '2');
  BOOST_TEST(!apply(table, "adsp_override example.org perhaps", settings).problems.empty());
}

BOOST_AUTO_TEST_CASE(switches_take_zero_and_one) {
  RuleSettings settings;
  const auto table = authentication_directives();
  apply(table, "ignore_received_spf_header 1", settings);
  BOOST_TEST(settings.authentication.ignore_received_spf);
  BOOST_TEST(!apply(table, "ignore_received_spf_header perhaps", settings).problems.empty());
}

BOOST_AUTO_TEST_SUITE_END()
