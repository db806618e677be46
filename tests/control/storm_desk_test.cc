#define BOOST_TEST_DYN_LINK
#include "gateway/control/storm_desk.h"

#include <boost/test/unit_test.hpp>

#include "tests/control/storm_fixture.h"

using namespace postern;
using namespace postern::test;

namespace {

struct Asked : StormyGateway {
  StormWatch watch{StormSettings{}, clock.steady()};
  StormDesk desk{*storm, watch, clock};
  std::string said;

  Task<bool> take(std::string text) {
    said += text;
    co_return true;
  }
  std::string ask(const std::string& request) {
    said.clear();
    DeskAnswer::Send send = [this](std::string text) { return take(std::move(text)); };
    run_task(loop, desk.answer(request, std::move(send)));
    return said;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(storm_desk)

BOOST_FIXTURE_TEST_CASE(on_answers_a_line_a_step_and_the_count_at_the_end, Asked) {
  add("s@away.example", 2);

  const std::string answer = ask(R"({"v":1,"command":"storm.on","preset":"gentle","why":"x"})");

  BOOST_TEST(std::ranges::count(answer, '\n') == 4);
  BOOST_TEST(answer.starts_with(R"({"name":"park","state":"done","messages":1,"text":")"));
  BOOST_TEST(answer.ends_with("{\"v\":1,\"end\":true,\"count\":1}\n"));
  BOOST_TEST(ask(R"({"v":1,"command":"storm.off"})").contains(R"("name":"park","state":"undone")"));
}

BOOST_FIXTURE_TEST_CASE(status_shows_what_is_in_force_parked_and_seen, Asked) {
  ask(R"({"v":1,"command":"storm.on","preset":"brute","why":"a \"bot\""})");

  const std::string answer = ask(R"({"v":1,"command":"storm.status"})");

  BOOST_TEST(answer.contains(R"("text":"brute: a \"bot\"")"));
  for (const char* name : {"park", "lifetimes", "bounces", "clients", "inside", "parked", "watch"})
    BOOST_TEST(answer.contains("{\"name\":\"" + std::string(name) + "\""));
}

BOOST_FIXTURE_TEST_CASE(requests_that_make_no_sense_are_refused_with_the_cause, Asked) {
  for (const auto& [request, cause] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"({"v":2,"command":"storm.on","preset":"brute"})", "version 1"},
           {R"({"v":1,"command":"storm.on","preset":"wild"})", "no preset"},
           {R"({"v":1,"command":"storm.on"})", "no preset"},
           {R"({"v":1,"command":"storm.on","preset":"brute","when":"now"})", "no key"},
           {R"({"v":1,"command":"storm.on","preset":7})", "no text"},
           {R"({"v":1,"command":"storm.dance"})", "unknown command"},
           {"{", "no JSON object"}}) {
    const std::string answer = ask(request);
    BOOST_TEST_CONTEXT(request) {
      BOOST_TEST(answer.contains("\"end\":true,\"error\":"));
      BOOST_TEST(answer.contains(cause));
    }
  }
  BOOST_TEST(status().front() == "storm off 0");
}

BOOST_AUTO_TEST_CASE(only_commands_of_the_storm_are_meant_whatever_else_says_storm) {
  BOOST_TEST(StormDesk::means(R"({"v": 1, "command" : "storm.status"})"));
  BOOST_TEST(!StormDesk::means(R"({"v":1,"command":"queue.hold","why":"\"storm.on\""})"));
  BOOST_TEST(!StormDesk::means(R"({"command":["storm."]})"));
  BOOST_TEST(!StormDesk::means("storm."));
}

BOOST_AUTO_TEST_SUITE_END()
