// control_fuzz.cc — any octets as a request to the desk, and as the file of standing orders.
#include <string>

#include "gateway/control/queue_request.h"
#include "gateway/control/standing_orders.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  const std::string_view text = as_text(data, size);
  if (const auto request = parse_queue_request(text)) {
    require(request->why.size() <= 500, "texts are bounded");
    require(request->why.find('\n') == std::string::npos, "texts are one line");
    require(request->filter.check().has_value(), "what is taken can be asked for");
    MessageSummary message;
    message.recipients = "one@example.org\ntwo@example.org\n";
    const bool matches = request->filter.matches(message, {}, {});
    require(!matches || request->filter.may_match(message, {}), "no message is lost beforehand");
    require(!request->filter.everything() || matches, "no filter means all");
  }
  if (const auto orders = read_orders(text)) {
    const std::string written = write_orders(*orders);
    const auto again = read_orders(written);
    require(again && write_orders(*again) == written, "orders survive being written");
  }
  return 0;
}
