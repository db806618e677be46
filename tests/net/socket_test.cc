#define BOOST_TEST_DYN_LINK
#include "gateway/net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <vector>

#include "tests/support/run_task.h"

namespace postern {
namespace {

using test::run_task;

/// A connected pair: `near` is on the loop, `far` is the peer.
struct Fixture {
  Fixture() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    near.emplace(loop, UniqueFd(ends[0]));
    far.reset(ends[1]);
  }
  void say(std::string_view octets) {
    BOOST_REQUIRE(::write(far.get(), octets.data(), octets.size()) ==
                  static_cast<ssize_t>(octets.size()));
  }
  SteadyTime soon() const { return loop.now() + milliseconds(10); }
  static SteadyTime late() { return SteadyTime::max(); }

  /// Waits beside the test; how it ended is put into `waits`.
  Task<void> wait(SteadyTime deadline) { waits.push_back(co_await near->readable(deadline)); }
  Task<void> wait_and_drop(SteadyTime deadline) {
    waits.push_back(co_await near->readable(deadline));
    near.reset();
  }
  std::size_t read(std::size_t most) {
    std::vector<char> room(most);
    const auto got = near->try_read(room);
    BOOST_REQUIRE(got.has_value());
    return got->value_or(0);
  }

  Loop loop;
  std::optional<Socket> near;
  UniqueFd far;
  std::vector<Wait> waits;
  TaskGroup tasks;
};

bool ended(const Fixture& fixture, std::initializer_list<Wait> how) {
  return fixture.waits == std::vector<Wait>(how);
}

BOOST_FIXTURE_TEST_SUITE(socket, Fixture)

BOOST_AUTO_TEST_CASE(octets_that_came_before_the_first_wait_are_told) {
  say("early");

  run_task(loop, wait(late()));

  BOOST_TEST(ended(*this, {Wait::ready}));
  BOOST_TEST(read(100) == 5U);
}

BOOST_AUTO_TEST_CASE(octets_that_came_between_two_waits_are_told) {
  say("1");
  run_task(loop, wait(late()));
  read(100);
  say("2");
  loop.poll();  // the event meets nobody

  run_task(loop, wait(late()));

  BOOST_TEST(read(100) == 1U);
}

BOOST_AUTO_TEST_CASE(who_leaves_octets_behind_is_told_again) {
  say("some octets");
  run_task(loop, wait(late()));
  char octet = 0;
  BOOST_REQUIRE(::read(near->fd(), &octet, 1) == 1);

  run_task(loop, wait(late()));
  run_task(loop, wait(late()));

  BOOST_TEST(ended(*this, {Wait::ready, Wait::ready, Wait::ready}));
}

BOOST_AUTO_TEST_CASE(a_read_that_was_filled_is_followed_by_the_rest) {
  say("12345678");
  run_task(loop, wait(late()));

  BOOST_TEST(read(4) == 4U);
  BOOST_TEST(read(4) == 4U);
  BOOST_TEST(read(4) == 0U);
}

// The end came together with the octets, so no further event will tell of it.
BOOST_AUTO_TEST_CASE(the_end_behind_a_short_read_is_not_missed) {
  say("last words");
  far.reset();
  run_task(loop, wait(late()));
  BOOST_TEST(read(100) == 10U);

  std::array<char, 10> room{};
  const auto end = near->try_read(room);

  BOOST_REQUIRE(end.has_value());
  BOOST_TEST(end->has_value());
  BOOST_TEST(end->value_or(1) == 0U);
}

BOOST_AUTO_TEST_CASE(the_end_that_comes_after_a_short_read_wakes_who_waits) {
  say("last words");
  run_task(loop, wait(late()));
  read(100);
  tasks.spawn(wait(late()));
  far.reset();

  loop.poll();

  BOOST_TEST(ended(*this, {Wait::ready, Wait::ready}));
}

BOOST_AUTO_TEST_CASE(a_silent_peer_ends_the_wait_at_its_deadline_and_can_be_waited_for_again) {
  run_task(loop, wait(soon()));
  say("at last");
  run_task(loop, wait(late()));

  BOOST_TEST(ended(*this, {Wait::timed_out, Wait::ready}));
}

BOOST_AUTO_TEST_CASE(a_full_peer_ends_the_wait_to_write_and_its_reading_wakes_the_writer) {
  const std::string much(1 << 20, 'x');
  std::size_t sent = 0;
  for (;;) {
    const auto n = near->try_write(much);
    BOOST_REQUIRE(n.has_value());
    if (!*n) break;
    sent += **n;
  }
  struct Writer {
    static Task<void> wait(Fixture& fixture, SteadyTime deadline) {
      fixture.waits.push_back(co_await fixture.near->writable(deadline));
    }
  };

  run_task(loop, Writer::wait(*this, soon()));
  std::vector<char> room(sent);
  for (std::size_t got = 0; got < sent;) {
    const ssize_t n = ::read(far.get(), room.data(), room.size());
    BOOST_REQUIRE(n > 0);
    got += static_cast<std::size_t>(n);
  }
  run_task(loop, Writer::wait(*this, late()));

  BOOST_TEST(ended(*this, {Wait::timed_out, Wait::ready}));
}

BOOST_AUTO_TEST_CASE(shut_wakes_who_waits_and_all_who_wait_later) {
  tasks.spawn(wait(late()));
  loop.poll();

  near->shut();
  loop.poll();
  run_task(loop, wait(late()));

  BOOST_TEST(ended(*this, {Wait::closed, Wait::closed}));
}

BOOST_AUTO_TEST_CASE(a_socket_that_ends_wakes_who_waits) {
  tasks.spawn(wait(late()));
  loop.poll();

  near.reset();
  loop.poll();

  BOOST_TEST(ended(*this, {Wait::closed}));
}

// Both sockets are ready in one turn, and each ends both: the second event meets nobody.
BOOST_AUTO_TEST_CASE(an_event_for_a_socket_that_has_just_ended_meets_nobody) {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  std::optional<Socket> second(std::in_place, loop, UniqueFd(ends[0]));
  const UniqueFd second_far(ends[1]);
  int woken = 0;
  struct Waiter {
    static Task<void> wait(std::optional<Socket>& mine, std::optional<Socket>& others, int& count) {
      const Wait how = co_await mine->readable(SteadyTime::max());
      if (how == Wait::ready) ++count;
      others.reset();
    }
  };
  tasks.spawn(Waiter::wait(near, second, woken));
  tasks.spawn(Waiter::wait(second, near, woken));
  loop.poll();

  say("x");
  BOOST_REQUIRE(::write(second_far.get(), "x", 1) == 1);
  loop.poll();

  BOOST_TEST(woken == 1);
  BOOST_TEST(tasks.count() == 0U);
}

BOOST_AUTO_TEST_CASE(who_is_woken_may_end_the_socket) {
  tasks.spawn(wait_and_drop(late()));
  loop.poll();
  say("x");
  far.reset();

  loop.poll();

  BOOST_TEST(!near.has_value());
  BOOST_TEST(ended(*this, {Wait::ready}));
}

BOOST_AUTO_TEST_CASE(an_accepted_connection_knows_its_peer_and_does_not_delay_what_is_written) {
  auto listening = listen_on({"127.0.0.1", 0}, 5, false);
  BOOST_REQUIRE(listening.has_value());
  const Endpoint own = local_endpoint(listening->get());
  Socket listener(loop, std::move(*listening));
  auto nobody = try_accept(listener);
  auto client = run_task(loop, connect_to(loop, own, "", loop.now() + seconds(5)));
  BOOST_REQUIRE(client.has_value());

  auto accepted = try_accept(listener);

  BOOST_TEST((nobody.has_value() && !nobody->has_value()));
  BOOST_REQUIRE((accepted.has_value() && accepted->has_value()));
  BOOST_TEST(((*accepted)->peer == local_endpoint(client->fd())));
  int no_delay = 0;
  socklen_t length = sizeof no_delay;
  ::getsockopt((*accepted)->fd.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &length);
  BOOST_TEST(no_delay != 0);
}

BOOST_AUTO_TEST_CASE(a_listener_that_was_found_empty_is_told_of_the_next_connection) {
  auto listening = listen_on({"127.0.0.1", 0}, 5, false);
  BOOST_REQUIRE(listening.has_value());
  const Endpoint own = local_endpoint(listening->get());
  near.emplace(loop, std::move(*listening));
  std::vector<Socket> clients;
  for (int i = 0; i < 3; ++i) {
    auto client = run_task(loop, connect_to(loop, own, "", loop.now() + seconds(5)));
    BOOST_REQUIRE(client.has_value());
    clients.push_back(std::move(*client));
    run_task(loop, wait(loop.now() + seconds(5)));
    const auto accepted = try_accept(*near);
    BOOST_TEST((accepted.has_value() && accepted->has_value()));
    const auto none = try_accept(*near);
    BOOST_TEST((none.has_value() && !none->has_value()));
  }

  BOOST_TEST(ended(*this, {Wait::ready, Wait::ready, Wait::ready}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
