// diagnosis.h — what loading rule files has to say.
//
// Problems are errors: the line had no effect. Remarks are legal lines that probably do not do
// what their author meant, or have no effect in this engine.
#pragma once

#include <vector>

#include "gateway/base/config.h"

namespace postern {

struct Diagnosis {
  std::vector<Problem> problems;
  std::vector<Problem> remarks;
};

}  // namespace postern
