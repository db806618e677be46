#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>

#include "gateway/worker/answer.h"
#include "gateway/worker/frame.h"
#include "gateway/worker/lookup.h"
#include "gateway/worker/request.h"
#include "gateway/worker/wire.h"
#include "tests/worker/worker_support.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(frames)

BOOST_AUTO_TEST_CASE(a_header_comes_back_as_it_was_sent) {
  const SteadyTime deadline{SteadyTime::duration(123456789)};
  const std::string octets =
      encode_frame({FrameKind::answer, frame_is_last, 0x0102030405060708, 0, deadline}, "body");

  const auto header = decode_header(std::string_view(octets).substr(0, frame_header_size), 4);

  BOOST_REQUIRE(header);
  BOOST_CHECK(header->kind == FrameKind::answer);
  BOOST_CHECK_EQUAL(header->flags, frame_is_last);
  BOOST_CHECK_EQUAL(header->id, 0x0102030405060708U);
  BOOST_CHECK_EQUAL(header->size, 4U);
  BOOST_CHECK(header->deadline == deadline);
}

BOOST_AUTO_TEST_CASE(a_header_with_any_octet_of_its_fixed_part_changed_is_refused) {
  const std::string good = encode_frame({FrameKind::answer, 0, 7, 0, {}}, {});

  for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U, 7U, 20U, 21U, 22U, 23U}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    BOOST_CHECK_MESSAGE(!decode_header(bad, 100), "octet " << at);
  }
  for (const char kind : {'\0', '\x0b', '\x7f', '\xff'}) {
    std::string bad = good;
    bad[4] = kind;
    BOOST_CHECK(!decode_header(bad, 100));
  }
  BOOST_CHECK(!decode_header(std::string_view(good).substr(1), 100));
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit_is_refused_before_it_is_read) {
  const std::string octets = encode_frame({FrameKind::answer, 0, 7, 0, {}}, std::string(11, 'x'));
  FrameReader reader(10);

  reader.feed(std::string_view(octets).substr(0, frame_header_size));

  BOOST_CHECK(!reader.take());
}

BOOST_AUTO_TEST_CASE(a_frame_is_the_same_however_it_is_cut) {
  const std::string octets = encode_frame({FrameKind::answer, 0, 7, 0, {}}, "the body");

  for (std::size_t cut = 1; cut < octets.size(); ++cut) {
    FrameReader reader(100);
    reader.feed(std::string_view(octets).substr(0, cut));
    const auto first = reader.take();
    BOOST_REQUIRE(first && !*first);
    reader.feed(std::string_view(octets).substr(cut));
    const auto second = reader.take();
    BOOST_REQUIRE(second && *second);
    BOOST_CHECK_EQUAL((*second)->body, "the body");
  }
}

