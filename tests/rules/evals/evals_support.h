// evals_support.h — a directive applied, and an eval function asked about a message, in one line.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gateway/base/bytes.h"
#include "rules/evals/eval.h"
#include "rules/settings.h"

namespace postern {

/// What applying "key arguments" says; the line's key is looked up in `table`.
inline Diagnosis apply(SettingTable table, std::string_view text, RuleSettings& settings) {
  Diagnosis diagnosis;
  auto rest = text;
  const auto written = take_word(rest);
  const Statement statement{.file = "test.cf",
                            .line = 1,
                            .text = text,
                            .key = to_lower(written),
                            .written = written,
                            .arguments = trim(rest)};
  SettingLine line{statement, statement.arguments, diagnosis};
  for (const auto& directive : table) {
    if (directive.key == statement.key) {
      directive.apply(line, settings);
      return diagnosis;
    }
  }
  throw std::invalid_argument("no directive " + std::string(written));
}

/// Header lines, and a short body.
inline std::string mail(std::initializer_list<std::string_view> lines,
                        std::string_view body = "Some words.\n") {
  std::string out;
  for (const auto line : lines) out.append(line) += '\n';
  return out.append("\n").append(body);
}

/// A hop to us from a host outside.
inline constexpr std::string_view arrival =
    "Received: from mail.example.com (mail.example.com [93.184.216.34]) by mx.example.org "
    "(Postfix) with ESMTP id 4A1; Wed, 25 Nov 2015 01:00:00 +0000";

inline double evaluate(std::string_view function, const EvalArguments& arguments,
                       std::string_view message, const RuleSettings& settings = {},
                       const ScanInput& about = {}) {
  const auto* found = find_eval(function);
  if (found == nullptr) throw std::invalid_argument("no function " + std::string(function));
  const auto bound = found->bind(arguments, settings);
  if (!bound) throw std::invalid_argument(bound.error().what);
  ScanInput input = about;
  input.octets = message;
  Matcher matcher;
  ScannedMessage scanned(input, settings, matcher);
  return (*bound)(scanned);
}

}  // namespace postern
