#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/net/dns_message.h"
#include "tests/support/dns_packet.h"

using namespace postern;
using namespace postern::test;

namespace {

constexpr unsigned a = 1, cname = 5, ptr = 12, mx = 15, txt = 16, aaaa = 28;

DnsAnswer decode(const DnsPacket& packet, RecordType type, std::string_view name = "example.org") {
  return decode_dns_answer(packet.text(), name, type).answer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dns_message)

BOOST_AUTO_TEST_CASE(addresses_are_read_with_the_least_ttl) {
  const auto packet = DnsPacket::to("example.org", a)
                          .add(to_question, a, "\xc0\x0a\x02\x01", 300)
                          .add(to_question, a, "\xc0\x0a\x02\x02", 60);

  const auto answer = decode(packet, RecordType::a);

  BOOST_TEST((answer.status == DnsStatus::found));
  BOOST_REQUIRE(answer.records.size() == 2U);
  BOOST_TEST(answer.records[1].text == "192.10.2.2");
  BOOST_TEST(answer.ttl == 60U);
}

BOOST_AUTO_TEST_CASE(addresses_with_nul_octets_are_whole) {
  const auto packet =
      DnsPacket::to("example.org", a).add(to_question, a, std::string("\x0a\0\0\x01", 4));
  BOOST_TEST(decode(packet, RecordType::a).records.at(0).text == "10.0.0.1");
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_is_shown_in_short_form) {
  const auto packet = DnsPacket::to("example.org", aaaa)
                          .add(to_question, aaaa,
                               std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x01");
  BOOST_TEST(decode(packet, RecordType::aaaa).records.at(0).text == "2001:db8::1");
}

BOOST_AUTO_TEST_CASE(an_address_of_the_wrong_length_fails_the_answer) {
  const auto packet = DnsPacket::to("example.org", a).add(to_question, a, "\x7f\x01\x01\x01\x01");
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(exchangers_are_sorted_by_preference_and_in_lower_case) {
  const auto packet = DnsPacket::to("example.org", mx)
                          .add(to_question, mx, u16(20) + wire_name("Backup.Example.ORG"))
                          .add(to_question, mx, u16(5) + wire_name("mx"));
  const auto answer = decode(packet, RecordType::mx);
  BOOST_REQUIRE(answer.records.size() == 2U);
  BOOST_TEST(answer.records[0].text == "mx");
  BOOST_TEST(answer.records[0].preference == 5);
  BOOST_TEST(answer.records[1].text == "backup.example.org");
}

BOOST_AUTO_TEST_CASE(a_null_mx_is_found_with_an_empty_host) {
  const auto packet = DnsPacket::to("example.org", mx).add(to_question, mx, u16(0) + wire_name(""));
  const auto answer = decode(packet, RecordType::mx);
  BOOST_TEST((answer.status == DnsStatus::found));
  BOOST_TEST(answer.records.at(0).text == "");
}

BOOST_AUTO_TEST_CASE(an_exchanger_without_a_name_fails) {
  const auto packet = DnsPacket::to("example.org", mx).add(to_question, mx, u16(5));
  BOOST_TEST((decode(packet, RecordType::mx).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(octets_behind_the_name_of_an_exchanger_fail) {
  const auto packet =
      DnsPacket::to("example.org", mx).add(to_question, mx, u16(5) + wire_name("mx") + "x");
  BOOST_TEST((decode(packet, RecordType::mx).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(the_strings_of_a_text_record_are_joined) {
  const auto packet =
      DnsPacket::to("example.org", txt).add(to_question, txt, "\x06v=spf1\x05 -all");
  BOOST_TEST(decode(packet, RecordType::txt).records.at(0).text == "v=spf1 -all");
}

BOOST_AUTO_TEST_CASE(a_string_longer_than_its_text_record_fails) {
  const auto packet = DnsPacket::to("example.org", txt).add(to_question, txt, "\x07v=spf1");
  BOOST_TEST((decode(packet, RecordType::txt).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_huge_text_record_fails_instead_of_being_cut) {
  std::string data;
  for (int i = 0; i < 65; ++i) data += '\xff' + std::string(255, 'x');
  const auto packet = DnsPacket::to("example.org", txt).add(to_question, txt, data);
  BOOST_TEST((decode(packet, RecordType::txt).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(aliases_are_followed_in_any_order_of_records) {
  const auto packet =
      DnsPacket::to("example.org", a)
          .add(wire_name("two.example.org"), cname, wire_name("three.example.org"), 10)
          .add(wire_name("three.example.org"), a, "\x7f\x02\x02\x02")
          .add(to_question, cname, wire_name("Two.Example.org"));
  const auto answer = decode(packet, RecordType::a);
  BOOST_TEST((answer.status == DnsStatus::found));
  BOOST_TEST(answer.records.at(0).text == "127.2.2.2");
  BOOST_TEST(answer.ttl == 10U);
}

BOOST_AUTO_TEST_CASE(records_of_other_owners_are_not_ours) {
  const auto packet =
      DnsPacket::to("example.org", a).add(wire_name("evil.example.net"), a, "\x7f\x02\x02\x02");
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::no_records));
}

BOOST_AUTO_TEST_CASE(aliases_in_a_circle_fail) {
  const auto packet = DnsPacket::to("example.org", a)
                          .add(to_question, cname, wire_name("two.example.org"))
                          .add(wire_name("two.example.org"), cname, wire_name("example.org"));
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(an_alias_whose_end_the_packet_leaves_out_is_handed_up) {
  const auto packet =
      DnsPacket::to("example.org", a).add(to_question, cname, wire_name("two.example.org"));
  BOOST_TEST(decode_dns_answer(packet.text(), "example.org", RecordType::a).alias ==
             "two.example.org");
}

BOOST_AUTO_TEST_CASE(an_alias_without_records_by_word_of_the_soa_is_an_end) {
  const auto packet = DnsPacket::to("example.org", a)
                          .add(to_question, cname, wire_name("two.example.org"))
                          .add_soa("example.org", 60, 60);
  const auto decoded = decode_dns_answer(packet.text(), "example.org", RecordType::a);
  BOOST_TEST(decoded.alias == "");
  BOOST_TEST((decoded.answer.status == DnsStatus::no_records));
}

BOOST_AUTO_TEST_CASE(a_missing_name_lives_as_long_as_the_lesser_of_the_soas_two_times) {
  const auto answer =
      decode(DnsPacket::to("example.org", a).code(3).add_soa("org", 900, 60), RecordType::a);
  BOOST_TEST((answer.status == DnsStatus::no_such_name));
  BOOST_TEST(answer.ttl == 60U);
}

BOOST_AUTO_TEST_CASE(a_negative_answer_names_the_primary_server_of_its_zone) {
  const auto missing =
      decode(DnsPacket::to("example.org", a).code(3).add_soa("org", 900, 60), RecordType::a);
  const auto silent = decode(DnsPacket::to("example.org", a).code(3), RecordType::a);

  BOOST_TEST(missing.authority == "ns.example.org");
  BOOST_TEST(silent.authority == "");
}

BOOST_AUTO_TEST_CASE(a_servers_failure_is_never_no_such_name) {
  for (const unsigned code : {1U, 2U, 4U, 5U, 9U}) {
    const auto answer = decode(DnsPacket::to("example.org", a).code(code), RecordType::a);
    BOOST_TEST((answer.status == DnsStatus::failed), "code " << code);
  }
}

BOOST_AUTO_TEST_CASE(no_such_name_with_records_fails) {
  const auto packet =
      DnsPacket::to("example.org", a).code(3).add(to_question, a, "\x7f\x01\x01\x01");
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_truncated_answer_fails) {
  auto packet = DnsPacket::to("example.org", a).add(to_question, a, "\x7f\x01\x01\x01");
  packet.flags |= 0x0200;
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(an_answer_to_another_question_fails) {
  const auto packet = DnsPacket::to("example.net", a).add(to_question, a, "\x7f\x01\x01\x01");
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
  BOOST_TEST(
      (decode(DnsPacket::to("example.org", ptr), RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_question_is_no_answer) {
  auto packet = DnsPacket::to("example.org", a);
  packet.flags = 0x0100;
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_pointer_to_itself_or_forward_ends_the_reading) {
  // The first answer's name begins behind header and question.
  const unsigned at = 12 + static_cast<unsigned>(wire_name("example.org").size()) + 4;
  for (const unsigned target : {at, at + 2, 0x3fffU}) {
    const auto packet =
        DnsPacket::to("example.org", a).add(u16(0xc000 | target), a, "\x7f\x01\x01\x01");
    BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed), "target " << target);
  }
}

BOOST_AUTO_TEST_CASE(two_pointers_that_lead_to_each_other_end_the_reading) {
  // A label and a pointer back to that label: the way would never end.
  const unsigned at = 12 + static_cast<unsigned>(wire_name("example.org").size()) + 4;
  const auto packet =
      DnsPacket::to("example.org", a).add("\x01x" + u16(0xc000 | at), a, "\x7f\x01\x01\x01");
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_name_over_255_octets_fails) {
  std::string name;
  for (int i = 0; i < 5; ++i) name += '\x3f' + std::string(63, 'x');
  const auto packet = DnsPacket::to("example.org", a).add(name + '\0', a, "\x7f\x01\x01\x01");
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(a_label_with_a_dot_or_a_control_character_fails) {
  for (const char* label : {"\x03"
                            "a.b",
                            "\x03"
                            "a\nb",
                            "\x03"
                            "a b",
                            "\x03"
                            "a\\b",
                            "\x03"
                            "a\xff"
                            "b"}) {
    const auto packet =
        DnsPacket::to("example.org", ptr).add(to_question, ptr, label + std::string(1, '\0'));
    BOOST_TEST((decode(packet, RecordType::ptr).status == DnsStatus::failed));
  }
}

BOOST_AUTO_TEST_CASE(counts_beyond_the_bound_fail_at_once) {
  auto packet = DnsPacket::to("example.org", a);
  packet.answer_count = 513;
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
  packet = DnsPacket::to("example.org", a);
  packet.questions = 2;
  BOOST_TEST((decode(packet, RecordType::a).status == DnsStatus::failed));
}

BOOST_AUTO_TEST_CASE(no_prefix_of_a_good_answer_is_an_answer) {
  const auto whole = DnsPacket::to("example.org", mx)
                         .add(to_question, mx, u16(5) + wire_name("mx.example.org"))
                         .add(to_question, mx, u16(9) + wire_name("my.example.org"))
                         .text();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string cut = whole.substr(0, length);
    const auto answer = decode_dns_answer(cut, "example.org", RecordType::mx).answer;
    BOOST_TEST((answer.status == DnsStatus::failed), "length " << length);
  }
}

BOOST_AUTO_TEST_CASE(a_question_name_is_lower_case_without_final_dot) {
  BOOST_TEST(question_name("MX.Example.org.").value() == "mx.example.org");
  BOOST_TEST(question_name("_dmarc.example.org").value() == "_dmarc.example.org");
}

BOOST_AUTO_TEST_CASE(what_can_be_no_name_is_no_question) {
  for (const std::string name : {"", ".", "a..b", ".a", "a b", "a\\046b",
                                 "b\xc3\xbc"
                                 "cher.example"}) {
    BOOST_TEST(!question_name(name), name);
  }
  BOOST_TEST(!question_name(std::string(64, 'x') + ".org"));
  std::string longest;
  for (int i = 0; i < 4; ++i) longest += std::string(63, 'x') + ".";
  BOOST_TEST(!question_name(longest + "org"));
  BOOST_TEST(!question_name(std::string("a\0b", 3)));
}

BOOST_AUTO_TEST_CASE(addresses_are_reversed_by_octets_and_by_nibbles) {
  BOOST_TEST(reverse_name("192.0.2.1") == "1.2.0.192.in-addr.arpa");
  BOOST_TEST(reverse_name("2001:db8::1") ==
             "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  BOOST_TEST(reverse_name("::ffff:127.0.0.2") ==
             "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa");
  BOOST_TEST(reverse_name("mx.example.org") == "");
  BOOST_TEST(reverse_name("192.0.2") == "");
}

BOOST_AUTO_TEST_SUITE_END()
