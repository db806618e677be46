// render_fuzz.cc — any octets are rendered: within all limits, text in UTF-8, without a line end
// inside a paragraph.
#include <set>
#include <string>

#include "gateway/mail/address.h"
#include "gateway/mail/header.h"
#include "rules/headers/address_list.h"
#include "rules/headers/header_value.h"
#include "rules/parts/render.h"
#include "rules/rules.h"
#include "rules/settings.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check_rendering(std::string_view input) {
  const auto rendering = render(input, "subject");
  require(!rendering.body.empty() && rendering.body[0] == "subject\n", "the subject comes first");
  for (const auto& paragraph : rendering.body) {
    require(!paragraph.empty() && paragraph.size() <= 2048, "the length of a paragraph");
    require(paragraph.find('\n') >= paragraph.size() - 1, "a line end only at the end");
  }
  for (const auto& piece : rendering.rawbody)
    require(!piece.empty() && piece.size() <= 4096, "the length of a piece");
  const std::set<std::string> distinct(rendering.uris.begin(), rendering.uris.end());
  require(distinct.size() == rendering.uris.size() && distinct.size() <= 8192,
          "addresses are distinct");
}

void check_headers(std::string_view input) {
  const auto message = split_message(input);
  const RuleSettings settings;
  HeaderValues values({.fields = message.fields,
                       .header = message.header,
                       .crlf = true,
                       .envelope_from = {},
                       .networks = settings.networks,
                       .boundaries = settings.domains.boundaries});
  for (const auto source : {"ALL", "ALL:raw", "Subject", "Subject:raw", "From:addr", "From:name",
                            "ToCc", "MESSAGEID", "EnvelopeFrom"}) {
    const auto& value = values.get(*parse_header_source(source));
    require(!value || value->size() <= 65536 + 2000 * 3 * 8200, "the length of a value");
    require(!value || std::string_view(source) != "Subject" || valid_utf8(*value),
            "a decoded value is UTF-8");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  check_rendering(input);
  check_headers(input);
  require(parse_address_list(input).size() <= 1000, "the number of addresses");

  static const auto rules = load_rules_text(
      "body A /./\nuri B /./\nrawbody C /./\nfull D /./\nheader E ALL =~ /./\n", "f.cf");
  static ScanScratch scratch;
  const auto line = scan_line("m", scan(*rules.rules, {.octets = input}, scratch));
  require(line == scan_line("m", scan(*rules.rules, {.octets = input}, scratch)),
          "two scans agree");
  return 0;
}
