// check_report.h — what `postern rules check` and `postern rules test` print.
//
// As text one line a finding, "file:line:column: problem|remark|test: what", so that editors jump
// there; files in the order they were read come first and a summary last. As JSON one object:
// {"files":[…],"problems":[{"where":…,"what":…}…],"remarks":[…],"tests":[{"where","rule",
// "expected","outcome","why"}…],"rules":{"run":…,"scored_zero":…,"left_out":…}}.
#pragma once

#include <string>
#include <vector>

#include "rules/authoring/samples.h"
#include "rules/rules.h"

namespace postern {

struct CheckReport {
  LoadedRules loaded;  // the remarks of lint_rules() among its own
  std::vector<SampleResult> samples;

  bool has_failed_samples() const;
  std::string text() const;
  std::string samples_text() const;  // only the tests
  std::string json() const;
};

/// Judges rules that were loaded.
CheckReport check_rules(LoadedRules loaded);

}  // namespace postern
