// checksum_fuzz.cc — answers of dccifd and of Razor's client.
#include "filters/checksum_findings.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto answer = as_text(octets, size);
  if (const auto report = read_dcc_answer(answer)) {
    const auto same = checksum_reports({{"dcc", finding_of(*report)}}).dcc;
    require(same && same->body == report->body && same->reputation == report->reputation,
            "a finding tells the same");
  }
  if (const auto report = read_razor_answer(answer)) {
    const auto same = checksum_reports({{"razor", finding_of(*report)}}).razor;
    require(same && same->spam == report->spam && same->confidence == report->confidence,
            "a finding tells the same");
  }
  return 0;
}
