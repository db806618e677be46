// evals_fuzz.cc — every eval function that needs no arguments answers for any message; dates and
// addresses in any text are within it.
#include <array>
#include <optional>

#include "rules/evals/eval.h"
#include "rules/evals/mail_addresses.h"
#include "rules/evals/mail_date.h"
#include "rules/settings.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

struct Functions {
  RuleSettings settings;
  std::vector<BoundEval> bound;

  Functions() {
    for (const auto* const top : {"com", "org", "example"})
      settings.domains.boundaries.add_top(top);
    settings.freemail.domains.insert("free.example");
    settings.lists.addresses["blocklist_from"].add("*@b?d.*");
    settings.lists.paired["welcomelist_from_rcvd"].add("*@*.example", "[192.0.2.0]/24");
    settings.lists.subjects["blocklist_subject"].emplace_back("*a?b*c*");
    for (const auto& name : eval_names()) {
      if (auto call = find_eval(name)->bind({}, settings)) bound.push_back(*std::move(call));
    }
  }
};

void check_addresses(std::string_view text, const RegistryBoundaries& boundaries) {
  require(without_address_links(text).size() <= text.size(), "a link becomes a blank");
  require(without_quoted_addresses(text, boundaries).size() <= text.size(), "blanks are short");
  std::size_t done = 0;
  for (auto found = find_address(text, 0, boundaries); found;
       found = find_address(text, done, boundaries)) {
    require(found->from >= done && found->from < found->to && found->to <= text.size(),
            "addresses follow each other");
    done = found->to;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Functions functions;
  const auto input = as_text(data, size);
  if (const auto time = parse_mail_date(input)) {
    require(*time >= 0 && *time < 2'146'000'000, "years end with 2037");
  }
  require(date_in_received(input).size() <= input.size(), "a date lies within its field");
  check_addresses(input, functions.settings.domains.boundaries);

  Matcher matcher;
  const ScanInput scanned{.octets = input};
  ScannedMessage message(scanned, functions.settings, matcher);
  for (const auto& call : functions.bound) call(message);
  return 0;
}
