// field_value.h — a field's value in the form by which one field is told from another of its name,
// wherever a field is pointed at: it passes through logs and workers unchanged.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// Without line breaks and the blanks at both ends; other controls, tabs included, become '?'.
/// Doing it again changes nothing.
std::string plain_field_value(std::string_view value);

}  // namespace postern
