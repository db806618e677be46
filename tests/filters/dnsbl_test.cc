#define BOOST_TEST_DYN_LINK
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType dnsbl_filter;
}

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;

namespace {

struct DnsblFixture : FilterFixture {
  void healthy(const std::string& zone) {
    dns.add("2.0.0.127." + zone, RecordType::a, "127.0.0.2");
  }
  void listed(const std::string& zone, const std::string& answer = "127.0.0.2") {
    dns.add("1.2.0.192." + zone, RecordType::a, answer);
  }
  void sites(const std::string& list, const std::string& more = "") {
    configure(dnsbl_filter, "dnsbl_sites = [" + list + "]\n" + more);
    BOOST_REQUIRE(factory);
  }
  Verdict verdict() {
    const auto answer = connect();
    BOOST_REQUIRE(answer);
    return answer->verdict;
  }
  /// FakeResolver only adds: a zone that changes is a new one.
  void forget() { dns = FakeResolver{}; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dnsbl, DnsblFixture)

BOOST_AUTO_TEST_CASE(a_listed_client_is_refused_with_the_name_of_the_list) {
  healthy("zen.example");
  listed("zen.example", "127.0.0.4");
  sites("'zen.example'");

  const auto answer = connect();

  BOOST_REQUIRE(answer);
  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->reply.line() ==
             "550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.example");
  BOOST_REQUIRE(answer->findings.size() == 1U);
  BOOST_TEST(answer->findings[0].name == "zen.example");
  BOOST_TEST(answer->findings[0].text == "127.0.0.4");
  BOOST_TEST(answer->reason == "listed, 1 of 1: zen.example=127.0.0.4*1");
}

BOOST_AUTO_TEST_CASE(a_client_that_is_not_listed_passes) {
  healthy("zen.example");
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(weights_add_up_to_the_threshold) {
  for (const char* zone : {"a.example", "b.example"}) {
    healthy(zone);
    listed(zone);
  }
  sites("'a.example*2', 'b.example*1'", "dnsbl_threshold = 3");
  const auto answer = connect();
  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->reply.text.ends_with("a.example"));
  sites("'a.example*2', 'b.example*1'", "dnsbl_threshold = 4");
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(below_the_threshold_the_listing_is_still_a_finding) {
  healthy("a.example");
  listed("a.example");
  sites("'a.example*2'", "dnsbl_threshold = 4");
  const auto answer = connect();
  BOOST_REQUIRE(answer->findings.size() == 1U);
  BOOST_TEST(answer->findings[0].score == 2.0);
}

BOOST_AUTO_TEST_CASE(an_allow_list_takes_weight_away) {
  for (const char* zone : {"block.example", "allow.example"}) {
    healthy(zone);
    listed(zone);
  }
  sites("'block.example*2', 'allow.example*-2'");
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(only_the_answers_of_the_pattern_count) {
  healthy("zen.example");
  listed("zen.example", "127.0.0.10");
  sites("'zen.example=127.0.0.[2..9]'");
  BOOST_TEST((verdict() == Verdict::pass));
  sites("'zen.example=127.0.0.[10;11]'");
  BOOST_TEST((verdict() == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(a_pattern_counts_once_however_many_answers_it_matches) {
  healthy("zen.example");
  listed("zen.example", "127.0.0.2");
  listed("zen.example", "127.0.0.3");
  sites("'zen.example'", "dnsbl_threshold = 2");
  BOOST_TEST((verdict() == Verdict::pass));
  sites("'zen.example=127.0.0.2', 'zen.example=127.0.0.3'", "dnsbl_threshold = 2");
  BOOST_TEST((verdict() == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(entries_of_one_zone_are_one_question) {
  healthy("zen.example");
  sites("'zen.example=127.0.0.2', 'zen.example=127.0.0.3*2'");
  BOOST_TEST(connect().has_value());
  BOOST_TEST(std::ranges::count(dns.asked, "1.2.0.192.zen.example") == 1);
}

BOOST_AUTO_TEST_CASE(an_ipv6_client_is_asked_for_in_nibbles) {
  healthy("zen.example");
  evidence.connection.client.host = "2001:db8::1";
  dns.add("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.example",
          RecordType::a, "127.0.0.2");
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(a_list_that_does_not_answer_lists_nobody) {
  healthy("zen.example");
  dns.fail("1.2.0.192.zen.example", RecordType::a);
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(an_answer_outside_127_is_no_listing) {
  healthy("zen.example");
  listed("zen.example", "203.0.113.80");
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(the_providers_error_code_is_no_listing_and_silences_the_zone) {
  healthy("zen.example");
  listed("zen.example", "127.255.255.254");
  dns.add("9.2.0.192.zen.example", RecordType::a, "127.0.0.2");
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::pass));

  evidence.connection.client.host = "192.0.2.9";
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_zone_silenced_by_an_error_code_comes_back_after_its_next_test) {
  healthy("zen.example");
  listed("zen.example", "127.255.255.254");
  dns.add("9.2.0.192.zen.example", RecordType::a, "127.0.0.2");
  sites("'zen.example'");
  BOOST_TEST(connect().has_value());
  evidence.connection.client.host = "192.0.2.9";
  clock.now += 10min;
  BOOST_TEST((verdict() == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(a_list_that_lists_the_world_lists_nobody) {
  healthy("dead.example");
  dns.add("1.0.0.127.dead.example", RecordType::a, "127.0.0.2");
  listed("dead.example");
  sites("'dead.example'");
  const auto answer = connect();
  BOOST_TEST((answer->verdict == Verdict::pass));
  BOOST_TEST(answer->findings.empty());
}

BOOST_AUTO_TEST_CASE(a_list_without_its_test_entry_lists_nobody) {
  listed("empty.example");
  sites("'empty.example'");
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_list_that_answers_its_test_with_an_error_code_lists_nobody) {
  dns.add("2.0.0.127.zen.example", RecordType::a, "127.255.255.255");
  listed("zen.example");
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_list_of_ipv6_addresses_alone_proves_itself_by_its_own_test_entry) {
  dns.add("2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.six.example",
          RecordType::a, "127.0.0.2");
  listed("six.example");
  sites("'six.example'");
  BOOST_TEST((verdict() == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(other_lists_go_on_where_one_is_dead) {
  listed("dead.example");
  healthy("zen.example");
  listed("zen.example");
  sites("'dead.example', 'zen.example'");
  const auto answer = connect();
  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->findings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_zone_is_tested_at_first_use_and_every_ten_minutes) {
  healthy("zen.example");
  sites("'zen.example'");
  const auto tests = [&] { return std::ranges::count(dns.asked, "2.0.0.127.zen.example"); };
  BOOST_TEST(connect().has_value());
  BOOST_TEST(tests() == 1);
  clock.now += 9min;
  BOOST_TEST(connect().has_value());
  BOOST_TEST(tests() == 1);
  clock.now += 1min;
  BOOST_TEST(connect().has_value());
  BOOST_TEST(tests() == 2);
}

BOOST_AUTO_TEST_CASE(a_zone_that_begins_to_list_the_world_is_found_out) {
  healthy("zen.example");
  listed("zen.example");
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::reject));
  dns.add("1.0.0.127.zen.example", RecordType::a, "127.0.0.2");
  clock.now += 10min;
  BOOST_TEST((verdict() == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_good_zone_whose_test_gets_no_answer_stays_good) {
  healthy("zen.example");
  listed("zen.example");
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::reject));
  dns.fail("2.0.0.127.zen.example", RecordType::a);
  clock.now += 10min;
  BOOST_TEST((verdict() == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(a_zone_that_never_answered_its_test_is_not_believed_until_it_does) {
  dns.fail("2.0.0.127.zen.example", RecordType::a);
  listed("zen.example");
  sites("'zen.example'");
  BOOST_TEST((verdict() == Verdict::pass));
  forget();
  healthy("zen.example");
  listed("zen.example");
  BOOST_TEST((verdict() == Verdict::pass));
  clock.now += 10s;
  BOOST_TEST((verdict() == Verdict::reject));
}

BOOST_AUTO_TEST_CASE(trusted_clients_are_not_asked_about) {
  healthy("zen.example");
  listed("zen.example");
  sites("'zen.example'");
  evidence.connection.trusted = true;
  BOOST_TEST((verdict() == Verdict::pass));
  BOOST_TEST(dns.asked.empty());
}

BOOST_AUTO_TEST_CASE(a_secret_key_in_the_zones_name_is_shown_to_nobody) {
  healthy("s3cret.zen.example");
  listed("s3cret.zen.example");
  sites("'s3cret.zen.example'", "dnsbl_reply_map = ['inline:{s3cret.zen.example=zen.example}']");
  const auto answer = connect();
  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->reply.text.ends_with(" zen.example"));
  BOOST_TEST(answer->reason.find("s3cret") == std::string::npos);
  BOOST_TEST(answer->findings.at(0).name == "zen.example");
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_none_is_a_problem_at_its_key) {
  configure(dnsbl_filter, "\ndnsbl_sites = ['zen.example=127.0.0.[2..', 'ok.example']");
  BOOST_TEST(!factory);
  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0].where == "test:2:1");
}

BOOST_AUTO_TEST_CASE(without_lists_nothing_is_asked) {
  configure(dnsbl_filter, "");
  BOOST_TEST(!factory->answers(Stage::connect));
}

BOOST_AUTO_TEST_SUITE_END()
