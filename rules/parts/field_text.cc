#include "rules/parts/field_text.h"

#include <ranges>

#include "gateway/base/bytes.h"
#include "rules/headers/encoded_text.h"

namespace postern {
namespace {

std::string unfolded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] != '\n' || at + 1 == value.size() || !is_blank(value[at + 1])) {
      out += value[at];
      continue;
    }
    while (at + 1 < value.size() && is_blank(value[at + 1])) ++at;
    out += ' ';
  }
  return std::string(trim(out));
}

}  // namespace

std::string field_text(const HeaderField& field) {
  return decode_field_text(unfolded(field.value), to_lower(field.name));
}

std::optional<std::string> last_field_text(const std::vector<HeaderField>& fields,
                                           std::string_view name) {
  for (const auto& field : std::views::reverse(fields)) {
    if (equals_ignoring_case(field.name, name)) return field_text(field);
  }
  return {};
}

}  // namespace postern
