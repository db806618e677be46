#define BOOST_TEST_DYN_LINK
#include "policies/access.h"

#include <boost/test/unit_test.hpp>

#include "policies/address_lookup.h"
#include "tests/policies/open_maps.h"
#include "tests/policies/temporary_folder.h"

using namespace postern;
using Kind = AccessAction::Kind;

namespace {

const AccessContext sender{AccessSubject::sender, "a@example.org"};
const AccessContext recipient{AccessSubject::recipient, "b@example.net"};

AccessAction parse(std::string_view value, const AccessContext& context = sender) {
  const auto action = parse_access_action(value, context);
  BOOST_REQUIRE_MESSAGE(action, value << ": " << (action ? "" : action.error().what));
  return *action;
}

std::string reply_to(std::string_view value, const AccessContext& context = sender) {
  return parse(value, context).reply.line();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access_tables)

BOOST_AUTO_TEST_CASE(ok_and_numbers_accept_and_dunno_has_no_opinion) {
  for (const char* value : {"OK", "ok", "RELAY", "1", "12345", "250", " OK  by hand "}) {
    BOOST_TEST((parse(value).kind == Kind::ok), value);
  }
  BOOST_TEST((parse("dunno").kind == Kind::dunno));
}

BOOST_AUTO_TEST_CASE(refusals_say_what_was_refused_and_why) {
  BOOST_TEST(reply_to("REJECT") ==
             "554 5.7.1 <a@example.org>: Sender address rejected: Access denied");
  BOOST_TEST(reply_to("reject  go away ") ==
             "554 5.7.1 <a@example.org>: Sender address rejected: go away");
  BOOST_TEST(reply_to("550 5.7.20 no", recipient) ==
             "550 5.7.20 <b@example.net>: Recipient address rejected: no");
  BOOST_TEST(reply_to("450") ==
             "450 4.7.1 <a@example.org>: Sender address rejected: Access denied");
  BOOST_TEST(reply_to("DEFER later") ==
             "450 4.7.1 <a@example.org>: Sender address rejected: later");
  BOOST_TEST(reply_to("DEFER_IF_PERMIT") ==
             "450 4.7.1 <a@example.org>: Sender address rejected: Service unavailable");
  BOOST_TEST((parse("451 x").kind == Kind::defer));
  BOOST_TEST((parse("551 x").kind == Kind::reject));
  BOOST_TEST((parse("DEFER_IF_REJECT").kind == Kind::defer_if_reject));
}

BOOST_AUTO_TEST_CASE(only_421_and_521_hang_up) {
  BOOST_TEST(parse("421 bye").hang_up);
  BOOST_TEST((parse("421 bye").kind == Kind::defer));
  BOOST_TEST(parse("521 bye").hang_up);
  BOOST_TEST((parse("521 bye").kind == Kind::reject));
  BOOST_TEST(!parse("550 bye").hang_up);
  BOOST_TEST(!parse("REJECT bye").hang_up);
}

BOOST_AUTO_TEST_CASE(enhanced_codes_fit_the_reply_and_the_subject) {
  BOOST_TEST(reply_to("450 5.7.1 x").starts_with("450 4.7.1 "));
  BOOST_TEST(reply_to("REJECT 4.1.2 x").starts_with("554 5.1.8 "));
  BOOST_TEST(reply_to("REJECT 5.1.1 x").starts_with("554 5.1.0 "));
  BOOST_TEST(reply_to("REJECT 5.1.3 x").starts_with("554 5.1.7 "));
  BOOST_TEST(reply_to("REJECT 5.1.7 x", recipient).starts_with("554 5.1.3 "));
  BOOST_TEST(reply_to("REJECT 5.1.8 x", recipient).starts_with("554 5.1.2 "));
  BOOST_TEST(reply_to("REJECT 5.1.1 x", recipient).starts_with("554 5.1.1 "));
  BOOST_TEST(reply_to("REJECT 5.1.1 x", {AccessSubject::helo, "h"}).starts_with("554 5.0.0 "));
  BOOST_TEST(reply_to("REJECT 5.1.1") ==
             "554 5.1.0 <a@example.org>: Sender address rejected: Access denied");
}

BOOST_AUTO_TEST_CASE(arguments_are_checked) {
  BOOST_TEST(parse("PREPEND X-Seen: yes").text == "X-Seen: yes");
  BOOST_TEST(parse("REDIRECT abuse@example.org").text == "abuse@example.org");
  BOOST_TEST(parse("bcc archive@example.org").text == "archive@example.org");
  BOOST_TEST(parse("HOLD look at it").text == "look at it");
  for (const char* wrong : {"PREPEND", "PREPEND no colon", "PREPEND : x", "PREPEND a b: c",
                            "REDIRECT", "REDIRECT nobody", "BCC a@b@", "FILTER smtp:[x]", "REJCT",
                            "permit_mynetworks", "", "250 ok", "4000 text", "300 x"}) {
    BOOST_TEST(!parse_access_action(wrong, sender), wrong);
  }
  BOOST_TEST(!parse_access_action("PREPEND X: a\r\nY: b", sender));
}

BOOST_AUTO_TEST_CASE(a_typing_error_is_answered_with_what_was_meant) {
  const auto action = parse_access_action("rejct spam", sender);

  BOOST_REQUIRE(!action);
  BOOST_TEST(action.error().what.find("did you mean REJECT?") != std::string::npos,
             action.error().what);
  BOOST_TEST(parse_access_action("FILTER x:", sender).error().what.find("pipeline") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(dunno_ends_the_search_in_its_own_map_only) {
  const MapList maps = open_list({"inline:{ user@example.org=DUNNO example.org=REJECT }",
                                  "inline:{ {example.org=450 slow down} }"});

  const auto special = check_access(maps, access_keys("user@example.org", ""), sender);
  const auto other = check_access(maps, access_keys("other@example.org", ""), sender);

  BOOST_TEST((special->decision.kind == Kind::defer));
  BOOST_TEST((other->decision.kind == Kind::reject));
  BOOST_TEST(other->decision.key == "example.org");
  BOOST_TEST(other->decision.map.starts_with("inline:"));
}

BOOST_AUTO_TEST_CASE(notes_are_kept_and_leave_the_decision_to_the_next_map) {
  const MapList maps = open_list(
      {"static:WARN seen", "static:{PREPEND X-A: b}", "static:HOLD", "static:OK", "static:REJECT"});

  const auto result = check_access(maps, access_keys("user@example.org", ""), sender);

  BOOST_TEST((result->decision.kind == Kind::ok));
  BOOST_REQUIRE_EQUAL(result->notes.size(), 3U);
  BOOST_TEST((result->notes[0].kind == Kind::warn));
  BOOST_TEST(result->notes[1].text == "X-A: b");
  BOOST_TEST((result->notes[2].kind == Kind::hold));
}

BOOST_AUTO_TEST_CASE(nothing_found_is_no_opinion) {
  const MapList maps = open_list({"inline:{x=REJECT}"});

  BOOST_TEST((check_access(maps, access_keys("", ""), sender)->decision.kind == Kind::dunno));
}

BOOST_AUTO_TEST_CASE(an_outage_and_a_wrong_entry_are_errors_that_name_the_map) {
  const auto keys = access_keys("user@example.org", "");

  BOOST_TEST(!check_access(open_list({"fail:x", "static:OK"}), keys, sender));
  const auto wrong = check_access(open_list({"inline:{example.org=NONSENSE}"}), keys, sender);
  BOOST_REQUIRE(!wrong);
  BOOST_TEST(wrong.error().what.find("inline:{example.org=NONSENSE}, entry for \"example.org\"") !=
                 std::string::npos,
             wrong.error().what);
}

BOOST_AUTO_TEST_CASE(wrong_values_are_found_when_the_table_is_loaded) {
  const TemporaryFolder folder;
  const auto file = folder.write("access", "a OK\nb RJECT\nc REJECT\nd FILTER x:\n");
  std::vector<Problem> problems;

  check_access_values(open_list({"hash:" + file}), problems);

  BOOST_REQUIRE_EQUAL(problems.size(), 2U);
  BOOST_TEST(problems[0].where == file + ":2");
  BOOST_TEST(problems[1].where == file + ":4");
}

BOOST_AUTO_TEST_SUITE_END()