BOOST_AUTO_TEST_CASE(frames_behind_each_other_come_out_one_by_one_and_a_tail_is_seen) {
  FrameReader reader(100);

  reader.feed(encode_frame({FrameKind::lookup, 0, 7, 0, {}}, "first") +
              encode_frame({FrameKind::answer, 0, 7, 0, {}}, "second") + "x");

  BOOST_CHECK_EQUAL((**reader.take()).body, "first");
  BOOST_CHECK_EQUAL((**reader.take()).body, "second");
  BOOST_CHECK(!reader.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(lookups)

BOOST_AUTO_TEST_CASE(a_lookup_comes_back_as_it_was_asked) {
  const auto lookup = decode_lookup(encode_lookup({7, "2.0.0.127.list.example", RecordType::txt}));

  BOOST_REQUIRE(lookup);
  BOOST_CHECK_EQUAL(lookup->number, 7U);
  BOOST_CHECK_EQUAL(lookup->name, "2.0.0.127.list.example");
  BOOST_CHECK(lookup->type == RecordType::txt);
}

BOOST_AUTO_TEST_CASE(a_lookup_of_an_unknown_type_or_of_an_endless_name_is_refused) {
  const std::string good = encode_lookup({7, "list.example", RecordType::a});
  std::string odd = good;
  odd[4] = 99;
  WireWriter endless;
  endless.u32(1);
  endless.u16(1);
  endless.text(std::string(256, 'a'));

  BOOST_CHECK(decode_lookup(good));
  BOOST_CHECK(!decode_lookup(odd));
  BOOST_CHECK(!decode_lookup(endless.take()));
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    BOOST_CHECK(!decode_lookup(std::string_view(good).substr(0, cut)));
}

BOOST_AUTO_TEST_CASE(records_come_back_as_they_were_found) {
  const DnsAnswer found{DnsStatus::found, {{"mx.example", 10}, {"backup.example", 20}}, 300, ""};

  const auto back = decode_records(encode_records(3, found));

  BOOST_REQUIRE(back);
  BOOST_CHECK_EQUAL(back->number, 3U);
  BOOST_CHECK(back->answer.status == DnsStatus::found);
  BOOST_CHECK_EQUAL(back->answer.ttl, 300U);
  BOOST_REQUIRE_EQUAL(back->answer.records.size(), 2U);
  BOOST_CHECK_EQUAL(back->answer.records[1].text, "backup.example");
  BOOST_CHECK_EQUAL(back->answer.records[1].preference, 20U);
}

BOOST_AUTO_TEST_CASE(the_authority_of_a_negative_answer_comes_back) {
  DnsAnswer none{DnsStatus::no_records, {}, 300, ""};
  none.authority = "ns.example";

  const auto back = decode_records(encode_records(4, none));

  BOOST_REQUIRE(back);
  BOOST_CHECK_EQUAL(back->answer.authority, "ns.example");
}

BOOST_AUTO_TEST_CASE(an_answer_of_any_size_fits_its_frame) {
  DnsAnswer huge{DnsStatus::found, {}, 1, std::string(100'000, 'e')};
  for (int i = 0; i < 1000; ++i) huge.records.push_back({std::string(1000, 't'), 0});

  const std::string octets = encode_records(1, huge);
  const auto back = decode_records(octets);

  BOOST_CHECK_LE(octets.size(), largest_records);
  BOOST_REQUIRE(back);
  BOOST_CHECK_EQUAL(back->answer.records.size(), 16U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(requests)

BOOST_AUTO_TEST_CASE(what_is_known_arrives_at_the_worker_as_it_is) {
  const Evidence evidence = test::some_evidence();
  const Message message{test::content("Subject: x\r\n\r\nbody\r\n"), "Received: from a\r\n"};

  const auto encoded = encode_request("score", evidence, message);
  BOOST_REQUIRE(encoded && !encoded->content);
  const auto decoded = decode_request(encoded->body, encoded->content);

  BOOST_REQUIRE(decoded);
  BOOST_CHECK_EQUAL(decoded->filter, "score");
  BOOST_CHECK_EQUAL(*decoded->message.content, *message.content);
  BOOST_CHECK_EQUAL(decoded->message.received, message.received);
  const Evidence& got = decoded->evidence;
  BOOST_CHECK_EQUAL(got.connection.session, evidence.connection.session);
  BOOST_CHECK(got.connection.client == evidence.connection.client);
  BOOST_CHECK(got.connection.server == evidence.connection.server);
  BOOST_CHECK_EQUAL(got.connection.client_name, evidence.connection.client_name);
  BOOST_CHECK(got.connection.trusted && got.connection.tls);
  BOOST_CHECK_EQUAL(got.connection.tls_cipher, evidence.connection.tls_cipher);
  BOOST_CHECK_EQUAL(got.helo, evidence.helo);
  BOOST_CHECK(got.esmtp);
  BOOST_CHECK(got.id == evidence.id);
  BOOST_CHECK_EQUAL(got.sender.address, evidence.sender.address);
  BOOST_CHECK_EQUAL(got.sender.declared_size, evidence.sender.declared_size);
  BOOST_REQUIRE_EQUAL(got.recipients.size(), 2U);
  BOOST_CHECK_EQUAL(got.recipients[1].address, evidence.recipients[1].address);
  BOOST_REQUIRE_EQUAL(got.findings.size(), 1U);
  BOOST_CHECK_EQUAL(got.findings[0].finding.name, evidence.findings[0].finding.name);
  BOOST_CHECK_EQUAL(got.findings[0].finding.score, evidence.findings[0].finding.score);
}

BOOST_AUTO_TEST_CASE(a_large_message_travels_in_a_descriptor_that_nobody_can_change) {
  const Message message{test::content(std::string(largest_inline + 1, 'm')), ""};

  const auto encoded = encode_request("score", Evidence{}, message);
  BOOST_REQUIRE(encoded && encoded->content);
  BOOST_CHECK_LT(encoded->body.size(), 1000U);
  BOOST_CHECK_EQUAL(::pwrite(encoded->content.get(), "x", 1, 0), -1);
  BOOST_CHECK_EQUAL(::ftruncate(encoded->content.get(), 0), -1);
  const auto decoded = decode_request(encoded->body, encoded->content);

  BOOST_REQUIRE(decoded);
  BOOST_CHECK(*decoded->message.content == *message.content);
  BOOST_CHECK(!decode_request(encoded->body, UniqueFd()));
}

BOOST_AUTO_TEST_CASE(a_question_cut_anywhere_is_refused) {
  const auto encoded =
      encode_request("score", test::some_evidence(), {test::content("text"), "Received: x\r\n"});
  BOOST_REQUIRE(encoded);

  for (std::size_t size = 0; size < encoded->body.size(); ++size) {
    BOOST_CHECK(!decode_request(std::string_view(encoded->body).substr(0, size), UniqueFd()));
  }
  BOOST_CHECK(!decode_request(encoded->body + "x", UniqueFd()));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(answers)

BOOST_AUTO_TEST_CASE(an_opinion_comes_back_as_it_was_given) {
  Opinion opinion =
      refuse(Verdict::reject, reply(550, {5, 7, 1}, "Message refused"), "virus Eicar");
  opinion.findings.push_back({"Eicar", 12.5, "found in part 2"});
  opinion.changes.push_back({Change::Kind::add_field, "X-Spam", "yes,\r\n\tscore=3"});
  opinion.changes.push_back({Change::Kind::redirect, "", "abuse@example.org"});
  opinion.score = 7.25;

  const auto got = decode_opinion(encode_opinion(opinion));

  BOOST_REQUIRE(got);
  BOOST_CHECK(got->verdict == Verdict::reject);
  BOOST_CHECK_EQUAL(got->reply.line(), "550 5.7.1 Message refused");
  BOOST_CHECK_EQUAL(got->reason, "virus Eicar");
  BOOST_REQUIRE_EQUAL(got->findings.size(), 1U);
  BOOST_CHECK_EQUAL(got->findings[0].name, "Eicar");
  BOOST_CHECK_EQUAL(got->findings[0].score, 12.5);
  BOOST_REQUIRE_EQUAL(got->changes.size(), 2U);
  BOOST_CHECK_EQUAL(got->changes[0].value, "yes,\r\n\tscore=3");
  BOOST_CHECK_EQUAL(got->changes[1].value, "abuse@example.org");
  BOOST_CHECK(got->score == 7.25);
  BOOST_CHECK(!got->required);
}

std::shared_ptr<const AutoLesson> lesson_with(std::size_t tokens) {
  AutoLesson said{true, {{}, {"0123@sa_generated", "id@example.org"}, 1800000000}};
  for (std::size_t i = 0; i < tokens; ++i) said.lesson.tokens.push_back(0xff00000000 + i);
  return std::make_shared<const AutoLesson>(std::move(said));
}

BOOST_AUTO_TEST_CASE(a_lesson_comes_back_without_the_name_that_is_not_needed) {
  Opinion opinion;
  opinion.lesson = lesson_with(3);

  const auto got = decode_opinion(encode_opinion(opinion));

  BOOST_REQUIRE(got && got->lesson);
  BOOST_CHECK(got->lesson->spam);
  BOOST_CHECK(got->lesson->lesson.tokens == opinion.lesson->lesson.tokens);
  BOOST_CHECK_EQUAL(got->lesson->lesson.names.generated, "0123@sa_generated");
  BOOST_CHECK_EQUAL(got->lesson->lesson.names.message_id, "");
  BOOST_CHECK_EQUAL(got->lesson->lesson.received, 1800000000U);
}

BOOST_AUTO_TEST_CASE(a_lesson_that_is_too_long_stays_behind_and_the_opinion_does_not) {
  Opinion opinion;
  opinion.score = 20;
  opinion.lesson = lesson_with(most_auto_tokens + 1);

  const auto got = decode_opinion(encode_opinion(opinion));

  BOOST_REQUIRE(got);
  BOOST_CHECK(got->score == 20.0);
  BOOST_CHECK(!got->lesson);
}

BOOST_AUTO_TEST_CASE(shares_and_enclosures_travel_and_one_that_is_too_long_does_not) {
  Opinion opinion;
  const Change report{Change::Kind::enclose, "\r\n--b--\r\n", "Subject: x\r\n\r\n\t--b\r\n"};
  opinion.shares = {{.recipients = {0, 7}, .hold = "score 9", .spam = true, .changes = {report}}};
  opinion.changes = {report, {Change::Kind::enclose, "", std::string(70'000, 'x')}};

  const auto got = decode_opinion(encode_opinion(opinion));

  BOOST_REQUIRE(got);
  BOOST_REQUIRE_EQUAL(got->shares.size(), 1U);
  BOOST_CHECK(got->shares[0].recipients == opinion.shares[0].recipients);
  BOOST_CHECK_EQUAL(got->shares[0].hold, "score 9");
  BOOST_CHECK(got->shares[0].spam);
  BOOST_REQUIRE_EQUAL(got->shares[0].changes.size(), 1U);
  BOOST_REQUIRE_EQUAL(got->changes.size(), 1U);
  BOOST_CHECK_EQUAL(got->changes[0].name, report.name);
  BOOST_CHECK_EQUAL(got->changes[0].value, report.value);
}

BOOST_AUTO_TEST_CASE(an_honest_filter_is_never_refused_whatever_it_says) {
  Opinion wild = refuse(Verdict::reject, reply(250, {2, 5, 1}, std::string(9000, '\r')),
                        std::string(5000, '\0'));
  for (int i = 0; i < 3000; ++i)
    wild.findings.push_back({std::string(400, '\n'), std::nan(""), std::string(3000, 'x')});
  for (int i = 0; i < 500; ++i)
    wild.changes.push_back({Change::Kind::add_field, "X", std::string(20000, '\r')});
  wild.changes.insert(wild.changes.begin(), {Change::Kind::add_field, "X: evil\r\nY", "v"});
  wild.score = HUGE_VAL;
  wild.lesson = lesson_with(most_auto_tokens);

  const std::string octets = encode_opinion(wild);
  const auto got = decode_opinion(octets);

  BOOST_REQUIRE(got);
  BOOST_CHECK_LT(octets.size(), largest_answer);
  BOOST_CHECK_EQUAL(got->findings.size(), 1000U);
  BOOST_CHECK_EQUAL(got->changes.size(), 400U);
  BOOST_CHECK_EQUAL(got->changes.front().name, "X");
  BOOST_CHECK_EQUAL(got->reply.code, 0);
}

// What a worker that an attacker has taken over could write by itself (fault F61).
struct Lie {
  const char* what;
  std::string octets;
};

std::string with(std::size_t at, std::uint8_t value) {
  Opinion opinion = refuse(Verdict::reject, reply(550, {5, 7, 1}, "no"), "why");
  std::string octets = encode_opinion(opinion);
  octets.at(at) = static_cast<char>(value);
  return octets;
}

constexpr std::size_t no_lesson = 1;  // octets, of an opinion without one

std::string finding_count(std::uint32_t count) {
  std::string octets = encode_opinion(Opinion{});
  std::memcpy(octets.data() + octets.size() - (4 + 4 + 4 + no_lesson), &count, sizeof count);
  return octets;
}

std::string change(std::uint8_t kind, std::string_view name, std::string_view value) {
  std::string octets = encode_opinion(Opinion{});
  WireWriter out;
  out.count(1);
  out.u8(kind);
  out.text(name);
  out.text(value);
  out.count(0);  // no shares
  out.flag(false);
  return octets.substr(0, octets.size() - (4 + 4 + no_lesson)) + out.take();
}

std::string lesson(std::string_view name, std::initializer_list<std::uint32_t> tokens) {
  std::string octets = encode_opinion(Opinion{});
  WireWriter out;
  out.flag(true);
  out.flag(true);
  out.text(name);
  out.u32(1000);
  out.count(tokens.size());
  for (const auto token : tokens) {
    out.u8(0xff);
    out.u32(token);
  }
  return octets.substr(0, octets.size() - no_lesson) + out.take();
}

std::string lesson_of_many(std::uint32_t tokens) {
  std::string octets = encode_opinion(Opinion{});
  WireWriter out;
  out.flag(true);
  out.flag(true);
  out.text("a@sa_generated");
  out.u32(1000);
  out.count(tokens);
  return octets.substr(0, octets.size() - no_lesson) + out.take();
}

BOOST_AUTO_TEST_CASE(a_lie_in_an_answer_is_refused) {
  const Lie lies[] = {
      {"nothing", ""},
      {"unknown verdict", with(0, 7)},
      {"reject with a temporary code", with(1, 194)},
      {"pass with a refusal", with(0, static_cast<std::uint8_t>(Verdict::pass))},
      {"enhanced class of another code", with(3, 4)},
      {"enhanced class out of range", with(3, 9)},
      {"subject over three digits", with(5, 200)},
      {"a control in the reply", with(12, '\r')},
      {"four thousand million findings", finding_count(0xffffffff)},
      {"findings that are not there", finding_count(3)},
      {"octets behind the end", encode_opinion(Opinion{}) + "x"},
      {"unknown change", change(7, "", "a@b")},
      {"an enclosure with a bare line feed", change(6, "", "X: y\n\nz")},
      {"an enclosure with a control behind it", change(6, std::string(1, '\0'), "X: y\r\n")},
      {"a header field with a line break in its name", change(0, "X\r\nBcc", "v")},
      {"a header field with a new field in its value", change(0, "X", "v\r\nBcc: a@b")},
      {"a header field with a bare line feed", change(0, "X", "v\n w")},
      {"a header field without a name", change(0, "", "v")},
      {"an address with a line break", change(3, "", "a@b\r\n c")},
      {"a text longer than allowed", change(3, "", std::string(16385, 'a'))},
      {"a lesson without a name", lesson("", {1})},
      {"a lesson whose name breaks a line of a backup", lesson("a\nv 3", {1})},
      {"a lesson with an endless name", lesson(std::string(65, 'a'), {1})},
      {"a lesson with a token twice", lesson("a@sa_generated", {1, 1})},
      {"a lesson with tokens in disorder", lesson("a@sa_generated", {2, 1})},
      {"a lesson of tokens that are not there", lesson_of_many(50'000)},
      {"a lesson of four thousand million tokens", lesson_of_many(0xffffffff)},
  };

  BOOST_REQUIRE(decode_opinion(change(0, "X", "v\r\n w")));
  BOOST_REQUIRE(decode_opinion(lesson("a@sa_generated", {1, 2})));
  for (const Lie& lie : lies) BOOST_CHECK_MESSAGE(!decode_opinion(lie.octets), lie.what);
}

BOOST_AUTO_TEST_CASE(a_failure_keeps_only_the_codes_that_the_gateway_acts_upon) {
  const auto known =
      decode_failure(encode_failure({std::make_error_code(std::errc::not_enough_memory), "o\nm"}));
  const auto other =
      decode_failure(encode_failure({std::make_error_code(std::errc::bad_file_descriptor), "x"}));

  BOOST_REQUIRE(known && other);
  BOOST_CHECK(known->code == std::errc::not_enough_memory);
  BOOST_CHECK_EQUAL(known->what, "worker: o?m");
  BOOST_CHECK(other->code == std::errc::io_error);
}

BOOST_AUTO_TEST_SUITE_END()
