#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/net/dns_cache.h"

using namespace postern;
using namespace std::chrono_literals;

namespace {

const SteadyTime start{};

DecodedAnswer found(std::string text, std::uint32_t ttl) {
  DecodedAnswer out;
  out.answer.status = DnsStatus::found;
  out.answer.records.push_back({std::move(text), 0});
  out.answer.ttl = ttl;
  return out;
}

DecodedAnswer missing(std::uint32_t ttl) {
  DecodedAnswer out;
  out.answer.status = DnsStatus::no_such_name;
  out.answer.ttl = ttl;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dns_cache)

BOOST_AUTO_TEST_CASE(an_answer_is_kept_for_its_ttl_and_not_longer) {
  DnsCache cache(10);
  cache.store("a.example", RecordType::a, found("192.0.2.1", 60), start);
  BOOST_REQUIRE(cache.find("a.example", RecordType::a, start + 59s));
  BOOST_TEST(cache.find("a.example", RecordType::a, start + 50s)->answer.ttl == 10U);
  BOOST_TEST(!cache.find("a.example", RecordType::a, start + 60s));
  BOOST_TEST(cache.size() == 0U);
}

BOOST_AUTO_TEST_CASE(types_of_one_name_are_kept_apart) {
  DnsCache cache(10);
  cache.store("a.example", RecordType::a, found("192.0.2.1", 60), start);
  BOOST_TEST(!cache.find("a.example", RecordType::aaaa, start));
}

BOOST_AUTO_TEST_CASE(an_answer_with_ttl_0_is_not_kept) {
  DnsCache cache(10);
  cache.store("a.example", RecordType::a, found("192.0.2.1", 0), start);
  BOOST_TEST(!cache.find("a.example", RecordType::a, start));
}

BOOST_AUTO_TEST_CASE(no_ttl_outlives_the_clamp) {
  DnsCache cache(10);
  cache.store("a.example", RecordType::a, found("192.0.2.1", 1'000'000), start);
  cache.store("b.example", RecordType::a, missing(1'000'000), start);
  BOOST_TEST(cache.find("a.example", RecordType::a, start + 3599s));
  BOOST_TEST(!cache.find("a.example", RecordType::a, start + 3600s));
  BOOST_TEST(cache.find("b.example", RecordType::a, start + 899s));
  BOOST_TEST(!cache.find("b.example", RecordType::a, start + 900s));
}

BOOST_AUTO_TEST_CASE(a_no_without_soa_is_held_for_half_a_minute) {
  DnsCache cache(10);
  cache.store("b.example", RecordType::a, missing(0), start);
  BOOST_TEST(cache.find("b.example", RecordType::a, start + 29s));
  BOOST_TEST(!cache.find("b.example", RecordType::a, start + 30s));
}

BOOST_AUTO_TEST_CASE(a_failure_is_held_for_a_moment_only) {
  DnsCache cache(10);
  cache.store("b.example", RecordType::a, DecodedAnswer{}, start);
  BOOST_TEST(cache.find("b.example", RecordType::a, start + 4s));
  BOOST_TEST(!cache.find("b.example", RecordType::a, start + 5s));
}

BOOST_AUTO_TEST_CASE(the_least_recently_used_answer_goes_first) {
  DnsCache cache(2);
  cache.store("a.example", RecordType::a, found("192.0.2.1", 60), start);
  cache.store("b.example", RecordType::a, found("192.0.2.2", 60), start);
  BOOST_TEST(cache.find("a.example", RecordType::a, start));
  cache.store("c.example", RecordType::a, found("192.0.2.3", 60), start);
  BOOST_TEST(cache.size() == 2U);
  BOOST_TEST(cache.find("a.example", RecordType::a, start));
  BOOST_TEST(!cache.find("b.example", RecordType::a, start));
}

BOOST_AUTO_TEST_CASE(large_answers_cannot_fill_the_memory) {
  DnsCache cache(100);  // 51200 octets
  for (int i = 0; i < 100; ++i) {
    cache.store(std::to_string(i) + ".example", RecordType::txt, found(std::string(10000, 'x'), 60),
                start);
  }
  BOOST_TEST(cache.size() <= 5U);
  BOOST_TEST(cache.size() >= 1U);
}

BOOST_AUTO_TEST_CASE(a_cache_of_no_entries_keeps_nothing) {
  DnsCache cache(0);
  cache.store("a.example", RecordType::a, found("192.0.2.1", 60), start);
  BOOST_TEST(cache.size() == 0U);
}

BOOST_AUTO_TEST_CASE(storing_again_replaces) {
  DnsCache cache(10);
  cache.store("a.example", RecordType::a, found("192.0.2.1", 60), start);
  cache.store("a.example", RecordType::a, found("192.0.2.9", 60), start);
  BOOST_TEST(cache.size() == 1U);
  BOOST_TEST(cache.find("a.example", RecordType::a, start)->answer.records[0].text == "192.0.2.9");
}

BOOST_AUTO_TEST_SUITE_END()
