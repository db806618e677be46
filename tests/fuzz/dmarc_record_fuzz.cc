// dmarc_record_fuzz.cc — any octets may stand in a DMARC record and in the From field.
#include "filters/dmarc/evaluate.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  if (const auto record = dmarc::parse_record(input))
    require(record->percent <= 100, "no more than all messages");
  dmarc::is_record(input);
  static const dmarc::Organizations organizations;
  const auto message = split_message(input);
  for (const auto& author : dmarc::author_domains(message)) {
    const auto domain = organizations.domain_of(author);
    require(domain.empty() || domain == organizations.domain_of(domain),
            "an organisation's domain is its own");
  }
  return 0;
}
