#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <thread>

#include "gateway/base/bytes.h"
#include "gateway/queue/content_files.h"
#include "gateway/queue/octets.h"
#include "gateway/queue/record.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;

BOOST_FIXTURE_TEST_SUITE(spool, SpoolFixture)

BOOST_AUTO_TEST_CASE(what_was_accepted_is_there_after_a_restart_byte_for_byte) {
  BOOST_REQUIRE(open());
  std::vector<MessageId> accepted;
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 500U, 4096U, 4097U, 100000U}) {
    const auto id = accept(size, 2);
    BOOST_REQUIRE(id);
    accepted.push_back(*id);
  }

  BOOST_REQUIRE(reopen());

  BOOST_TEST(report.messages == accepted.size());
  BOOST_TEST(report.corrupt_records == 0U);
  BOOST_TEST(report.torn_octets == 0U);
  BOOST_TEST((report.last_id == accepted.back()));
  BOOST_TEST((spool->ids() == accepted));
  BOOST_REQUIRE(found.size() == accepted.size());
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    BOOST_TEST((found[i].id == accepted[i]));
    BOOST_TEST(found[i].sender == "sender-" + accepted[i].text() + "@example.org");
    BOOST_TEST(found[i].recipients.size() == 2U);
    const auto octets = spool->content(accepted[i]);
    BOOST_REQUIRE(octets);
    BOOST_TEST(**octets == *content(accepted[i], found[i].content_size));
  }
}

BOOST_AUTO_TEST_CASE(only_large_messages_get_a_file_of_their_own_and_it_goes_with_them) {
  BOOST_REQUIRE(open());
  const auto small = accept(4096);
  BOOST_TEST(files_in("content") == 0U);
  const auto large = accept(4097);
  BOOST_REQUIRE((small && large));
  BOOST_TEST(files_in("content") == 1U);

  BOOST_REQUIRE(remove(*large));
  spool->close();

  BOOST_REQUIRE(reopen());
  BOOST_TEST(files_in("content") == 0U);
  BOOST_TEST((spool->ids() == std::vector{*small}));
}

BOOST_AUTO_TEST_CASE(progress_shows_at_once_and_after_a_restart) {
  BOOST_REQUIRE(open());
  const auto id = accept(500, 3);
  auto change = deferred(*id, 4, "451 try later");
  change.changes = {{1, RecipientState::delivered}};
  change.hold = Progress::Hold::set;

  spool->progress(change);
  for (const bool restarted : {false, true}) {
    if (restarted) {
      spool->close();
      BOOST_REQUIRE(reopen());
    }
    const auto now = spool->envelope(*id);
    BOOST_REQUIRE(now);
    BOOST_TEST(now->attempts == 4U);
    BOOST_TEST((now->next_attempt == change.next_attempt));
    BOOST_TEST(now->last_reply == "451 try later");
    BOOST_TEST(now->hold == "held");
    BOOST_TEST(now->open_recipients() == 2U);
    BOOST_TEST((now->recipients[1].state == RecipientState::delivered));
  }
}

BOOST_AUTO_TEST_CASE(what_an_administrator_changes_leaves_the_attempts_alone) {
  BOOST_REQUIRE(open());
  const auto id = *accept();
  const auto attempt = deferred(id, 4, "451 try later");
  spool->progress(attempt);
  Progress by_hand;
  by_hand.id = id;
  by_hand.attempted = false;
  by_hand.hold = Progress::Hold::set;
  by_hand.hold_reason = "why";
  by_hand.route = "smtp:[192.0.2.9]";
  by_hand.delay_notice_sent = true;
  BOOST_REQUIRE(record(by_hand));
  spool->progress(attempt);

  for (const bool restarted : {false, true}) {
    if (restarted) BOOST_REQUIRE(reopen());
    const auto now = spool->envelope(id);
    BOOST_REQUIRE(now);
    BOOST_TEST(now->attempts == 4U);
    BOOST_TEST((now->next_attempt == attempt.next_attempt));
    BOOST_TEST(now->last_reply == "451 try later");
    BOOST_TEST(now->hold == "why");
    BOOST_TEST(now->route == "smtp:[192.0.2.9]");
    BOOST_TEST(now->delay_notice_sent);
  }
  by_hand.route = "";
  BOOST_REQUIRE(record(by_hand));
  BOOST_TEST(spool->envelope(id)->route == "");
}

