// setting.h — a directive that sets something and defines no rule.
//
// Each folder keeps the settings that it uses in a struct of its own and offers a table of the
// directives that fill it; settings.h puts the structs together, language/ looks the keys up.
// Directives are applied in the order of the files: later lines win or add, as SpamAssassin has it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rules/base/diagnosis.h"
#include "rules/base/statement.h"

namespace postern {

struct RuleSettings;

/// The arguments of one line on their way through a directive.
struct SettingLine {
  const Statement& statement;
  std::string_view rest;  // what is still to be read of the arguments; trimmed
  Diagnosis& diagnosis;

  /// The line had no effect. `piece` lies within the statement's text.
  void problem(std::string_view piece, std::string what) {
    diagnosis.problems.push_back(statement.problem(piece, std::move(what)));
  }
  void remark(std::string_view piece, std::string what) {
    diagnosis.remarks.push_back(statement.problem(piece, std::move(what)));
  }
};

struct SettingDirective {
  std::string_view key;  // lower case, '_' for '-'
  void (*apply)(SettingLine& line, RuleSettings& settings);
};

using SettingTable = std::span<const SettingDirective>;

}  // namespace postern
