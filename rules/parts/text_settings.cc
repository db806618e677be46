#include "rules/parts/text_settings.h"

#include <array>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

/// A signed decimal number of which the whole part counts; nothing below 0 limits anything.
std::optional<std::size_t> parse_size(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  if (fraction.find_first_not_of("0123456789") != std::string_view::npos) return {};
  const auto number = parse_number(text.substr(0, point));
  if (!number) return {};
  return negative ? 0 : static_cast<std::size_t>(*number);
}

void set_size(SettingLine& line, std::size_t& size) {
  if (const auto number = parse_size(line.rest)) {
    size = *number;
  } else {
    line.problem(line.rest, fmt::format("{} takes a number, 0 for no limit; \"{}\" is none",
                                        line.statement.key, printable(line.rest, 40)));
  }
}

constexpr std::array directives = {
    SettingDirective{"body_part_scan_size",
                     [](SettingLine& line, RuleSettings& settings) {
                       set_size(line, settings.text.body_part_scan_size);
                     }},
    SettingDirective{"rawbody_part_scan_size",
                     [](SettingLine& line, RuleSettings& settings) {
                       set_size(line, settings.text.rawbody_part_scan_size);
                     }},
    SettingDirective{"normalize_charset",
                     [](SettingLine& line, RuleSettings&) {
                       const auto word = to_lower(line.rest);
                       if (word == "1" || word == "yes") return;
                       if (word == "0" || word == "no") {
                         line.remark(line.rest, "has no effect: text is always read in UTF-8");
                       } else {
                         line.problem(line.rest, "normalize_charset takes 1 or 0");
                       }
                     }},
};

}  // namespace

SettingTable text_directives() { return directives; }

}  // namespace postern
