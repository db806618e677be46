// eval.h — the functions that rules call: `header NAME eval:function(arguments)`.
//
// One file a plugin of SpamAssassin offers a table; eval_table.cc puts the tables together. A call
// is bound once, at load, when all settings are known: arguments are checked and regular
// expressions compiled there. What comes out is const and shared by all who scan. A function sees
// the message only through ScannedMessage, does no I/O, and returns the value that metas see;
// 0 = no hit.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/message/scanned_message.h"

namespace postern {

/// As written between the brackets, quotes taken off; SpamAssassin hands all of them as strings.
using EvalArguments = std::vector<std::string>;

using BoundEval = std::function<double(ScannedMessage& message)>;

/// Why a call cannot be bound: what is wrong with its arguments, and how to put it right.
struct UnboundCall {
  std::string what;
  /// SpamAssassin takes the rule and says nothing, or warns while it scans: the rule never hits.
  bool legal = false;

  UnboundCall(std::string reason, bool is_legal = false)
      : what(std::move(reason)), legal(is_legal) {}
  UnboundCall(const char* reason) : what(reason) {}
};

using BindResult = std::expected<BoundEval, UnboundCall>;

struct EvalFunction {
  std::string_view name;
  BindResult (*bind)(const EvalArguments& arguments, const RuleSettings& settings);
  bool network = false;  // asks others: not run in local mode
  /// For rawbody rules, where a function weighs the text that its kind of rule sees.
  BindResult (*bind_rawbody)(const EvalArguments& arguments,
                             const RuleSettings& settings) = nullptr;
};

using EvalTable = std::span<const EvalFunction>;

/// nullptr for a name that no table has.
const EvalFunction* find_eval(std::string_view name);
std::vector<std::string> eval_names();

}  // namespace postern
