// line.h — one directive on its way through its handler.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "rules/base/statement.h"
#include "rules/language/definition.h"

namespace postern {

struct Line {
  const Statement& statement;
  Definitions& definitions;
  Diagnosis& diagnosis;
  std::string_view rest;  // what is still to be read of the arguments; trimmed

  void problem(std::string_view piece, std::string what) {
    diagnosis.problems.push_back(statement.problem(piece, std::move(what)));
  }
  void problem_at(std::string_view piece, const SyntaxError& error) {
    problem(piece.substr(std::min(error.at, piece.size())), error.what);
  }
  void remark(std::string_view piece, std::string what) {
    diagnosis.remarks.push_back(statement.problem(piece, std::move(what)));
  }
  /// What is left of the line, or its key where nothing is: the place of what is missing.
  std::string_view rest_or_key() const { return rest.empty() ? statement.written : rest; }

  /// Takes the rule's name off the rest; "" after a problem was noted.
  std::string_view name();
  /// Limit: 100,000 rules.
  void define(std::string_view name, Definition definition);
};

using Handler = void (*)(Line&);
struct Directive {
  std::string_view key;
  Handler handler;
};

std::span<const Directive> rule_directives();  // header, body, meta, …: what makes a rule
std::span<const Directive> shortcircuit_directives();
std::span<const Directive> name_directives();  // score, tflags, …: what is said of a name

}  // namespace postern
