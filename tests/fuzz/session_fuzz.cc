// session_fuzz.cc — octets to an SMTP session: the same replies whole and in pieces, never more
// stored than acknowledged, and no state that outlives its transaction.
#include <algorithm>
#include <string>

#include "gateway/base/log.h"
#include "tests/fuzz/fuzz.h"
#include "tests/session/session_fixture.h"

namespace {

struct Outcome {
  std::string replies;
  std::size_t stored;
};

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

Outcome talk(std::string_view octets, std::size_t piece) {
  postern::test::SessionFixture session;
  session.smtpd.message_size_limit = 4096;
  session.smtpd.smtpd_forbid_unauth_pipelining = false;  // pieces must not make a difference
  session.begin();
  std::string replies;
  for (std::size_t at = 0; at < octets.size() && !session.ended(); at += piece) {
    replies += session.say(octets.substr(at, piece));
  }
  return {std::move(replies), session.spool.messages.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool quiet = [] {
    postern::set_log_level(postern::Level::error);
    return true;
  }();
  static_cast<void>(quiet);
  const std::string_view octets = postern::as_text(data, std::min<std::size_t>(size, 2048));
  const Outcome whole = talk(octets, octets.size() + 1);
  const Outcome pieces = talk(octets, 5);
  postern::require(whole.stored == count(whole.replies, "queued as"),
                   "what is stored was acknowledged, and the reverse");
  postern::require(whole.stored == pieces.stored, "pieces store the same");
  postern::require(
      std::ranges::count(whole.replies, '\n') == std::ranges::count(pieces.replies, '\n'),
      "pieces are answered alike");
  return 0;
}
