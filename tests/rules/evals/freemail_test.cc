#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/evals/mail_addresses.h"
#include "tests/rules/evals/evals_support.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

RuleSettings settings_with(std::initializer_list<std::string_view> more = {}) {
  RuleSettings settings;
  apply(freemail_directives(), "freemail_domains free.example *.mail.example", settings);
  for (const auto line : more) apply(freemail_directives(), line, settings);
  for (const auto* const top : {"com", "org", "example"}) settings.domains.boundaries.add_top(top);
  return settings;
}

bool is_free(std::string_view author, const RuleSettings& settings = settings_with()) {
  return evaluate("check_freemail_from", {}, mail({"From: <" + std::string(author) + ">"}),
                  settings) != 0;
}

struct Letter {
  std::string from = "ann@free.example";
  std::string reply_to;
  std::string body = "Some words.\n";
  std::string envelope = "ann@free.example";

  bool hits(const std::string& what, const RuleSettings& settings = settings_with()) const {
    const auto reply = reply_to.empty() ? "X-A: b" : "Reply-To: " + reply_to;
    return evaluate("check_freemail_replyto", {what}, mail({"From: " + from, reply}, body),
                    settings, {.octets = {}, .envelope_from = envelope}) != 0;
  }
};

Letter answered_to(std::string address) {
  Letter letter;
  letter.reply_to = std::move(address);
  return letter;
}

Letter saying(std::string body) {
  Letter letter;
  letter.body = std::move(body);
  return letter;
}

Letter from_machine(std::string envelope) {
  auto letter = answered_to("bob@free.example");
  letter.envelope = std::move(envelope);
  return letter;
}

RegistryBoundaries boundaries() { return settings_with().domains.boundaries; }

