// content_parameters.h — a Content-Type field as Python's email package reads it (message.py,
// _parseparam; utils.py, decode_params).
//
// Pyzor's digest depends on what that package takes a part for, so its habits are kept: a type
// without exactly one '/' is text/plain, the first of two parameters of a name counts, a quote
// protects semicolons only. Linear.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// What stands before the first ';', lower case; "text/plain" where that is no type.
std::string python_content_type(std::string_view field);

/// Unquoted, pieces of RFC 2231 put together; nothing where the field has no such parameter. `name`
/// in lower case.
std::optional<std::string> python_parameter(std::string_view field, std::string_view name);

}  // namespace postern
