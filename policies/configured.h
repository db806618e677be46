// configured.h — a value of the configuration together with the place where it was written.
//
// Maps are opened after all keys are read; what is wrong with them is still reported with the
// line of the key that named them.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/config.h"

namespace postern {

struct ConfiguredList {
  std::vector<std::string> entries;
  std::string where;  // "file:line:column", or the key's name in tests
};

struct ConfiguredText {
  std::string text;
  std::string where;
};

}  // namespace postern
