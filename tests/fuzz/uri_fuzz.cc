// uri_fuzz.cc — any text yields URIs within all limits, each form once, and the same ones again.
#include <set>
#include <string>

#include "rules/hosts/host_name.h"
#include "rules/uris/canonical_uri.h"
#include "rules/uris/text_uris.h"
#include "rules/uris/uri_detail.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

DomainSettings settings() {
  DomainSettings domains;
  for (const auto* top : {"com", "org", "uk"}) domains.boundaries.add_top(top);
  domains.boundaries.add_second_level("co.uk");
  domains.boundaries.add_third_level("a.b.uk");
  for (const auto* pattern : {"m'[?&]to=(.*?)(?:$|&)'i", "/^http:.*;(.*)$/"}) {
    auto compiled = Regex::compile(pattern);
    compiled->compile_native();
    domains.redirectors.push_back(std::make_shared<const Regex>(std::move(*compiled)));
  }
  return domains;
}

void check_location(const RegistryBoundaries& boundaries, std::string_view uri) {
  const auto location = boundaries.uri_to_domain(uri);
  if (!location) return;
  require(location->host.ends_with(location->domain), "a domain is the end of its host");
  require(is_ip_address(location->host) || is_fully_qualified(location->host),
          "a host is a name or an address");
}

void check_forms(std::string_view uri, UriText reading, const DomainSettings& domains,
                 Matcher& matcher) {
  const auto forms = canonical_forms(uri, reading, domains, matcher);
  require(!forms.empty() && forms.size() <= 65 * 12, "the number of forms");
  require(std::set<std::string>(forms.begin(), forms.end()).size() == forms.size(),
          "forms are distinct");
  for (const auto& form : forms) {
    require(form.size() <= 4 * uri.size() + 32, "a form's length");
    require(form.find_first_of("\r\n") == std::string::npos, "no line end in a form");
    check_location(domains.boundaries, form);
  }
  require(forms == canonical_forms(uri, reading, domains, matcher), "two runs agree");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  static const DomainSettings domains = settings();
  static Matcher matcher;
  const auto input = as_text(octets, size);
  if (input.size() > 16'384) return 0;

  TextUris found(domains.boundaries);
  found.add(input);
  for (const auto& uri : found.found()) {
    require(uri.uri.size() <= 3 * 2400, "the length of a URI in text");
    check_forms(uri.uri, UriText::octets, domains, matcher);
  }
  const auto link = input.substr(0, 8192);
  check_forms(link, UriText::octets, domains, matcher);
  check_forms(link, UriText::characters, domains, matcher);
  const auto split = domains.boundaries.split_domain(input);
  require(split.host.size() + split.domain.size() <= input.size(), "a name is split, not made");
  if (UriConditions conditions; conditions.add(input)) conditions.compile_native();
  return 0;
}
