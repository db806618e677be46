// dns_fuzz.cc — answers of the DNS: whatever comes, what is believed is well-formed and bounded.
//
// The first octet chooses the type asked for, the rest is the packet.
#include <array>

#include "gateway/net/dns_message.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

bool plain(std::string_view name) {
  for (const char c : name) {
    if (c <= ' ' || c >= 0x7f || c == '\\') return false;
  }
  return name.size() <= 253;
}

void check_records(const DnsAnswer& answer, RecordType type) {
  require(answer.records.size() <= 512, "at most 512 records");
  for (const auto& record : answer.records) {
    if (type == RecordType::txt) {
      require(record.text.size() <= 16384, "a text is bounded");
    } else {
      require(plain(record.text), "an address or a name is plain and short");
    }
  }
  if (type != RecordType::mx) return;
  for (std::size_t i = 1; i < answer.records.size(); ++i) {
    require(answer.records[i - 1].preference <= answer.records[i].preference,
            "exchangers are sorted");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  constexpr std::array types{RecordType::a,  RecordType::cname, RecordType::ptr,
                             RecordType::mx, RecordType::txt,   RecordType::aaaa};
  if (size == 0) return 0;
  const RecordType type = types[octets[0] % types.size()];
  const auto [answer, alias] =
      decode_dns_answer(as_text(octets + 1, size - 1), "example.org", type);

  require((answer.status == DnsStatus::found) == !answer.records.empty(), "found means records");
  require((answer.status == DnsStatus::failed) == !answer.error.empty(), "a failure says why");
  require(answer.ttl <= INT32_MAX, "the ttl is one");
  require(alias.empty() || answer.status == DnsStatus::no_records, "an alias is an open end");
  require(plain(alias) && (alias.empty() || question_name(alias) == alias),
          "an alias can be asked for");
  check_records(answer, type);

  const auto name = question_name(as_text(octets, size));
  require(!name || (plain(*name) && question_name(*name) == name),
          "a question name is one for good");
  return 0;
}