BOOST_AUTO_TEST_CASE(memory_tells_of_a_message_what_its_envelope_says) {
  BOOST_REQUIRE(open());
  const auto id = *accept(777, 40);
  auto change = deferred(id, 3, "450 no");
  change.hold = Progress::Hold::set;
  change.hold_reason = "why";
  change.route = "smtp:[192.0.2.9]";
  change.delay_notice_sent = true;
  change.changes = {{1, RecipientState::delivered}, {39, RecipientState::bounced}};
  BOOST_REQUIRE(record(change));

  for (const bool restarted : {false, true}) {
    if (restarted) BOOST_REQUIRE(reopen());
    const auto envelope = *spool->envelope(id);
    std::string open;
    for (const auto& recipient : envelope.recipients) {
      if (recipient.open()) open += recipient.address + "\n";
    }
    int seen = 0;
    const auto see = [&](const MessageSummary& message) {
      ++seen;
      BOOST_TEST((message.id == id && message.arrival == envelope.arrival));
      BOOST_TEST(message.size == 777U);
      BOOST_TEST(message.attempts == 3U);
      BOOST_TEST((message.next_attempt == change.next_attempt));
      BOOST_TEST(message.sender == envelope.sender);
      BOOST_TEST(message.client == "192.0.2.1");
      BOOST_TEST(message.last_reply == "450 no");
      BOOST_TEST(message.hold == "why");
      BOOST_TEST(message.route == "smtp:[192.0.2.9]");
      BOOST_TEST(message.delay_notice_sent);
      BOOST_TEST(message.recipients == open);
    };
    BOOST_TEST(spool->look(id, see));
    spool->look_at_all(see);
    BOOST_TEST(seen == 2);
  }
  BOOST_TEST(!spool->look(MessageId{1}, [](const MessageSummary&) { BOOST_TEST(false); }));
}

BOOST_AUTO_TEST_CASE(messages_with_equal_recipients_have_equal_keys_and_others_have_not) {
  BOOST_REQUIRE(open());
  for (const std::size_t recipients : {1U, 2U, 1U, 2U, 3U}) BOOST_REQUIRE(accept(10, recipients));
  std::map<std::uint32_t, std::string> by_key;
  std::size_t seen = 0;

  spool->look_at_all([&](const MessageSummary& message) {
    ++seen;
    BOOST_TEST(message.recipients_key != 0U);
    const auto known = by_key.emplace(message.recipients_key, message.recipients).first;
    BOOST_TEST(known->second == message.recipients);
  });

  BOOST_TEST(seen == 5U);
  BOOST_TEST(by_key.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_hold_is_kept_through_progress_until_it_is_cleared) {
  BOOST_REQUIRE(open());
  auto message = envelope();
  message->hold = "quarantine";
  Answers answers;
  spool->accept(message, content(message->id, 10), answers.one());
  BOOST_REQUIRE(answers.wait().front());

  spool->progress(deferred(message->id, 1, "x"));
  BOOST_TEST(spool->envelope(message->id)->hold == "quarantine");
  auto release = deferred(message->id, 1, "x");
  release.hold = Progress::Hold::clear;
  BOOST_REQUIRE(record(release));

  BOOST_TEST(spool->envelope(message->id)->hold == "");
  BOOST_REQUIRE(reopen());
  BOOST_TEST(spool->envelope(message->id)->hold == "");
}

BOOST_AUTO_TEST_CASE(a_message_is_over_when_its_last_recipient_is_and_not_before) {
  BOOST_REQUIRE(open());
  const auto id = accept(500, 2);

  BOOST_REQUIRE(record(delivered(*id, 0)));
  BOOST_TEST(spool->envelope(*id).has_value());
  auto bounce = delivered(*id, 1);
  bounce.changes[0].state = RecipientState::bounced;
  BOOST_REQUIRE(record(bounce));

  BOOST_TEST((spool->envelope(*id).error().code == std::errc::no_such_file_or_directory));
  BOOST_TEST((spool->content(*id).error().code == std::errc::no_such_file_or_directory));
  BOOST_TEST(spool->ids().empty());
  BOOST_REQUIRE(reopen());
  BOOST_TEST(found.empty());
  BOOST_TEST((report.last_id == *id));
}

BOOST_AUTO_TEST_CASE(more_than_32_recipients_are_counted_one_by_one) {
  BOOST_REQUIRE(open());
  const auto id = accept(500, 100);
  Progress progress;
  progress.id = *id;
  for (std::uint32_t i = 0; i < 99; ++i) progress.changes.push_back({i, RecipientState::delivered});
  BOOST_REQUIRE(record(progress));

  BOOST_REQUIRE(reopen());

  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].open_recipients() == 1U);
  BOOST_TEST(found[0].recipients[99].open());
}

