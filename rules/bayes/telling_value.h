// telling_value.h — what of a header field's value says something about the next message too.
//
// Plugin/Bayes.pm, _pre_chew_*: addresses are taken apart, and what no two messages have in common
// goes: ids, dates, boundaries.
#pragma once

#include <string>
#include <string_view>

#include "rules/bayes/header_tokens.h"

namespace postern {

/// Linear in the value, but for the bounds of a regular expression (regex.h); where such a bound is
/// passed the value stays as it is.
std::string telling_value(const HeaderText& field, std::string_view lower_name, Matcher& matcher);

/// Compiles what telling_value() else compiles at its first call: loading rules calls it, since
/// where messages are scanned nothing may be compiled to native code.
void prepare_telling_values();

}  // namespace postern
