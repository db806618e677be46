#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/net/cares_resolver.h"
#include "tests/net/fake_dns_server.h"
#include "tests/support/dns_packet.h"
#include "tests/support/run_task.h"

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;

namespace {

using Packets = std::vector<std::string>;
constexpr unsigned a = 1, cname = 5, mx = 15;
const std::string good_address = "\x7f\x02\x03\x04";

DnsSettings settings_for(const FakeDnsServer& server) {
  DnsSettings settings;
  settings.dns_servers = {server.address()};
  settings.dns_timeout = 4s;
  return settings;
}

std::string good(const std::string& query) {
  return DnsPacket::to_query(query).add(to_question, a, good_address).text();
}

/// One question to a server that says `say`.
DnsAnswer ask(FakeDnsServer::Say say, milliseconds timeout = 4s, RecordType type = RecordType::a) {
  FakeDnsServer server(std::move(say));
  Loop loop;
  auto resolver = CaresResolver::open(loop, settings_for(server)).value();
  return run_task(loop, resolver->query("Host.Example.org.", type, loop.now() + timeout));
}

Task<void> keep(Resolver& resolver, std::string name, SteadyTime deadline,
                std::vector<DnsAnswer>& out) {
  out.push_back(co_await resolver.query(std::move(name), RecordType::a, deadline));
}

Task<void> ask_many(Resolver& resolver, int times, SteadyTime deadline,
                    std::vector<DnsAnswer>& out) {
  TaskGroup group;
  for (int i = 0; i < times; ++i) group.spawn(keep(resolver, "host.example.org", deadline, out));
  co_await group.empty();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cares_resolver)

BOOST_AUTO_TEST_CASE(a_good_answer_is_found) {
  const auto answer = ask([](const std::string& query, bool) { return Packets{good(query)}; });
  BOOST_TEST((answer.status == DnsStatus::found), answer.error);
  BOOST_TEST(answer.records.at(0).text == "127.2.3.4");
}

BOOST_AUTO_TEST_CASE(a_missing_name_is_no_such_name) {
  const auto answer = ask([](const std::string& query, bool) {
    return Packets{DnsPacket::to_query(query).code(3).text()};
  });
  BOOST_TEST((answer.status == DnsStatus::no_such_name), answer.error);
}

BOOST_AUTO_TEST_CASE(a_name_without_such_records_is_no_records) {
  const auto answer = ask(
      [](const std::string& query, bool) { return Packets{DnsPacket::to_query(query).text()}; });
  BOOST_TEST((answer.status == DnsStatus::no_records), answer.error);
}

BOOST_AUTO_TEST_CASE(a_servers_failure_is_failed) {
  const auto answer = ask([](const std::string& query, bool) {
    return Packets{DnsPacket::to_query(query).code(2).text()};
  });
  BOOST_TEST((answer.status == DnsStatus::failed));
  BOOST_TEST(!answer.error.empty());
}

BOOST_AUTO_TEST_CASE(a_truncated_answer_is_asked_for_again_by_tcp) {
  const auto answer = ask([](const std::string& query, bool tcp) {
    if (tcp) return Packets{good(query)};
    auto cut = DnsPacket::to_query(query);
    cut.flags |= 0x0200;
    return Packets{cut.text()};
  });
  BOOST_TEST((answer.status == DnsStatus::found), answer.error);
}

BOOST_AUTO_TEST_CASE(an_answer_with_the_wrong_id_is_not_believed) {
  const auto answer = ask([](const std::string& query, bool) {
    auto forged = DnsPacket::to_query(query).add(to_question, a, "\x7f\x09\x09\x09");
    forged.id ^= 0x5555;
    return Packets{forged.text(), good(query)};
  });
  BOOST_TEST((answer.status == DnsStatus::found), answer.error);
  BOOST_TEST(answer.records.at(0).text == "127.2.3.4");
}

BOOST_AUTO_TEST_CASE(an_empty_datagram_does_no_harm) {
  const auto answer = ask([](const std::string& query, bool) { return Packets{"", good(query)}; });
  BOOST_TEST((answer.status == DnsStatus::found), answer.error);
}

BOOST_AUTO_TEST_CASE(garbage_behind_the_question_is_failed) {
  const auto answer = ask([](const std::string& query, bool) {
    auto packet = DnsPacket::to_query(query);
    packet.answer_count = 3;
    packet.answers = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    return Packets{packet.text()};
  });
  BOOST_TEST((answer.status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_compression_loop_is_failed) {
  const auto answer = ask([](const std::string& query, bool) {
    auto packet = DnsPacket::to_query(query);
    const auto at = static_cast<unsigned>(12 + packet.question.size());
    return Packets{packet.add(u16(0xc000 | at), a, good_address).text()};
  });
  BOOST_TEST((answer.status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_null_mx_is_found_with_an_empty_host) {
  const auto answer = ask(
      [](const std::string& query, bool) {
        return Packets{
            DnsPacket::to_query(query).add(to_question, mx, u16(0) + wire_name("")).text()};
      },
      4s, RecordType::mx);
  BOOST_TEST((answer.status == DnsStatus::found), answer.error);
  BOOST_TEST(answer.records.at(0).text == "");
}

BOOST_AUTO_TEST_CASE(an_alias_chain_over_several_packets_is_followed) {
  const auto answer = ask([](const std::string& query, bool) {
    auto packet = DnsPacket::to_query(query);
    if (packet.question.starts_with(wire_name("host.example.org"))) {
      return Packets{packet.add(to_question, cname, wire_name("one.example.net"), 20).text()};
    }
    if (packet.question.starts_with(wire_name("one.example.net"))) {
      return Packets{packet.add(to_question, cname, wire_name("two.example.net"))
                         .add(wire_name("two.example.net"), a, good_address)
                         .text()};
    }
    return Packets{};
  });
  BOOST_TEST((answer.status == DnsStatus::found), answer.error);
  BOOST_TEST(answer.records.at(0).text == "127.2.3.4");
  BOOST_TEST(answer.ttl == 20U);
}

BOOST_AUTO_TEST_CASE(an_alias_chain_without_end_is_failed) {
  const auto answer = ask([](const std::string& query, bool) {
    auto packet = DnsPacket::to_query(query);
    const auto length = static_cast<unsigned char>(packet.question[0]);
    return Packets{packet.add(to_question, cname, wire_name(std::string(length + 1U, 'x'))).text()};
  });
  BOOST_TEST((answer.status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_silent_server_is_failed_at_the_deadline_of_the_question) {
  const auto before = std::chrono::steady_clock::now();
  const auto answer = ask([](const std::string&, bool) { return Packets{}; }, 200ms);
  BOOST_TEST((answer.status == DnsStatus::failed));
  BOOST_TEST((std::chrono::steady_clock::now() - before < 3s));
}

BOOST_AUTO_TEST_CASE(a_lost_packet_is_sent_again) {
  std::atomic<int> count = 0;
  const auto answer = ask([&](const std::string& query, bool) {
    return ++count == 1 ? Packets{} : Packets{good(query)};
  });
  BOOST_TEST((answer.status == DnsStatus::found), answer.error);
  BOOST_TEST(count == 2);
}

BOOST_AUTO_TEST_CASE(what_can_be_no_name_does_not_exist_and_is_not_asked) {
  FakeDnsServer server([](const std::string& query, bool) { return Packets{good(query)}; });
  Loop loop;
  auto resolver = CaresResolver::open(loop, settings_for(server)).value();
  const auto answer = run_task(loop, resolver->query("a..b", RecordType::a, loop.now() + 1s));
  BOOST_TEST((answer.status == DnsStatus::no_such_name));
  BOOST_TEST(server.queries() == 0);
}

BOOST_AUTO_TEST_CASE(identical_questions_in_flight_are_asked_once) {
  FakeDnsServer server([](const std::string& query, bool) { return Packets{good(query)}; });
  Loop loop;
  auto resolver = CaresResolver::open(loop, settings_for(server)).value();
  std::vector<DnsAnswer> answers;

  run_task(loop, ask_many(*resolver, 20, loop.now() + 4s, answers));

  BOOST_TEST(answers.size() == 20U);
  for (const auto& answer : answers) BOOST_TEST((answer.status == DnsStatus::found));
  BOOST_TEST(server.queries() == 1);
}

BOOST_AUTO_TEST_CASE(a_second_question_is_answered_from_the_cache) {
  FakeDnsServer server([](const std::string& query, bool) { return Packets{good(query)}; });
  Loop loop;
  auto resolver = CaresResolver::open(loop, settings_for(server)).value();
  run_task(loop, resolver->query("host.example.org", RecordType::a, loop.now() + 4s));

  const auto answer =
      run_task(loop, resolver->query("HOST.example.org", RecordType::a, loop.now() + 4s));

  BOOST_TEST((answer.status == DnsStatus::found));
  BOOST_TEST(answer.ttl <= 300U);
  BOOST_TEST(server.queries() == 1);
}

BOOST_AUTO_TEST_CASE(one_waiter_that_gives_up_leaves_the_answer_to_the_others) {
  FakeDnsServer server([count = 0](const std::string& query, bool) mutable {
    return ++count == 1 ? Packets{} : Packets{good(query)};  // the answer comes a second later
  });
  Loop loop;
  auto resolver = CaresResolver::open(loop, settings_for(server)).value();
  std::vector<DnsAnswer> hasty, patient;
  TaskGroup group;
  group.spawn(keep(*resolver, "host.example.org", loop.now() + 50ms, hasty));

  run_task(loop, ask_many(*resolver, 1, loop.now() + 4s, patient));

  BOOST_REQUIRE(hasty.size() == 1U);
  BOOST_TEST((hasty[0].status == DnsStatus::failed));
  BOOST_TEST((patient.at(0).status == DnsStatus::found));
}

BOOST_AUTO_TEST_CASE(a_resolver_that_ends_answers_those_that_wait) {
  FakeDnsServer server([](const std::string&, bool) { return Packets{}; });
  Loop loop;
  auto resolver = CaresResolver::open(loop, settings_for(server)).value();
  std::vector<DnsAnswer> answers;
  TaskGroup group;
  group.spawn(keep(*resolver, "host.example.org", loop.now() + 1h, answers));
  loop.poll();

  resolver.reset();
  loop.poll();

  BOOST_REQUIRE(answers.size() == 1U);
  BOOST_TEST((answers[0].status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_second_server_is_asked_where_the_first_refuses) {
  FakeDnsServer refuses([](const std::string& query, bool) {
    return Packets{DnsPacket::to_query(query).code(5).text()};
  });
  FakeDnsServer answers([](const std::string& query, bool) { return Packets{good(query)}; });
  auto settings = settings_for(refuses);
  settings.dns_servers.push_back(answers.address());
  Loop loop;
  auto resolver = CaresResolver::open(loop, settings).value();
  const auto answer =
      run_task(loop, resolver->query("host.example.org", RecordType::a, loop.now() + 4s));
  BOOST_TEST((answer.status == DnsStatus::found), answer.error);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_no_address_is_a_problem_with_its_line) {
  DnsSettings settings;
  const auto problems = read_config_text("dns_servers = ['127.0.0.1:53', 'ns.example.org']", "test",
                                         [&](Keys& keys) { describe(settings, keys); });
  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0].where == "test:1:1");
  BOOST_TEST(problems[0].what.find("ns.example.org") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(servers_may_be_written_with_and_without_port) {
  DnsSettings settings;
  const auto problems = read_config_text(
      "dns_servers = ['127.0.0.1', '127.0.0.1:5353', '::1', '[::1]:5353', '[2001:db8::1]']", "test",
      [&](Keys& keys) { describe(settings, keys); });
  BOOST_TEST(problems.empty());
  Loop loop;
  BOOST_TEST(CaresResolver::open(loop, settings).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
