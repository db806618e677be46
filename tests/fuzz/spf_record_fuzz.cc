// spf_record_fuzz.cc — any octets may stand in an SPF record, and in what its macros expand to.
#include "filters/spf/check.h"
#include "filters/spf/macro.h"
#include "filters/spf/record.h"
#include "gateway/verify/answer.h"
#include "gateway/verify/zone.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

/// The record of the sender's domain, and of every name that it may lead to.
void evaluate(std::string_view input, const char* client) {
  ZoneResolver zone;
  for (const char* name : {"example.org", "a.example.org"})
    zone.add(name, RecordType::txt, {std::string(input), 0});
  zone.add("a.example.org", RecordType::a, {"192.0.2.1", 0});
  spf::Question question;
  question.client = *IpAddress::parse(client);
  question.sender = "bob@example.org";
  question.helo = std::string(input.substr(0, 64));
  const auto outcome = answer_at_once(spf::check(zone, std::move(question), SteadyTime::max()));
  for (const char c : outcome.explanation)
    require(c >= ' ' && c <= '~', "explanations are visible ASCII");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  evaluate(input, "192.0.2.1");
  evaluate(input, "2001:db8::1");
  if (!spf::valid_macros(input, spf::MacroPlace::explanation)) return 0;
  spf::MacroValues values;
  values.sender = "strong-bad@example.org";
  require(spf::expand_macros(input, values).size() <= spf::longest_expansion, "growth has an end");
  return 0;
}
