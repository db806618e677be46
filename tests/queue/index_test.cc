#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <malloc.h>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "gateway/queue/index.h"

using namespace postern;

namespace {

Location location(std::uint64_t number) {
  return {static_cast<std::uint32_t>(number / 10), static_cast<std::uint32_t>(number * 8), 200,
          1000};
}

Envelope envelope(std::uint64_t id, std::size_t recipients = 1) {
  Envelope out;
  out.id = {id};
  out.arrival = WallTime(std::chrono::seconds(1'700'000'000));
  out.sender = "sender-" + std::to_string(id % 7) + "@example.org";
  out.client_address = "192.0.2.1";
  for (std::size_t i = 0; i < recipients; ++i) {
    out.recipients.emplace_back().address =
        "recipient-" + std::to_string(id) + "-" + std::to_string(i) + "@example.com";
  }
  return out;
}

Progress attempt(std::uint64_t id, std::uint32_t attempts, std::string reply) {
  Progress out;
  out.id = {id};
  out.attempts = attempts;
  out.last_reply = std::move(reply);
  return out;
}

/// Octets that the process has from malloc.
std::size_t allocated() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Addresses of 30 octets.
std::string address(std::uint64_t number, bool unique) {
  auto digits = std::to_string(unique ? 1'000'000'000'000'000 + number : 1'000'000'000'000'000);
  return digits + "@x.example.org";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(index_of_messages)

BOOST_AUTO_TEST_CASE(it_says_the_same_as_a_plain_map_whatever_comes_and_goes) {
  Index index;
  std::map<std::uint64_t, Envelope> model;
  std::mt19937_64 random(1);
  for (int round = 0; round < 30000; ++round) {
    const auto id = (random() % 3000) << 12;
    const auto what = random() % 10;
    const auto known = model.find(id);
    if (what < 4) {
      auto message = envelope(id, 1 + random() % (random() % 20 == 0 ? 60 : 3));
      index.put(message, 1000, false, location(id >> 12));
      model[id] = std::move(message);
    } else if (what < 6) {
      const auto change = index.erase({id});
      BOOST_REQUIRE((change.outcome == Index::Outcome::over) == (known != model.end()));
      if (known != model.end()) model.erase(known);
    } else {
      auto change = attempt(id, static_cast<std::uint32_t>(round), std::to_string(random() % 50));
      change.changes = {{static_cast<std::uint32_t>(random() % 3), RecipientState::delivered}};
      const auto outcome = index.apply(change).outcome;
      BOOST_REQUIRE((outcome != Index::Outcome::unknown) == (known != model.end()));
      if (known == model.end()) continue;
      auto& recipients = known->second.recipients;
      const auto at = change.changes[0].recipient;
      if (at < recipients.size()) recipients[at].state = RecipientState::delivered;
      known->second.attempts = change.attempts;
      known->second.last_reply = change.last_reply;
      const bool over = known->second.open_recipients() == 0;
      BOOST_REQUIRE((outcome == Index::Outcome::over) == over);
      if (over) model.erase(known);
    }
  }

  BOOST_TEST(index.size() == model.size());
  std::size_t seen = 0;
  index.look_at_all([&](const MessageSummary& message) {
    ++seen;
    const auto known = model.find(message.id.value);
    BOOST_REQUIRE(known != model.end());
    std::string open;
    for (const auto& recipient : known->second.recipients) {
      if (recipient.open()) open += recipient.address + "\n";
    }
    BOOST_REQUIRE(message.recipients == open);
    BOOST_REQUIRE(message.sender == known->second.sender);
    BOOST_REQUIRE(message.attempts == known->second.attempts);
    BOOST_REQUIRE(message.last_reply == known->second.last_reply);
  });
  BOOST_TEST(seen == model.size());
  std::uint64_t live = 0;
  for (const auto& [id, message] : model) live += location(id >> 12).size();
  BOOST_TEST(index.live_octets() == live);
}

BOOST_AUTO_TEST_CASE(what_exists_all_the_time_is_met_once_while_others_come_and_go) {
  Index index;
  for (std::uint64_t i = 0; i < 20000; ++i) index.put(envelope(i << 12), 1000, false, location(i));
  std::atomic<bool> stop = false;
  std::jthread changes([&] {
    for (std::uint64_t i = 0; !stop; ++i) {
      const auto goes = i % 10000 * 2 + 1;
      index.erase({goes << 12});
      index.apply(attempt((goes - 1) << 12, 1, "450 " + std::to_string(i)));
      index.put(envelope((20000 + i) << 12), 1000, false, location(i));
    }
  });

  for (int round = 0; round < 5; ++round) {
    std::set<std::uint64_t> met;
    std::map<std::uint32_t, std::string> by_key;
    index.look_at_all([&](const MessageSummary& message) {
      BOOST_REQUIRE(met.insert(message.id.value).second);
      const auto key = by_key.emplace(message.recipients_key, message.recipients).first;
      BOOST_REQUIRE(key->second == message.recipients);
    });
    for (std::uint64_t i = 0; i < 20000; i += 2) BOOST_REQUIRE(met.contains(i << 12));
  }
  stop = true;
}

BOOST_AUTO_TEST_CASE(times_are_kept_to_the_second_and_never_too_early) {
  Index index;
  auto message = envelope(1);
  message.arrival += std::chrono::milliseconds(999);
  message.next_attempt = WallTime(std::chrono::milliseconds(5'000'000'000'001));
  index.put(message, 1000, false, location(1));
  index.look({1}, [](const MessageSummary& seen) {
    BOOST_TEST((seen.arrival == WallTime(std::chrono::seconds(1'700'000'000))));
    BOOST_TEST((seen.next_attempt == WallTime(std::chrono::seconds(UINT32_MAX))));
  });

  auto change = attempt(1, 1, "");
  change.next_attempt = WallTime(std::chrono::milliseconds(2'000'000'000'001));
  index.apply(change);
  BOOST_TEST((index.find({1})->next_attempt == WallTime(std::chrono::seconds(2'000'000'001))));
  change.next_attempt = {};
  index.apply(change);
  BOOST_TEST((index.find({1})->next_attempt == WallTime{}));
}

BOOST_AUTO_TEST_CASE(a_content_of_more_than_four_gibibytes_keeps_its_size) {
  Index index;
  index.put(envelope(1), Index::largest_content, true, {1, 8192, 200, 0});
  BOOST_TEST(index.find({1})->size == Index::largest_content);
  BOOST_TEST((index.find({1})->location == Location{1, 8192, 200, 0}));
}

BOOST_AUTO_TEST_CASE(a_deferred_message_costs_100_octets_and_160_with_addresses_of_its_own) {
  constexpr std::uint64_t count = 100'000;
  for (const bool unique : {false, true}) {
    const auto before = allocated();
    Index index;
    for (std::uint64_t i = 0; i < count; ++i) {
      auto message = envelope(i << 12);
      message.sender = address(i, unique);
      message.recipients[0].address = address(i + count, unique);
      index.put(message, 1000, false, location(i));
      index.apply(attempt(i << 12, 1, "450 4.4.1 mx.example.org[192.0.2.7] timed out"));
    }
    const auto octets = (allocated() - before) / count;
    BOOST_TEST_MESSAGE(octets << " octets a message");
    BOOST_TEST(octets <= (unique ? 160U : 100U));
  }
}

BOOST_AUTO_TEST_CASE(the_memory_of_a_storm_is_given_back) {
  Index index;
  const auto before = allocated();
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    auto message = envelope(i << 12);
    message.sender = address(i, true);
    index.put(message, 1000, false, location(i));
  }
  const auto in_the_storm = allocated() - before;
  for (std::uint64_t i = 0; i < 50'000; ++i) index.erase({i << 12});

  // With AddressSanitizer nobody counts.
  BOOST_TEST(allocated() - before <= in_the_storm / 5);
}

BOOST_AUTO_TEST_SUITE_END()
