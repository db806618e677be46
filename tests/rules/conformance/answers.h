// answers.h — what our own rules/ says where a conformance case asks; README.md has the questions.
#pragma once

#include <string>
#include <vector>

#include "tests/rules/conformance/case_file.h"

namespace postern {

/// Throws where there is no such question.
std::vector<std::string> answers_to(const ConformanceCheck& check);

}  // namespace postern
