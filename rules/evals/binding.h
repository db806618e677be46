// binding.h — common ways to bind a call: no arguments, a range of numbers, Perl's idea of a
// number.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "rules/evals/eval.h"

namespace postern {

/// What SpamAssassin takes, though it cannot hit.
inline std::unexpected<UnboundCall> never_hits(std::string reason) {
  return std::unexpected(UnboundCall(std::move(reason), true));
}

/// A function without arguments; more are ignored, as SpamAssassin ignores them.
template <double (*function)(ScannedMessage&)>
BindResult bind_plain(const EvalArguments&, const RuleSettings&) {
  return BoundEval(function);
}

/// The number that a text begins with, 0 for one that begins with none.
double perl_number(std::string_view text);

/// From a number up to, but not including, another; either may be left open by 'undef'.
struct OpenRange {
  std::optional<double> least;
  std::optional<double> below;

  bool holds(double value) const {
    return (!least || value >= *least) && (!below || value < *below);
  }
};

/// Of two arguments, a missing one being open.
OpenRange open_range(const EvalArguments& arguments);

}  // namespace postern
