// parser.h — rule files to definitions: lines, comments, conditions, includes.
//
// Does no I/O: what `include` names is asked of the caller. A bad line costs itself and is named
// with file, line and column; the rest still loads. Conditions are answered from
// `definitions.facts`. Directives are in directives.cc.
#pragma once

#include <functional>
#include <string>

#include "gateway/base/result.h"
#include "rules/language/definition.h"

namespace postern {

struct ParseOptions {
  std::string locale = "en_US";  // `lang xx …` lines count where it starts with xx
  /// Where given, it is asked about each directive before that one is applied: false leaves it out.
  std::function<bool(const Statement& statement)> admits = {};
};

/// The text of an included file; `name` is as written where it is absolute, else relative to the
/// folder of the file with the include line.
using ReadIncluded = std::function<Result<std::string>(const std::string& name)>;

/// Limits: conditions 100 deep, includes 10 deep and 1000 in all, lines of 512 KiB; after 10,000
/// problems or remarks no more are kept.
void parse_rules(std::string text, const std::string& name, const ReadIncluded& read,
                 const ParseOptions& options, Definitions& definitions, Diagnosis& diagnosis);

}  // namespace postern
