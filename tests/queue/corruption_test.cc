#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>

#include "gateway/queue/content_files.h"
#include "gateway/queue/record.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;

namespace {

struct DamageFixture : SpoolFixture {
  std::vector<MessageId> accepted;
  std::string path;             // of the segment with all messages
  std::vector<std::size_t> at;  // where each record begins, and the end
  DiskImage image;

  /// Five messages, each in a batch of its own, in one segment.
  void fill(std::size_t size = 100) {
    BOOST_REQUIRE(open());
    for (int i = 0; i < 5; ++i) {
      path = newest_segment();
      at.push_back(history->now().files.at(path).size());
      const auto id = accept(size);
      BOOST_REQUIRE(id);
      accepted.push_back(*id);
    }
    spool.reset();
    image = without_checkpoint(history->now());
    at.push_back(image.files.at(path).size());
  }
  /// Reads the whole log: what a start with a checkpoint sees is in checkpoint_test.
  void start_with(DiskImage damaged) {
    spool.reset();
    history = std::make_shared<DiskHistory>(without_checkpoint(std::move(damaged)));
    BOOST_REQUIRE(open());
  }
  void flip(DiskImage& in, std::size_t octet) const {
    auto& octets = in.files.at(path);
    octets[octet] = static_cast<char>(octets[octet] ^ 0x41);
  }
  std::vector<MessageId> all_but(std::size_t lost) const {
    auto out = accepted;
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(lost));
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(corruption, DamageFixture)

BOOST_AUTO_TEST_CASE(
    f05_any_flipped_byte_of_a_record_is_found_set_aside_and_costs_no_other_message) {
  fill();
  for (std::size_t octet = at[2]; octet < at[3]; ++octet) {
    auto damaged = image;
    flip(damaged, octet);
    const auto original = damaged.files.at(path).substr(at[2], at[3] - at[2]);

    start_with(damaged);

    const bool padding = octet >= at[3] - (record_alignment - 1) && spool->ids() == accepted;
    if (padding) {  // octets that belong to no message
      BOOST_TEST(**spool->content(accepted[2]) == *content(accepted[2], 100));
      continue;
    }
    BOOST_REQUIRE((spool->ids() == all_but(2)));
    BOOST_REQUIRE(report.corrupt_records == 1U);
    for (const auto id : all_but(2)) BOOST_REQUIRE(**spool->content(id) == *content(id, 100));
    std::string kept;
    for (const auto& [name, octets] : history->now().files) {
      if (name.starts_with("corrupt/")) kept += octets;
    }
    BOOST_REQUIRE(kept == original);
  }
}

BOOST_AUTO_TEST_CASE(f05_damage_is_reported_once_and_not_at_every_start) {
  fill();
  flip(image, at[1] + 60);
  start_with(image);
  BOOST_TEST(report.corrupt_records == 1U);

  BOOST_REQUIRE(reopen());

  BOOST_TEST(report.corrupt_records == 0U);
  BOOST_TEST((spool->ids() == all_but(1)));
  BOOST_TEST(files_in("corrupt") == 1U);
}

BOOST_AUTO_TEST_CASE(f05_the_last_record_of_all_is_kept_aside_though_it_looks_torn) {
  fill();
  flip(image, at[4] + 60);

  start_with(image);

  BOOST_TEST((spool->ids() == all_but(4)));
  BOOST_TEST(report.corrupt_records == 0U);
  BOOST_TEST(report.torn_octets == at[5] - at[4]);
  BOOST_TEST(files_in("corrupt") == 1U);
  BOOST_REQUIRE(reopen());
  BOOST_TEST(report.torn_octets == 0U);
  BOOST_TEST(report.corrupt_records == 0U);
}

BOOST_AUTO_TEST_CASE(f03_a_gap_in_a_batch_that_was_never_synced_is_no_damage_at_any_later_start) {
  fill();
  start_with(image);
  path = newest_segment();
  const auto begin = history->now().files.at(path).size();
  spool->progress(deferred(accepted[0], 1, "in one batch with the message"));
  const auto last = accept();
  BOOST_REQUIRE(last);
  spool.reset();
  auto gap = history->now();
  const auto end = gap.files.at(path).find(gap.files.at(path).substr(begin, 8), begin + 8);
  gap.files.at(path).replace(begin, end - begin, end - begin, '\0');

  start_with(gap);

  BOOST_TEST(report.corrupt_records == 0U);
  BOOST_TEST(report.torn_octets > 0U);
  for (int i = 0; i < 3; ++i) {
    BOOST_REQUIRE(reopen());
    BOOST_TEST(report.corrupt_records == 0U);
    BOOST_TEST(report.messages == 6U);
  }
}

BOOST_AUTO_TEST_CASE(f05_the_log_cut_at_any_octet_gives_all_whole_records_before) {
  fill();
  for (std::size_t size = 0; size <= at[5]; ++size) {
    if (size > 100 && size < at[0] - 100) continue;
    auto damaged = image;
    damaged.files.at(path).resize(size);

    start_with(damaged);

    const auto whole = std::ranges::count_if(at, [&](std::size_t end) { return end <= size; });
    BOOST_REQUIRE(spool->ids().size() ==
                  static_cast<std::size_t>(std::max<std::ptrdiff_t>(whole - 1, 0)));
    BOOST_REQUIRE(report.corrupt_records == 0U);
  }
}

BOOST_AUTO_TEST_CASE(f05_a_segment_without_any_good_header_is_moved_away_whole) {
  fill();
  flip(image, 20);
  flip(image, segment_copy_offset + 20);

  start_with(image);

  BOOST_TEST(spool->ids().empty());
  BOOST_TEST(report.corrupt_records == 1U);
  const auto files = history->now().files;
  BOOST_TEST(!files.contains(path));
  BOOST_TEST((files.at("corrupt/" + path.substr(4)) == image.files.at(path)));
  BOOST_TEST(accept().has_value());
}

BOOST_AUTO_TEST_CASE(f05_a_lost_content_file_costs_its_message_and_no_other) {
  fill(5000);
  image.files.erase(content_path(accepted[1]));
  image.files.at(content_path(accepted[3])).pop_back();

  start_with(image);

  BOOST_TEST((spool->ids() == std::vector{accepted[0], accepted[2], accepted[4]}));
  BOOST_TEST(report.corrupt_records == 2U);
  // What is left of it is for people to look at.
  BOOST_TEST(history->now().files.contains("corrupt/" + accepted[3].text()));
  BOOST_REQUIRE(reopen());
  BOOST_TEST(report.corrupt_records == 0U);
}

BOOST_AUTO_TEST_CASE(f05_after_damage_no_content_file_is_taken_for_left_over) {
  fill(5000);
  flip(image, at[1] + 60);

  start_with(image);

  BOOST_TEST((spool->ids() == all_but(1)));
  BOOST_TEST(history->now().files.contains(content_path(accepted[1])));
}

BOOST_AUTO_TEST_CASE(f05_damage_while_running_is_an_error_for_that_message_alone) {
  fill();
  start_with(image);
  const auto file = *simulated_disk(history)->open(path);
  const std::string_view wrong[] = {"WRONG"};
  BOOST_REQUIRE(file->write(at[3] - 20, wrong));

  BOOST_TEST(spool->envelope(accepted[2]).has_value());
  BOOST_TEST((spool->content(accepted[2]).error().code == std::errc::illegal_byte_sequence));
  BOOST_TEST(spool->content(accepted[1]).has_value());
}

BOOST_AUTO_TEST_CASE(a_read_error_keeps_the_segment_and_refuses_nothing_else) {
  fill();
  history = std::make_shared<DiskHistory>(image);
  history->fail_reads(path);

  BOOST_REQUIRE(open());

  BOOST_TEST(spool->ids().empty());
  const auto later = accept();
  BOOST_TEST(later.has_value());
  spool.reset();
  auto whole = accepted;
  whole.push_back(*later);
  history->fail_reads("");
  BOOST_REQUIRE(reopen());
  BOOST_TEST((spool->ids() == whole));
}

BOOST_AUTO_TEST_CASE(a_message_that_looks_like_a_record_is_never_taken_for_one) {
  BOOST_REQUIRE(open());
  const auto victim = accept();
  spool.reset();
  image = history->now();
  path = newest_segment();
  // The records themselves, as a message that a stranger sends, then damaged so that recovery
  // has to look for the next record.
  const auto records = image.files.at(path).substr(first_record_offset);
  BOOST_REQUIRE(reopen());
  const auto message = envelope();
  Answers answers;
  spool->accept(message, std::make_shared<const std::string>(records), answers.one());
  BOOST_REQUIRE(answers.wait().front());
  BOOST_REQUIRE(accept());
  BOOST_REQUIRE(remove(*victim));
  spool.reset();
  image = history->now();
  path = newest_segment();
  flip(image, first_record_offset + 12);

  start_with(image);

  BOOST_TEST(std::ranges::count(spool->ids(), *victim) == 0);
  BOOST_TEST(report.corrupt_records == 1U);
}

BOOST_AUTO_TEST_CASE(random_octets_in_place_of_the_log_never_stop_the_start) {
  fill();
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    auto damaged = image;
    auto& octets = damaged.files.at(path);
    for (std::uint64_t i = 0, flips = 1 + random() % 40; i < flips; ++i) {
      octets[first_record_offset + random() % (octets.size() - first_record_offset)] =
          static_cast<char>(random());
    }

    start_with(damaged);

    for (const auto id : spool->ids()) {
      BOOST_REQUIRE(std::ranges::count(accepted, id) == 1);
      BOOST_REQUIRE(**spool->content(id) == *content(id, 100));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
