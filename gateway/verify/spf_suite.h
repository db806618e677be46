// spf_suite.h — runs the conformance cases that SPF implementations share: JSON of scenarios, each
// with its zone and its questions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"

namespace postern {

struct SuiteLine {
  std::string id;
  std::string result;
  std::string explanation;  // "DEFAULT" for a fail that the domain does not explain
};

/// The answers to all questions of the file, in its order. An error where it is no such file.
Result<std::vector<SuiteLine>> run_spf_suite(std::string_view json);

}  // namespace postern
