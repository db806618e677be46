// capture_template.h — patterns that one rule captures by (?<NAME>…) and others use as %{NAME}.
//
// SpamAssassin 4.0.1's named captures (Conf/Parser.pm, parse_captures; Plugin/Check.pm,
// capture_rules_replace). A rule whose template has no value in a message does not run.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// What was captured in one message: each name's values, each value once.
using Captures = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The NAMEs of %{NAME} in a pattern, each once: capitals, digits and '_', perhaps with (…) behind.
std::vector<std::string> template_names(std::string_view pattern);

/// Whether it has a group whose name starts with a capital.
bool has_captures(std::string_view pattern);
/// Whether a group of that name may be used as %{NAME}.
bool is_capture_name(std::string_view name);

/// The braces escaped, so that the pattern can be compiled without values.
std::string without_templates(std::string_view pattern);

/// Each %{NAME} as an alternation of its values, which all must have one.
std::string with_values(std::string_view pattern, const Captures& values);

}  // namespace postern
