// eval_call.h — "function('argument', 2)" of an eval rule, read as Conf/Parser.pm's
// pack_eval_args reads it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/syntax_error.h"

namespace postern {

struct EvalCall {
  std::string function;
  std::vector<std::string> arguments;  // quotes taken off
};

/// Arguments are quoted, or bare numbers, addresses and words of letters, digits, '.', ':', '-'.
std::expected<EvalCall, SyntaxError> parse_eval_call(std::string_view written);

}  // namespace postern