BOOST_AUTO_TEST_CASE(a_message_that_is_not_there_is_an_error_and_no_record) {
  BOOST_REQUIRE(open());
  const MessageId unknown{12345};

  BOOST_TEST((record(delivered(unknown)).error().code == std::errc::no_such_file_or_directory));
  BOOST_TEST((remove(unknown).error().code == std::errc::no_such_file_or_directory));
  spool->progress(delivered(unknown));
  spool->close();

  BOOST_REQUIRE(reopen());
  BOOST_TEST(report.records == 0U);
}

BOOST_AUTO_TEST_CASE(what_recovery_would_refuse_is_not_acknowledged) {
  BOOST_REQUIRE(open());
  auto nobody = envelope(0);
  auto finished = envelope(1);
  finished->recipients[0].state = RecipientState::removed;
  auto wrong = envelope(1);
  wrong->recipients[0].variant = 1;

  for (const auto& message : {nobody, finished, wrong}) {
    Answers answers;
    spool->accept(message, content(message->id, 10), answers.one());
    BOOST_TEST((answers.wait().front().error().code == std::errc::invalid_argument));
  }
  BOOST_TEST(spool->ids().empty());
}

BOOST_AUTO_TEST_CASE(many_threads_accept_at_once_and_nothing_is_mixed_up) {
  settings.segment_size = 1 << 20;
  BOOST_REQUIRE(open());
  Answers answers;
  std::vector<std::shared_ptr<Envelope>> messages;
  for (int i = 0; i < 400; ++i) messages.push_back(envelope());
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < messages.size(); i += 4) {
          spool->accept(messages[i], content(messages[i]->id, i * 13), answers.one());
        }
      });
    }
  }
  for (const auto& result : answers.wait()) BOOST_REQUIRE(result);

  BOOST_REQUIRE(reopen());

  BOOST_TEST(found.size() == messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    BOOST_TEST(**spool->content(messages[i]->id) == *content(messages[i]->id, i * 13));
  }
}

BOOST_AUTO_TEST_CASE(a_closed_spool_refuses_what_comes_after) {
  BOOST_REQUIRE(open());
  spool->close();
  BOOST_TEST((accept().error().code == std::errc::operation_canceled));
}

BOOST_AUTO_TEST_CASE(every_start_begins_a_new_segment_and_empty_ones_do_not_pile_up) {
  BOOST_REQUIRE(open());
  BOOST_REQUIRE(accept());
  for (int i = 0; i < 5; ++i) BOOST_REQUIRE(reopen());
  BOOST_TEST(files_in("log") == 2U);
  BOOST_TEST(found.size() == 1U);
}

BOOST_AUTO_TEST_CASE(f91_a_log_of_a_later_version_is_refused_and_left_as_it_is) {
  BOOST_REQUIRE(open());
  BOOST_REQUIRE(accept());
  spool.reset();
  auto image = history->now();
  std::string later = encode_segment_header({9, 1, 0, 0});
  for (const std::size_t at : {std::size_t{0}, segment_copy_offset}) {
    later[at + 8] = format_version + 1;
    put_number(later.data() + at + 44, crc32c(std::string_view(later).substr(at, 44)));
  }
  image.files["log/0000000000000009.seg"] = later;
  history = std::make_shared<DiskHistory>(image);

  const auto opened = open();

  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().code == std::errc::not_supported));
  BOOST_TEST(opened.error().what.find("version 3") != std::string::npos);
  BOOST_TEST((history->now().files == image.files));
}

BOOST_AUTO_TEST_CASE(a_message_that_is_too_large_for_the_free_space_has_no_room) {
  settings.queue_minfree = 1 << 20;
  history->set_capacity(2 << 20);
  BOOST_REQUIRE(open());
  BOOST_TEST(spool->has_room(1000));
  BOOST_TEST(!spool->has_room(1 << 20));
}

BOOST_AUTO_TEST_CASE(files_without_an_owner_are_removed_and_foreign_names_are_left) {
  DiskImage image;
  image.directories = {"log", "content", "corrupt"};
  image.files = {{content_path({77}), "left by a crash"},
                 {"content/README", "not ours"},
                 {"log/notes", "not ours"}};
  history = std::make_shared<DiskHistory>(image);

  BOOST_REQUIRE(open());

  const auto files = history->now().files;
  BOOST_TEST(!files.contains(content_path({77})));
  BOOST_TEST(files.contains("content/README"));
  BOOST_TEST(files.contains("log/notes"));
}

BOOST_AUTO_TEST_SUITE_END()
