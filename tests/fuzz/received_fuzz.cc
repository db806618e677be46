// received_fuzz.cc — any octets may stand in Received, address and network texts.
#include <algorithm>

#include "rules/headers/address_list.h"
#include "rules/headers/encoded_text.h"
#include "rules/headers/network_set.h"
#include "rules/headers/relays.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

constexpr std::size_t longest_value = 8192;

std::vector<std::string_view> fields_of(std::string_view input) {
  std::vector<std::string_view> out;
  while (!input.empty() && out.size() < 8) {
    const auto line = input.substr(0, input.find('\n'));
    out.push_back(line.substr(0, longest_value));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
  }
  return out;
}

void check_relays(std::string_view input) {
  auto received = fields_of(input);
  std::vector<std::string_view> originating;
  if (received.size() > 2) {
    originating.push_back(received.back());
    received.pop_back();
  }
  const Relays relays(received, originating, NetworkSettings());
  const auto fields = received.size() + originating.size();
  require(relays.trusted().size() + relays.untrusted().size() <= fields, "a hop a field at most");
  require(relays.internal().size() + relays.external().size() <= fields, "… on either side");
  require(relays.last_trusted_field() < static_cast<int>(fields), "the border lies in the fields");
  for (const auto* const side : {&relays.trusted(), &relays.untrusted()}) {
    for (const auto& relay : *side) {
      require(relay.field < fields, "a hop knows its field");
      for (const auto* const text : {&relay.ip, &relay.rdns, &relay.helo, &relay.by, &relay.ident})
        require(text->find_first_of(" \t\r\n[]()<>|#") == std::string::npos,
                "nothing can break out of its place");
    }
    const auto shown = Relays::text_of(*side);
    require(shown.empty() == side->empty(), "hops are shown");
  }
}

void check_addresses(std::string_view input) {
  for (const auto& entry : parse_address_list(input)) {
    require(!entry.address || entry.address->find('@') != std::string::npos,
            "an address has an '@'");
  }
}

void check_networks(std::string_view input) {
  NetworkSet set;
  const auto wrong = set.add(input);
  const auto ip = parse_ip(input);
  if (ip && !wrong) require(set.contains(input), "an address is in its own network");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  check_relays(input);
  check_addresses(input);
  check_networks(input);
  decode_field_text(input.substr(0, longest_value), "subject");
  return 0;
}
