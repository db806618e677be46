#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/control/desk_fixture.h"

using namespace postern;
using test::DeskFixture;
using test::Said;

namespace {

enum Column : std::size_t {
  id,
  state,
  arrival,
  size,
  attempts,
  next,
  sender,
  recipients,
  reason,
  last_reply
};

const std::string floods = R"("filter":{"sender":"bot*"})";

std::vector<std::string> column(const Said& said, std::size_t number) {
  std::vector<std::string> out;
  for (const auto& row : said.rows()) out.push_back(row.at(number));
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(desk, DeskFixture)

BOOST_AUTO_TEST_CASE(a_list_of_many_slices_is_whole_in_order_and_never_one_piece) {
  std::vector<std::string> wanted;
  for (int i = 0; i < 5001; ++i) wanted.push_back(deferred("s@away.example").text());

  const Said said = ask("list");

  BOOST_TEST(said.count == 5001);
  BOOST_TEST(column(said, id) == wanted, boost::test_tools::per_element());
  BOOST_TEST(said.longest_piece < said.octets.size() / 2);
}

BOOST_AUTO_TEST_CASE(an_empty_queue_has_a_heading_and_no_rows) {
  const Said said = ask("list");

  BOOST_TEST(said.octets.starts_with(
      "#id\tstate\tarrival\tsize\tattempts\tnext\tsender\trecipients\treason\t"));
  BOOST_TEST(said.count == 0);
  BOOST_TEST(said.error.empty());
}

BOOST_AUTO_TEST_CASE(json_lines_carry_the_same_messages) {
  const MessageId wanted = deferred("s@away.example");

  const Said said = ask("list", "", false);

  BOOST_REQUIRE_EQUAL(said.lines.size(), 1);
  BOOST_TEST(said.lines[0].find(wanted.text()) != std::string::npos);
  BOOST_TEST(said.octets.empty());
}

BOOST_AUTO_TEST_CASE(hold_reaches_all_that_match_over_many_slices_and_nothing_else) {
  std::vector<MessageId> bots;
  for (int i = 0; i < 4500; ++i) bots.push_back(deferred("bot" + std::to_string(i) + "@x"));
  const MessageId other = deferred("honest@x");

  const Said said = ask("hold", floods + R"(,"why":"a flood")");

  BOOST_TEST(said.count == 4500);
  BOOST_TEST(said.rows().size() == 4500);
  for (const MessageId each : bots) BOOST_REQUIRE_EQUAL(at(each).hold, "a flood");
  BOOST_TEST(at(other).hold.empty());
  BOOST_TEST(dispatcher->scheduler().backlog() == 1);
}

BOOST_AUTO_TEST_CASE(a_dry_run_tells_the_same_rows_and_changes_nothing) {
  deferred("bot@x");
  deferred("honest@x");
  for (const std::string command : {"hold", "delete", "flush", "requeue", "bounce", "reroute"}) {
    const Said said =
        ask(command, floods + R"(,"dry_run":true,"why":"so","to":"smtp:[192.0.2.1]")");
    BOOST_TEST_CONTEXT(command) {
      BOOST_TEST(said.error == "");
      BOOST_TEST(said.count == 1);
      BOOST_TEST(column(said, sender).front() == "bot@x");
    }
  }
  BOOST_TEST(spool.messages.size() == 2);
  BOOST_TEST(spool.changes.empty());
}

BOOST_AUTO_TEST_CASE(release_means_held_mail_only_and_flush_the_other) {
  const MessageId held = deferred("bot1@x");
  ask("hold", R"("filter":{"id":")" + held.text() + R"("})");
  deferred("bot2@x");

  BOOST_TEST(column(ask("flush", floods + R"(,"dry_run":true)"), sender).front() == "bot2@x");
  const Said released = ask("release", floods);

  BOOST_TEST(released.count == 1);
  BOOST_TEST(column(released, sender).front() == "bot1@x");
  BOOST_TEST(at(held).hold.empty());
}

BOOST_AUTO_TEST_CASE(delete_removes_them_from_the_spool_and_from_the_scheduler) {
  deferred("bot1@x");
  deferred("bot2@x");
  const MessageId other = deferred("honest@x");

  BOOST_TEST(ask("delete", floods).count == 2);

  BOOST_TEST(spool.messages.size() == 1);
  BOOST_TEST(spool.messages.contains(other));
  BOOST_TEST(dispatcher->scheduler().backlog() == 1);
}

BOOST_AUTO_TEST_CASE(a_full_disk_ends_a_change_with_its_cause) {
  deferred("bot1@x");
  deferred("bot2@x");

  spool.refuse_progress_after = 1;
  const Said said = ask("hold", floods);

  BOOST_TEST(said.kind == "failed");
  BOOST_TEST(said.error.find("after 1 message") != std::string::npos);
  BOOST_TEST(said.error.find("no space") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(reroute_takes_what_a_transport_table_takes_and_tables_goes_back) {
  const MessageId message = deferred("bot@x");

  BOOST_TEST(ask("reroute", floods + R"(,"to":"smtp:[192.0.2.1]:2525")").count == 1);
  BOOST_TEST(at(message).route == "smtp:[192.0.2.1]:2525");
  BOOST_TEST(ask("requeue", floods).count == 1);
  BOOST_TEST(at(message).route == "");
  ask("reroute", floods + R"(,"to":"smtp:[192.0.2.1]:2525")");
  BOOST_TEST(ask("reroute", floods + R"(,"to":"tables")").count == 1);
  BOOST_TEST(at(message).route == "");

  const Said wrong = ask("reroute", floods + R"(,"to":"carrier-pigeon:home")");
  BOOST_TEST(wrong.kind == "usage");
  BOOST_TEST(wrong.error.find("carrier-pigeon") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bounce_tells_the_sender_and_ends_the_message) {
  const MessageId message = deferred("bot@away.example");

  BOOST_TEST(ask("bounce", floods).kind == "usage");
  BOOST_TEST(ask("bounce", floods + R"(,"why":"we take no such mail")").count == 1);

  BOOST_TEST(!spool.messages.contains(message));
  BOOST_REQUIRE_EQUAL(spool.messages.size(), 1);
  const auto& letter = spool.messages.begin()->second;
  BOOST_TEST(letter.envelope.sender.empty());
  BOOST_TEST(letter.envelope.recipients.front().address == "bot@away.example");
  BOOST_TEST(letter.content->find("we take no such mail") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(mail_behind_a_dead_destination_shows_its_probe_and_its_cause) {
  dispatcher->start();
  for (int i = 0; i < 40; ++i) fresh("first@x");
  BOOST_REQUIRE(wait(state, "deferred", 40));
  const MessageId late = fresh("late@x");
  BOOST_REQUIRE(wait(state, "deferred", 41));

  const auto row = ask("list", R"("filter":{"id":")" + late.text() + R"("})").rows().at(0);
  const auto destinations = ask("destinations").rows();

  BOOST_TEST(row[attempts] == "0");
  BOOST_TEST(row[reason].find("connection refused") != std::string::npos);
  BOOST_TEST(row[reason].find("127.0.0.1") != std::string::npos);
  BOOST_TEST(row[next] != "-");
  BOOST_REQUIRE_EQUAL(destinations.size(), 1);
  BOOST_TEST(destinations[0][1] == "dead");
  BOOST_TEST(destinations[0][5] == row[next]);
  BOOST_TEST(destinations[0][6].find("connection refused") != std::string::npos);
  BOOST_TEST(ask("list", R"("filter":{"reason":"connection refused","sender":"late@x"})").count ==
             1);
}

BOOST_AUTO_TEST_CASE(the_shape_leaves_out_held_mail_unless_it_is_asked_for) {
  deferred("s@x", "a@one.example");
  const MessageId held = deferred("s@x", "a@two.example");
  ask("hold", R"("filter":{"id":")" + held.text() + R"("})");

  BOOST_TEST(ask("shape").rows()[0][1] == "1");
  BOOST_TEST(ask("shape", R"("filter":{"state":"hold"})").rows()[1][0] == "two.example");
  BOOST_TEST(ask("shape", R"("filter":{"state":"deferred"})").rows()[1][0] == "one.example");
  BOOST_TEST(ask("shape", R"("filter":{"state":"active"})").rows()[0][1] == "0");
  BOOST_TEST(ask("shape", R"("by":"reason")").rows()[1][0] == "451 4.3.0 we are asleep");
  BOOST_TEST(ask("shape", R"("by":"colour")").kind == "usage");
}

BOOST_AUTO_TEST_CASE(show_tells_each_recipient_with_its_state_and_route) {
  const MessageId message = deferred("s@x", "a@one.example");
  auto& stored = spool.messages.at(message).envelope;
  stored.recipients.emplace_back().address = "b@two.example";
  stored.recipients[1].state = RecipientState::delivered;

  const Said said = ask("show", R"("filter":{"id":")" + message.text() + R"("})");

  BOOST_REQUIRE_EQUAL(said.lines.size(), 1);
  const auto shown = boost::json::parse(said.lines[0]).as_object();
  const auto& both = shown.at("recipients").as_array();
  BOOST_TEST(both.at(0).at("state").as_string() == "queued");
  BOOST_TEST(both.at(0).at("route").as_string() == "smtp:[127.0.0.1]:9");
  BOOST_TEST(both.at(1).at("state").as_string() == "delivered");
  BOOST_TEST(!both.at(1).as_object().contains("route"));
  BOOST_TEST(shown.at("waits_for").as_string() == "the time of its next attempt");
}

BOOST_AUTO_TEST_CASE(cat_gives_the_octets_as_they_are_delivered) {
  const MessageId message = deferred("s@x");
  std::string body = "Subject: binary\r\n\r\n";
  for (int i = 0; i < 600'000; ++i) body += static_cast<char>(i * 7);
  auto& stored = spool.messages.at(message);
  stored.content = std::make_shared<const std::string>(body);
  stored.envelope.variants[0].prepend = "Received: by gate.example\r\n";

  const Said said = ask("cat", R"("filter":{"id":")" + message.text() + R"("})");

  BOOST_TEST((said.octets == "Received: by gate.example\r\n" + body));
  BOOST_TEST(said.longest_piece < 300'000);
}

BOOST_AUTO_TEST_CASE(an_unknown_id_and_an_unknown_command_are_told_apart) {
  const std::string nobody = R"("filter":{"id":"0000000000000"})";
  for (const std::string command : {"list", "show", "cat", "hold", "delete", "flush", "release"}) {
    BOOST_TEST_CONTEXT(command) {
      const Said said = ask(command, nobody);
      BOOST_TEST(said.kind == "unknown");
      BOOST_TEST(said.error.find("0000000000000") != std::string::npos);
    }
  }
  BOOST_TEST(ask("burn").kind == "usage");
  BOOST_TEST(ask_line("nonsense").kind == "usage");
}

BOOST_AUTO_TEST_SUITE_END()
