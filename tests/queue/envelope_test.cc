#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/queue/envelope.h"

using namespace postern;

namespace {

using Kind = HeaderEdit::Kind;

Content original(std::string octets) {
  return std::make_shared<const std::string>(std::move(octets));
}

std::string edited(std::string octets, std::vector<HeaderEdit> edits) {
  const auto rendered = render({"", std::move(edits)}, original(std::move(octets)));
  BOOST_TEST(rendered.prefix.empty());
  return *rendered.body;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rendering)

BOOST_AUTO_TEST_CASE(without_edits_the_stored_octets_are_shared_and_not_copied) {
  const auto content = original("Subject: a\r\n\r\nbody\r\n");

  const auto rendered = render({"Received: here\r\n", {}}, content);

  BOOST_TEST(rendered.prefix == "Received: here\r\n");
  BOOST_TEST((rendered.body == content));
  BOOST_TEST(rendered.size() == rendered.prefix.size() + content->size());
}

BOOST_AUTO_TEST_CASE(
    an_enclosed_message_stays_as_it_came_and_edits_behind_it_change_the_outer_one) {
  const std::string message = "A: 1\r\nSubject: in\r\n\r\nbody\r\n";
  BOOST_TEST(edited(message, {{Kind::remove, "A", ""},
                              {Kind::enclose, "--b--\r\n", "A: 2\r\nSubject: out\r\n\r\n--b\r\n"},
                              {Kind::replace, "Subject", "new"},
                              {Kind::remove, "A", ""}}) ==
             "Subject: new\r\n\r\n--b\r\nSubject: in\r\n\r\nbody\r\n--b--\r\n");
}

BOOST_AUTO_TEST_CASE(every_field_of_the_name_is_removed_with_its_folding_and_nothing_else) {
  BOOST_TEST(
      edited("A: 1\r\nX-Spam: yes\r\n no\r\nB: 2\r\nx-SPAM : again\r\n\r\nX-Spam: in the body\r\n",
             {{Kind::remove, "X-Spam", ""}}) == "A: 1\r\nB: 2\r\n\r\nX-Spam: in the body\r\n");
}

BOOST_AUTO_TEST_CASE(a_name_that_ends_with_an_asterisk_means_all_that_begin_so) {
  std::string many;
  for (int i = 0; i < 200; ++i) many += "X-Spam-" + std::to_string(i) + ": 1\r\n";
  BOOST_TEST(
      edited("X-Spammer: 1\r\n" + many + "x-spam-flag: NO\r\n 2\r\nB: X-Spam-\r\n\r\nX-Spam-A: b",
             {{Kind::remove, "X-Spam-*", ""}}) == "X-Spammer: 1\r\nB: X-Spam-\r\n\r\nX-Spam-A: b");
  BOOST_TEST(edited("A*: 1\r\nAB: 2\r\n\r\n", {{Kind::replace, "A*", "3"}}) ==
             "A*: 3\r\nAB: 2\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(
    with_a_value_only_the_fields_that_have_it_are_removed_however_they_are_folded) {
  BOOST_TEST(edited("A: 1 2\r\nA: 1\r\nA:1\x01\r\n 2\r\na : 1\r\n 2\r\nB: 1 2\r\n\r\nA: 1 2\r\n",
                    {{Kind::remove, "A", "1 2"}, {Kind::remove, "A", "1? 2"}}) ==
             "A: 1\r\nB: 1 2\r\n\r\nA: 1 2\r\n");
}

BOOST_AUTO_TEST_CASE(a_replaced_field_keeps_the_first_place_and_the_others_go) {
  BOOST_TEST(edited("A: 1\r\nSubject: old\r\nB: 2\r\nSubject: second\r\n\r\nbody",
                    {{Kind::replace, "Subject", "[spam] old"}}) ==
             "A: 1\r\nSubject: [spam] old\r\nB: 2\r\n\r\nbody");
}

BOOST_AUTO_TEST_CASE(a_replaced_field_that_is_missing_goes_on_top) {
  BOOST_TEST(edited("A: 1\r\n\r\nbody", {{Kind::replace, "Subject", "new"}}) ==
             "Subject: new\r\nA: 1\r\n\r\nbody");
}

BOOST_AUTO_TEST_CASE(edits_work_one_after_the_other) {
  BOOST_TEST(edited("A: 1\r\nB: 2\r\n\r\n", {{Kind::remove, "A", ""},
                                             {Kind::replace, "A", "x"},
                                             {Kind::replace, "B", "y"},
                                             {Kind::replace, "A", "z"}}) == "A: z\r\nB: y\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_new_value_cannot_end_the_header_or_add_a_field) {
  const auto out = edited("A: 1\r\n\r\nbody", {{Kind::replace, "A", "x\r\n\r\nInjected: y"}});

  BOOST_TEST(out.find("\r\n\r\nbody") == out.find("\r\n\r\n"));
  BOOST_TEST(out.find("\nInjected") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_field_behind_thousands_of_others_is_removed_too) {
  std::string header;
  for (int i = 0; i < 5000; ++i) header += "X-Filler: " + std::to_string(i) + "\r\n";

  BOOST_TEST(edited(header + "X-Bad: 1\r\n\r\nbody", {{Kind::remove, "x-bad", ""}}) ==
             header + "\r\nbody");
}

BOOST_AUTO_TEST_CASE(lines_that_are_no_fields_stay_where_they_are) {
  BOOST_TEST(edited(" leading\r\nA: 1\r\nno field here\r\nB: 2\r\n", {{Kind::remove, "A", ""}}) ==
             " leading\r\nno field here\r\nB: 2\r\n");
  BOOST_TEST(edited("", {{Kind::remove, "A", ""}}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
