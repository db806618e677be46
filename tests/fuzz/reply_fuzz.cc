// reply_fuzz.cc — what a server says is read within bounds; what we say is always a reply.
#include "gateway/base/bytes.h"
#include "gateway/mail/reply.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

/// Checks our form of a reply, and gives what our reader makes of it.
Reply check_wire(const Reply& sent) {
  const std::string wire = sent.wire();
  require(wire.ends_with("\r\n"), "ends with CRLF");
  ReplyReader reader;
  auto state = ReplyReader::State::more;
  std::string_view rest = wire;
  for (unsigned lines = 0; !rest.empty(); ++lines) {
    require(state == ReplyReader::State::more, "only the last line ends the reply");
    const auto end = rest.find("\r\n");
    require(end <= 510, "a line has at most 512 octets");
    for (const char c : rest.substr(0, end)) {
      require(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f),
              "no control is sent");
    }
    if (lines >= 100) return sent;  // our reader stops here; a long text of ours may be longer
    state = reader.feed(rest.substr(0, end));
    rest.remove_prefix(end + 2);
  }
  require(state == ReplyReader::State::complete, "the reply is complete");
  return reader.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  check_wire(reply(550, {5, 7, 1}, std::string(input)));
  require(reply(250, {}, std::string(input)).line().find_first_of("\r\n") == std::string::npos,
          "one line");

  ReplyReader reader;
  for (const auto line : split(input, '\n')) {
    const auto state = reader.feed(line);
    if (state == ReplyReader::State::malformed) break;
    if (state != ReplyReader::State::complete) continue;
    const Reply got = reader.take();
    require(got.code >= 200 && got.code <= 599, "a code of the protocol");
    require(!got.enhanced.present() || got.enhanced.klass == got.code / 100, "classes agree");
    const Reply again = check_wire(got);
    require(again.code == got.code && again.enhanced == got.enhanced, "codes come back");
  }
  if (const auto code = parse_enhanced(input)) {
    require(parse_enhanced(code->text()) == code, "an enhanced code comes back");
  }
  return 0;
}
