#include "rules/network/checksum_settings.h"

#include <array>
#include <charconv>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

template <bool ChecksumSettings::* member>
void set_flag(SettingLine& line, RuleSettings& settings) {
  const auto value = to_lower(line.rest);
  const bool on = value == "1" || value == "yes";
  if (!on && value != "0" && value != "no")
    return line.problem(line.rest.empty() ? line.statement.written : line.rest,
                        line.statement.key + " is 1 or 0");
  settings.lookups.checksums.*member = on;
}

template <double ChecksumSettings::* member>
void set_number(SettingLine& line, RuleSettings& settings) {
  double value = 0;
  const auto* const end = line.rest.data() + line.rest.size();
  const auto read = std::from_chars(line.rest.data(), end, value, std::chars_format::fixed);
  if (line.rest.empty() || read.ec != std::errc{} || read.ptr != end)
    return line.problem(line.rest.empty() ? line.statement.written : line.rest,
                        line.statement.key + " is a number");
  settings.lookups.checksums.*member = value;
}

using C = ChecksumSettings;
constexpr std::array directives{
    SettingDirective{"use_pyzor", set_flag<&C::use_pyzor>},
    SettingDirective{"pyzor_count_min", set_number<&C::pyzor_count>},
    SettingDirective{"pyzor_max", set_number<&C::pyzor_count>},
    SettingDirective{"pyzor_welcomelist_min", set_number<&C::pyzor_welcome>},
    SettingDirective{"pyzor_whitelist_min", set_number<&C::pyzor_welcome>},
    SettingDirective{"pyzor_welcomelist_factor", set_number<&C::pyzor_welcome_factor>},
    SettingDirective{"pyzor_whitelist_factor", set_number<&C::pyzor_welcome_factor>},
    SettingDirective{"use_dcc", set_flag<&C::use_dcc>},
    SettingDirective{"use_dcc_rep", set_flag<&C::use_dcc_reputation>},
    SettingDirective{"dcc_body_max", set_number<&C::dcc_body>},
    SettingDirective{"dcc_fuz1_max", set_number<&C::dcc_fuz1>},
    SettingDirective{"dcc_fuz2_max", set_number<&C::dcc_fuz2>},
    SettingDirective{"dcc_rep_percent", set_number<&C::dcc_reputation>},
    SettingDirective{"use_razor2", set_flag<&C::use_razor>},
};

}  // namespace

SettingTable checksum_directives() { return directives; }

}  // namespace postern
