#include "rules/html/attributes.h"

#include "gateway/base/bytes.h"
#include "rules/html/entities.h"

namespace postern {

HtmlString Attributes::value_of(const HtmlAttribute& attribute) const {
  HtmlString value{{}, source_unicode_};
  if (attribute.has_references) {
    value.unicode |= append_decoded(attribute.value, ReferencesIn::attribute, value.text);
  } else {
    value.text = attribute.value;
  }
  return value;
}

std::optional<HtmlString> Attributes::find(std::string_view name) const {
  for (const auto& attribute : written_) {
    if (equals_ignoring_case(attribute.name, name)) return value_of(attribute);
  }
  return std::nullopt;
}

}  // namespace postern
