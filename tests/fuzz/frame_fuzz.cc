// frame_fuzz.cc — frames of the worker channel, in both directions (Z17).
//
// What a worker sends is read by the gateway as an attacker's; what the gateway sends is read by a
// worker. Whatever is accepted must come back the same when it is sent again.
#include <cmath>

#include "gateway/base/unique_fd.h"
#include "gateway/worker/answer.h"
#include "gateway/worker/digest_lookup.h"
#include "gateway/worker/frame.h"
#include "gateway/worker/lookup.h"
#include "gateway/worker/request.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check_frames(std::string_view input) {
  FrameReader whole(largest_answer);
  whole.feed(input);
  const auto at_once = whole.take();
  if (at_once && *at_once && whole.empty()) {
    const Frame& frame = **at_once;
    require(encode_frame(frame.header, frame.body) == input, "a frame comes back");
    FrameReader piecewise(largest_answer);
    for (std::size_t i = 0; i + 1 < input.size(); ++i) {
      piecewise.feed(input.substr(i, 1));
      const auto part = piecewise.take();
      require(part && !*part, "a frame is not complete before its end");
    }
    piecewise.feed(input.substr(input.size() - 1));
    const auto last = piecewise.take();
    require(last && *last && (**last).body == frame.body, "a frame is the same however it is cut");
  }
  if (const auto note = decode_ready(input)) {
    require(note->sandbox.find_first_of("\r\n") == std::string::npos, "a ready note is one line");
  }
}

void check_lookups(std::string_view input) {
  if (const auto lookup = decode_digest_lookup(input))
    require(encode_digest_lookup(*lookup) == input, "a lookup of a digest comes back");
  if (const auto counted = decode_digest_count(input))
    require(decode_digest_count(encode_digest_count(*counted)).has_value(), "counts come back");
  if (const auto lookup = decode_lookup(input))
    require(encode_lookup(*lookup) == input, "a lookup comes back");
  if (const auto found = decode_records(input)) {
    require(decode_records(encode_records(found->number, found->answer)).has_value(),
            "records that were accepted are accepted again");
  }
}

void check_answers(std::string_view input) {
  if (const auto opinion = decode_opinion(input)) {
    require(encode_opinion(*opinion) == input || opinion->reply.code == 0, "an opinion comes back");
    require(decode_opinion(encode_opinion(*opinion)).has_value(),
            "what was accepted is accepted again");
    require(!opinion->score || std::isfinite(*opinion->score), "a score is a number");
    for (const Change& change : opinion->changes) {
      require(change.name.find_first_of("\r\n:") == std::string::npos, "a name is a name");
      const auto line = change.value.find('\n');
      require(line == std::string::npos || change.value.find_first_of(" \t", line) == line + 1,
              "a value is one field");
    }
  }
  if (const auto failure = decode_failure(input)) {
    require(failure->what.find_first_of("\r\n") == std::string::npos, "a failure is one line");
  }
}

// A filter may say anything: what leaves its worker is always accepted.
void check_honest(std::string_view input) {
  const std::string text(input);
  Opinion opinion =
      refuse(Verdict::reject,
             reply(static_cast<std::uint16_t>(400 + input.size() % 300), {5, 7, 1}, text), text);
  opinion.findings.push_back({text, static_cast<double>(input.size()), text});
  opinion.changes.push_back({Change::Kind::add_field, text, text});
  opinion.changes.push_back({Change::Kind::add_field, "X-Field", text});
  opinion.changes.push_back({Change::Kind::redirect, text, text});
  require(decode_opinion(encode_opinion(opinion)).has_value(), "an honest answer is accepted");
  require(decode_failure(encode_failure({{}, text})).has_value(), "an honest failure is accepted");
}

void check_requests(std::string_view input) {
  const auto request = decode_request(input, UniqueFd());
  if (!request) return;
  const auto again = encode_request(request->filter, request->evidence, request->message);
  require(again && again->body == input, "a question comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  if (size > 64U << 10) return 0;  // larger ones travel beside the frame
  check_frames(input);
  check_lookups(input);
  check_answers(input);
  check_honest(input);
  check_requests(input);
  return 0;
}
