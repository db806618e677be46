#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

#include "gateway/base/bytes.h"
#include "gateway/queue/payload.h"
#include "gateway/queue/recipient_states.h"
#include "gateway/queue/record.h"
#include "gateway/queue/segment_writer.h"

using namespace postern;

namespace {

Envelope full_envelope() {
  Envelope e;
  e.id = {0x0123456789abcdef};
  e.arrival = WallTime(std::chrono::microseconds(1'700'000'000'123'456));
  e.sender = "sender@example.org";
  e.ret = "HDRS";
  e.envid = "QQ314159";
  e.utf8 = true;
  e.eight_bit = true;
  e.client_address = "2001:db8::1";
  e.client_name = "client.example.org";
  e.helo = "helo.example.org";
  e.hold = "held for Bob";
  e.variants = {{"Received: x\r\n", {}},
                {"X-Spam: yes\r\n",
                 {{HeaderEdit::Kind::replace, "Subject", "[spam] hello"},
                  {HeaderEdit::Kind::remove, "X-Old", ""},
                  {HeaderEdit::Kind::enclose, "--b--", "X: y\r\n\r\n--b"}}}};
  e.recipients = {
      {"a@example.com", "alias@example.com", "rfc822;alias@example.com", 6, 1,
       RecipientKind::normal, RecipientState::queued},
      {"archive@example.com", "", "", 0, 0, RecipientKind::archive, RecipientState::delivered}};
  e.attempts = 3;
  e.next_attempt = WallTime(std::chrono::microseconds(-5));
  e.last_reply = std::string("421 later\0with a NUL", 20);
  e.route = "smtp:[192.0.2.9]:2525";
  e.delay_notice_sent = true;
  return e;
}

std::string head_of(const std::string& start) { return start.substr(record_header_size); }

}  // namespace

BOOST_AUTO_TEST_SUITE(records)

BOOST_AUTO_TEST_CASE(an_envelope_comes_back_field_by_field) {
  const auto in = full_envelope();

  const auto head = decode_accept(head_of(encode_accept(in, 4711, 0xdeadbeef, true)));

  BOOST_REQUIRE(head);
  const Envelope& out = head->envelope;
  BOOST_TEST(head->own_file);
  BOOST_TEST(head->content_crc == 0xdeadbeefU);
  BOOST_TEST(out.content_size == 4711U);
  BOOST_TEST((out.id == in.id));
  BOOST_TEST((out.arrival == in.arrival && out.next_attempt == in.next_attempt));
  BOOST_TEST((out.utf8 && out.eight_bit));
  BOOST_TEST(out.sender == in.sender);
  BOOST_TEST(out.ret == in.ret);
  BOOST_TEST(out.envid == in.envid);
  BOOST_TEST(out.client_address == in.client_address);
  BOOST_TEST(out.client_name == in.client_name);
  BOOST_TEST(out.helo == in.helo);
  BOOST_TEST(out.hold == in.hold);
  BOOST_TEST(out.last_reply == in.last_reply);
  BOOST_TEST(out.route == in.route);
  BOOST_TEST(out.delay_notice_sent);
  BOOST_TEST(out.attempts == in.attempts);
  BOOST_REQUIRE(out.variants.size() == 2U);
  BOOST_TEST(out.variants[1].prepend == in.variants[1].prepend);
  BOOST_REQUIRE(out.variants[1].edits.size() == 3U);
  BOOST_TEST((out.variants[1].edits[0].kind == HeaderEdit::Kind::replace));
  BOOST_TEST((out.variants[1].edits[2].kind == HeaderEdit::Kind::enclose));
  BOOST_TEST(out.variants[1].edits[2].value == "X: y\r\n\r\n--b");
  BOOST_TEST(out.variants[1].edits[0].value == "[spam] hello");
  BOOST_REQUIRE(out.recipients.size() == 2U);
  BOOST_TEST(out.recipients[0].address == "a@example.com");
  BOOST_TEST(out.recipients[0].original == "alias@example.com");
  BOOST_TEST(out.recipients[0].orcpt == "rfc822;alias@example.com");
  BOOST_TEST(out.recipients[0].notify == 6);
  BOOST_TEST(out.recipients[0].variant == 1);
  BOOST_TEST((out.recipients[1].kind == RecipientKind::archive));
  BOOST_TEST((out.recipients[1].state == RecipientState::delivered));
}

BOOST_AUTO_TEST_CASE(progress_comes_back_field_by_field) {
  Progress in;
  in.id = {42};
  in.attempts = 9;
  in.next_attempt = WallTime(std::chrono::microseconds(123));
  in.last_reply = "450 no";
  in.hold = Progress::Hold::set;
  in.hold_reason = "why";
  in.attempted = false;
  in.route = "";
  in.delay_notice_sent = true;
  in.changes = {{0, RecipientState::bounced}, {70000, RecipientState::removed}};

  const auto out = decode_progress(head_of(encode_progress(in)));

  BOOST_REQUIRE(out);
  BOOST_TEST((out->id == in.id && out->attempts == 9 && out->next_attempt == in.next_attempt));
  BOOST_TEST(out->last_reply == in.last_reply);
  BOOST_TEST((out->hold == in.hold && out->hold_reason == in.hold_reason));
  BOOST_TEST((!out->attempted && out->route == "" && out->delay_notice_sent));
  BOOST_REQUIRE(out->changes.size() == 2U);
  BOOST_TEST(out->changes[1].recipient == 70000U);
  BOOST_TEST((out->changes[1].state == RecipientState::removed));
}

BOOST_AUTO_TEST_CASE(a_head_that_is_cut_or_has_more_at_its_end_is_refused) {
  const auto accept = head_of(encode_accept(full_envelope(), 1, 2, false));
  Progress change;
  change.changes = {{0, RecipientState::bounced}};
  change.route = "smtp:[192.0.2.9]";
  const auto progress = head_of(encode_progress(change));
  const auto done = head_of(encode_done({1}));

  for (std::size_t i = 0; i < accept.size(); ++i) BOOST_TEST(!decode_accept(accept.substr(0, i)));
  for (std::size_t i = 0; i < progress.size(); ++i)
    BOOST_TEST(!decode_progress(progress.substr(0, i)));
  for (std::size_t i = 0; i < done.size(); ++i) BOOST_TEST(!decode_done(done.substr(0, i)));
  BOOST_TEST(!decode_accept(accept + '\0'));
  BOOST_TEST(!decode_progress(progress + '\0'));
  BOOST_TEST(!decode_done(done + '\0'));
}

BOOST_AUTO_TEST_CASE(a_recipient_with_a_variant_that_does_not_exist_is_refused) {
  auto envelope = full_envelope();
  envelope.recipients[0].variant = 2;
  BOOST_TEST(!decode_accept(head_of(encode_accept(envelope, 1, 2, false))));
}

BOOST_AUTO_TEST_CASE(f05_every_flipped_bit_of_a_record_header_is_seen) {
  auto start = encode_done({7});
  const RecordHeader header{RecordType::done, 8, 0, 1, 2, 3, 4};
  put_record_header(start, header, 99);
  BOOST_REQUIRE(parse_record_header(start, 99));
  BOOST_TEST(!parse_record_header(start, 98));

  for (std::size_t bit = 0; bit < record_header_size * 8; ++bit) {
    auto flipped = start;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    BOOST_TEST(!parse_record_header(flipped, 99));
  }
}

BOOST_AUTO_TEST_CASE(f05_a_segment_header_survives_damage_to_either_copy_and_not_to_both) {
  const auto octets = encode_segment_header({5, 6, 4, 8192});
  for (std::size_t i = 0; i < segment_header_size; ++i) {
    auto first = octets;
    first[i] = static_cast<char>(first[i] ^ 0x10);
    auto both = first;
    both[segment_copy_offset + i] = first[i];

    const auto parsed = parse_segment_header(first);
    BOOST_TEST((parsed.state == SegmentHeaderState::good));
    BOOST_TEST(parsed.header.salt == 6U);
    BOOST_TEST((parse_segment_header(both).state == SegmentHeaderState::damaged));
  }
}

BOOST_AUTO_TEST_CASE(segment_names_are_parsed_only_when_they_are_ours) {
  BOOST_TEST(segment_path(0xab) == "log/00000000000000ab.seg");
  BOOST_TEST((parse_segment_name("00000000000000ab.seg") == 0xabU));
  BOOST_TEST((parse_segment_name("00000000ffffffff.seg") == UINT32_MAX));
  for (const auto* name :
       {"", "ab.seg", "00000000000000AB.seg", "00000000000000ab.sex", "0000000100000000.seg",
        "00000000000000abc.seg", "000000000000 0ab.seg"}) {
    BOOST_TEST(!parse_segment_name(name), name);
  }
}

BOOST_AUTO_TEST_CASE(the_worked_example_of_the_format_page_is_what_the_code_writes) {
  Envelope envelope;
  envelope.id = {0x0000654321abc007};
  envelope.arrival = WallTime(std::chrono::microseconds(1'700'000'000'000'000));
  envelope.sender = "a@example.org";
  envelope.client_address = "192.0.2.1";
  envelope.recipients.emplace_back().address = "b@example.com";
  const auto content = std::make_shared<const std::string>("Subject: x\r\n\r\nHello\r\n");
  const auto crc = crc32c(*content);
  const auto record = LogRecord::make(
      RecordType::accept, encode_accept(envelope, content->size(), crc, false), content, crc);
  auto octets = record.start;
  put_record_header(octets,
                    {RecordType::accept, record.location.head_length, record.location.tail_length,
                     record.head_crc, record.tail_crc, 1, first_record_offset},
                    0x1122334455667788);
  octets += *content;
  octets.resize(record.size());

  std::ifstream page(POSTERN_SOURCE_DIR "/gateway/queue/FORMAT.md");
  std::stringstream text;
  text << page.rdbuf();
  std::string wanted;
  for (std::size_t i = 0; i < octets.size(); i += 16) {
    wanted = hex(std::string_view(octets).substr(i, 16));
    for (std::size_t at = 2; at < wanted.size(); at += 3) wanted.insert(at, " ");
    BOOST_TEST(text.str().find(wanted) != std::string::npos,
               "FORMAT.md lacks " << i << ": " << wanted);
  }
  const auto header =
      hex(encode_segment_header({3, 0x1122334455667788, 2, 8192}).substr(0, segment_header_size));
  for (std::size_t i = 0; i < header.size(); i += 32) {
    wanted = header.substr(i, 32);
    for (std::size_t at = 2; at < wanted.size(); at += 3) wanted.insert(at, " ");
    BOOST_TEST(text.str().find(wanted) != std::string::npos, "FORMAT.md lacks header " << wanted);
  }
}

BOOST_AUTO_TEST_CASE(the_states_of_few_and_of_many_recipients_are_kept_apart) {
  for (const std::uint32_t count : {1U, 3U, 4U, 5U, 1000U}) {
    std::vector<std::uint8_t> octets(RecipientStates::octets_for(count));
    RecipientStates states(octets.data(), count);
    BOOST_TEST(states.open() == count);

    for (std::uint32_t i = 0; i < count; i += 3) states.set(i, RecipientState::bounced);
    states.set(count, RecipientState::delivered);

    std::uint32_t open = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      BOOST_TEST((states.at(i) == (i % 3 == 0 ? RecipientState::bounced : RecipientState::queued)));
      open += i % 3 != 0;
    }
    BOOST_TEST(states.open() == open);
    states.set(0, RecipientState::queued);
    BOOST_TEST(states.open() == open + 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