std::string addresses_in(std::string_view text) {
  const auto known = boundaries();
  std::string out;
  for (auto found = find_address(text, 0, known); found;
       found = find_address(text, found->to, known))
    out.append("[").append(text.substr(found->from, found->to - found->from)) += ']';
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(freemail)

BOOST_AUTO_TEST_CASE(anyones_mailbox_is_known_by_its_domain) {
  BOOST_TEST(is_free("Ann@Free.example"));
  BOOST_TEST(is_free("ann@x.mail.example"));
  BOOST_TEST(!is_free("ann@x.y.mail.example"));
  BOOST_TEST(!is_free("ann@own.example"));
}

BOOST_AUTO_TEST_CASE(roles_and_machines_are_nobodys_mailbox) {
  for (const auto* const local :
       {"support", "postmaster", "undisclosed-recipients", "bounce-", "request-0123456789abcdef",
        "01234567.89abcdef", "01234567-89ab-cdef-0123-456789abcdef", "a=b=c"}) {
    BOOST_TEST(!is_free(std::string(local) + "@free.example"), local);
  }
  BOOST_TEST(is_free("supporter@free.example"));
  BOOST_TEST(is_free("a=b@free.example"));
}

BOOST_AUTO_TEST_CASE(addresses_and_domains_may_be_exempt) {
  const auto settings = settings_with({"freemail_welcomelist ann@free.example x.mail.example"});
  BOOST_TEST(!is_free("ann@free.example", settings));
  BOOST_TEST(is_free("bob@free.example", settings));
  BOOST_TEST(!is_free("bob@x.mail.example", settings));
}

BOOST_AUTO_TEST_CASE(authenticated_senders_are_exempt_on_request) {
  auto settings = settings_with({"freemail_import_welcomelist_auth 1"});
  apply(list_directives(), "welcomelist_auth *@free.example", settings);
  BOOST_TEST(!is_free("ann@free.example", settings));
}

BOOST_AUTO_TEST_CASE(an_expression_narrows_the_search) {
  const auto message = mail({"Reply-To: ann7@free.example", "From: ann@free.example"});
  const auto settings = settings_with();
  BOOST_TEST(evaluate("check_freemail_header", {"Reply-To", "\\d@"}, message, settings) == 1);
  BOOST_TEST(evaluate("check_freemail_header", {"From", "\\d@"}, message, settings) == 0);
  BOOST_TEST(evaluate("check_freemail_from", {"^a.n@"}, message, settings) == 1);
  BOOST_TEST(!find_eval("check_freemail_from")->bind({"("}, settings).has_value());
}

BOOST_AUTO_TEST_CASE(answers_to_another_free_mailbox_are_suspect) {
  BOOST_TEST(answered_to("bob@free.example").hits("replyto"));
  BOOST_TEST(!answered_to("Ann@free.example").hits("replyto"));
  BOOST_TEST(!answered_to("bob@free.example, ann@free.example").hits("replyto"));
  BOOST_TEST(!answered_to("bob@own.example").hits("replyto"));
}

BOOST_AUTO_TEST_CASE(the_body_may_name_where_answers_go) {
  const std::string body = "Write to bob@free.example soon.\n";
  auto stranger = saying(body);
  stranger.from = "x@own.example";
  stranger.reply_to = "ann@free.example";
  BOOST_TEST(saying(body).hits("reply"));
  BOOST_TEST(!saying(body).hits("replyto"));
  BOOST_TEST(stranger.hits("replyto"));
  BOOST_TEST(!saying("Write to ann@free.example soon.\n").hits("reply"));
  BOOST_TEST(!saying("Write to bob@own.example soon.\n").hits("reply"));
}

BOOST_AUTO_TEST_CASE(a_body_with_many_addresses_says_nothing) {
  const std::string many = "a@a.com b@b.com c@c.com d@d.com bob@free.example\n";
  BOOST_TEST(!saying(many).hits("reply"));
  BOOST_TEST(!saying("b1@free.example b2@free.example b3@free.example\n").hits("reply"));
  BOOST_TEST(saying(many).hits("reply", settings_with({"freemail_skip_when_over_max 0"})));
}

BOOST_AUTO_TEST_CASE(mail_of_machines_is_left_alone) {
  for (const auto* const sender : {"noreply@x.example", "no.reply@x.example", "l-bounces@x.example",
                                   "owner-l@x.example", "a=b@x.example", "postmaster@x.example"}) {
    BOOST_TEST(!from_machine(sender).hits("replyto"), sender);
  }
  // SpamAssassin's expression does not know this one, and hits are to be equal.
  BOOST_TEST(from_machine("no-reply@x.example").hits("replyto"));
}

BOOST_AUTO_TEST_CASE(without_free_domains_nothing_hits) {
  RuleSettings none;
  BOOST_TEST(!answered_to("bob@free.example").hits("replyto", none));
  BOOST_TEST(evaluate("check_freemail_body", {}, mail({"From: a"}, "bob@free.example\n"), none) ==
             0);
}

BOOST_AUTO_TEST_CASE(what_the_search_takes_out_later_rules_do_not_see) {
  const auto message = mail({"Subject: s"}, "See <bob@free.example> and joe@free.example there.\n");
  const auto settings = settings_with();
  const ScanInput input{.octets = message};
  Matcher matcher;
  ScannedMessage scanned(input, settings, matcher);
  const auto bound = find_eval("check_freemail_body")->bind({}, settings);

  BOOST_TEST((*bound)(scanned) == 1);
  std::string text;
  for (const auto& paragraph : scanned.body()) text += paragraph;
  BOOST_TEST(text.find("bob@") == std::string::npos);
  BOOST_TEST(text.find("joe@free.example") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(mail_addresses)

BOOST_AUTO_TEST_CASE(addresses_end_with_a_known_top_level_domain) {
  BOOST_TEST(addresses_in("ann@example.org, bob@a.b.example.com.") ==
             "[ann@example.org][bob@a.b.example.com]");
  BOOST_TEST(addresses_in("ann@example.nowhere ann@org ann@-x.org ann@x-.org") == "");
  BOOST_TEST(addresses_in("ann@a.b.c.d.org") == "[ann@a.b.c.d.org]");
  BOOST_TEST(addresses_in("ann@a.b.c.d.e.org") == "");
}

BOOST_AUTO_TEST_CASE(a_local_part_begins_behind_what_it_cannot_hold) {
  BOOST_TEST(addresses_in("..a.b@x.org") == "[a.b@x.org]");
  BOOST_TEST(addresses_in("a..b@x.org") == "[b@x.org]");
  BOOST_TEST(addresses_in("(a+b@x.org)") == "[a+b@x.org]");
  BOOST_TEST(addresses_in("a.@x.org @x.org") == "");
}

BOOST_AUTO_TEST_CASE(a_local_part_has_64_octets_at_most) {
  const std::string part(60, 'a');
  BOOST_TEST(addresses_in(part + "bbbb@x.org") == "[" + part + "bbbb@x.org]");
  BOOST_TEST(addresses_in(part + "bbbbb@x.org") == "");
  BOOST_TEST(addresses_in(part + ".bbbb@x.org") == "[bbbb@x.org]");
}

BOOST_AUTO_TEST_CASE(quotations_and_links_are_blanked) {
  const auto plain = [](std::string_view text) {
    return without_quoted_addresses(without_address_links(text), boundaries());
  };
  BOOST_TEST(plain("x <a@x.org> y") == "x   y");
  BOOST_TEST(plain("a@x.org wrote: y") == "  y");
  BOOST_TEST(plain("a@x.org fax: y") == "a@x.org fax: y");
  BOOST_TEST(plain("a@x.org emailing: y") == "a@x.org emailing: y");
  BOOST_TEST(plain("<mailto:a@x.org>") == "<mailto:a@x.org>");
  BOOST_TEST(plain("see <http://h.example/?a%40x.org> y") == "see   y");
  BOOST_TEST(plain("see http://h.example/ a@x.org y") == "see http://h.example/ a@x.org y");
}

BOOST_AUTO_TEST_CASE(a_long_text_of_at_signs_costs_no_square) {
  const auto known = boundaries();
  std::string hostile;
  for (int i = 0; i < 200'000; ++i) hostile += "a@a.";
  BOOST_TEST(is_quick([&] { without_quoted_addresses(without_address_links(hostile), known); }));
  BOOST_TEST(is_quick([&] { find_address(std::string(1'000'000, 'a') + "@", 0, known); }));
}

BOOST_AUTO_TEST_SUITE_END()
