#include "rules/evals/bounce_settings.h"

#include <array>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

void add_relays(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty()) {
    line.problem(line.rest, "the name of a relay is missing here");
    return;
  }
  auto& bounces = settings.bounces;
  for (const auto name : words(line.rest)) bounces.relays.add(name);
  bounces.any = true;
}

constexpr std::array directives = {
    SettingDirective{"welcomelist_bounce_relays", add_relays},
    SettingDirective{"whitelist_bounce_relays", add_relays},
};

}  // namespace

SettingTable bounce_directives() { return directives; }

}  // namespace postern
