// zone_test.cc — zones as text.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/verify/answer.h"
#include "gateway/verify/zone.h"

using namespace postern;

namespace {

struct Zone {
  ZoneResolver zone;

  std::string read(std::string_view text) {
    const auto result = read_zone(text, zone);
    return result ? "" : result.error().what;
  }
  DnsAnswer ask(std::string name, RecordType type) {
    return answer_at_once(zone.query(std::move(name), type, SteadyTime::max()));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(zone_suite, Zone)

BOOST_AUTO_TEST_CASE(records_are_read_with_and_without_ttl_class_quotes_and_parentheses) {
  BOOST_TEST(read("$TTL 60\n"
                  "; a comment\n"
                  "Example.ORG. 300 IN TXT ( \"v=spf1; \"\n  \"-all\" ) ; another\n"
                  "example.org A 192.0.2.1\n"
                  "            AAAA 2001:db8::1\r\n"
                  "example.org IN 60 MX 20 b.example.org.\n"
                  "example.org. MX 10 A.example.org.\n"
                  "q.example.org TXT \"a\\\"b\\065\"\n"
                  "s.example.org SOA ns. host. 1 2 3 4 5\n") == "");

  BOOST_TEST(ask("EXAMPLE.org.", RecordType::txt).records.at(0).text == "v=spf1; -all");
  BOOST_TEST(ask("example.org", RecordType::aaaa).records.at(0).text == "2001:db8::1");
  BOOST_TEST(ask("example.org", RecordType::mx).records.at(0).text == "a.example.org");
  BOOST_TEST(ask("q.example.org", RecordType::txt).records.at(0).text == "a\"bA");
  BOOST_TEST((ask("s.example.org", RecordType::a).status == DnsStatus::no_records));
  BOOST_TEST((ask("t.example.org", RecordType::a).status == DnsStatus::no_such_name));
}

BOOST_AUTO_TEST_CASE(aliases_are_followed_and_circles_fail) {
  read(
      "a.example.org CNAME b.example.org.\nb.example.org A 192.0.2.1\n"
      "c.example.org CNAME d.example.org\nd.example.org CNAME c.example.org\n");

  BOOST_TEST(ask("a.example.org", RecordType::a).records.at(0).text == "192.0.2.1");
  BOOST_TEST((ask("c.example.org", RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(marks_make_a_type_or_all_others_fail) {
  read(
      "a.example.org A 192.0.2.1\na.example.org TIMEOUT\nb.example.org TXT SERVFAIL\n"
      "c.example.org TXT \"TIMEOUT\"\nd.example.org NXDOMAIN\n");

  BOOST_TEST((ask("a.example.org", RecordType::a).status == DnsStatus::found));
  BOOST_TEST((ask("a.example.org", RecordType::txt).status == DnsStatus::failed));
  BOOST_TEST((ask("b.example.org", RecordType::txt).status == DnsStatus::failed));
  BOOST_TEST((ask("b.example.org", RecordType::a).status == DnsStatus::no_records));
  BOOST_TEST((ask("c.example.org", RecordType::txt).status == DnsStatus::found));
  BOOST_TEST((ask("d.example.org", RecordType::txt).status == DnsStatus::no_such_name));
}

BOOST_AUTO_TEST_CASE(a_mistake_is_told_with_its_line) {
  BOOST_TEST(read("a.example.org A 192.0.2.1\n\nb.example.org B 192.0.2.1\n") ==
             "3: 'B' is no record type");
  BOOST_TEST(read("a.example.org MX 10\n") == "1: MX wants a preference and a host");
  BOOST_TEST(read("a.example.org TXT ( \"open\n") != "");
}

BOOST_AUTO_TEST_SUITE_END()
