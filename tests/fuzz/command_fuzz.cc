// command_fuzz.cc — whatever a client says, it gets one well-formed reply or a sane command.
#include "gateway/mail/command.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check_refusal(const Reply& refusal) {
  require(refusal.permanent() && refusal.enhanced.present(),
          "a refusal is 5yz with an enhanced code");
  const std::string wire = refusal.wire();
  require(wire.find("\r\n") == wire.size() - 2 || wire[3] == '-', "one reply");
  for (std::size_t i = 0; i + 2 < wire.size(); ++i) {
    if (wire[i] == '\n') require(wire.compare(i + 1, 3, wire, 0, 3) == 0, "each line has the code");
  }
}

void check_mail(std::string_view arguments) {
  const auto parsed = parse_mail(arguments);
  if (!parsed) return check_refusal(parsed.error());
  require(parsed->ret.empty() || parsed->ret == "FULL" || parsed->ret == "HDRS", "RET is known");
  require(parsed->envid.size() <= 100 && decode_xtext(parsed->envid).has_value(), "ENVID is xtext");
}

void check_rcpt(std::string_view arguments, bool utf8) {
  const auto parsed = parse_rcpt(arguments, utf8);
  if (!parsed) return check_refusal(parsed.error());
  require(!parsed->recipient.null(), "a recipient is somebody");
  require((parsed->notify & notify_never) == 0 || parsed->notify == notify_never,
          "NEVER stands alone");
  require(parsed->orcpt.find_first_of(" \t\r\n") == std::string::npos, "ORCPT has no blanks");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  const auto line = parse_command(input);
  require(is_inside(line.name, input) && is_inside(line.arguments, input), "pieces of the line");
  for (const auto arguments : {input, line.arguments}) {
    check_mail(arguments);
    check_rcpt(arguments, false);
    check_rcpt(arguments, true);
    if (const auto attributes = parse_xclient(arguments)) {
      require(!attributes->empty() && attributes->size() <= 32, "XCLIENT is bounded");
    }
  }
  return 0;
}
