#define BOOST_TEST_DYN_LINK
#include "gateway/net/stream.h"

#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/run_task.h"

namespace postern {
namespace {

using test::run_task;

struct Fixture {
  Fixture() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    stream.emplace(Socket(loop, UniqueFd(ends[0])));
    far.reset(ends[1]);
  }
  SteadyTime soon() const { return loop.now() + seconds(10); }
  void say(std::string_view octets) {
    BOOST_REQUIRE(::write(far.get(), octets.data(), octets.size()) ==
                  static_cast<ssize_t>(octets.size()));
  }
  /// What the peer reads until the end of the stream.
  std::string hear() const {
    std::string out;
    std::array<char, 4096> piece{};
    for (;;) {
      const ssize_t n = ::read(far.get(), piece.data(), piece.size());
      if (n <= 0) return out;
      out.append(piece.data(), static_cast<std::size_t>(n));
    }
  }
  Task<std::string> line(std::size_t limit) {
    const auto read = co_await stream->read_line(limit, soon());
    how = read.how;
    co_return std::string(read.text);
  }
  Task<bool> flush() {
    const auto sent = co_await stream->flush(soon());
    co_return sent.has_value();
  }

  Loop loop;
  std::optional<Stream> stream;
  UniqueFd far;
  Stream::Line how{};
};

BOOST_FIXTURE_TEST_SUITE(stream, Fixture)

BOOST_AUTO_TEST_CASE(lines_that_came_in_one_piece_are_read_one_by_one) {
  say("one\r\ntwo\nthr");

  BOOST_TEST(run_task(loop, line(100)) == "one");
  BOOST_TEST((how == Stream::Line::complete));
  BOOST_TEST(run_task(loop, line(100)) == "two");
  BOOST_TEST((how == Stream::Line::bare_lf));
  say("ee\r\n");
  BOOST_TEST(run_task(loop, line(100)) == "three");
}

BOOST_AUTO_TEST_CASE(a_line_over_the_limit_is_read_to_its_end_and_the_next_one_is_whole) {
  say(std::string(50, 'x'));
  say("\r\nnext\r\n");

  run_task(loop, line(10));
  BOOST_TEST((how == Stream::Line::too_long));
  BOOST_TEST(run_task(loop, line(10)) == "next");
}

BOOST_AUTO_TEST_CASE(a_flush_that_the_peer_does_not_take_at_once_sends_all_in_order) {
  std::string much;
  for (int i = 0; much.size() < (4U << 20); ++i) much += std::to_string(i) + " ";
  std::string heard;
  std::thread peer([&] { heard = hear(); });

  stream->write(much);
  const bool sent = run_task(loop, flush());
  stream.reset();
  peer.join();

  BOOST_TEST(sent);
  BOOST_TEST((heard == much));
}

BOOST_AUTO_TEST_CASE(what_is_flushed_at_the_end_arrives_before_the_end) {
  auto listening = listen_on({"127.0.0.1", 0}, 5, false);
  BOOST_REQUIRE(listening.has_value());
  const Endpoint own = local_endpoint(listening->get());
  auto client = run_task(loop, connect_to(loop, own, "", soon()));
  BOOST_REQUIRE(client.has_value());
  far.reset(::accept(listening->get(), nullptr, nullptr));
  stream.emplace(std::move(*client));
  struct Farewell {
    static Task<bool> say(Fixture& fixture) {
      fixture.stream->write("221 Bye\r\n");
      const auto sent = co_await fixture.stream->flush_and_end(fixture.soon());
      co_return sent.has_value();
    }
  };

  const bool sent = run_task(loop, Farewell::say(*this));
  stream.reset();

  BOOST_TEST(sent);
  BOOST_TEST(hear() == "221 Bye\r\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
