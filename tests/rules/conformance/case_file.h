// case_file.h — cases whose answers SpamAssassin gave, read from a *.cases file; README.md has the
// format.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace postern {

struct ConformanceCheck {
  std::size_t line = 0;  // of the question or row, from 1
  std::string name;      // the case's, and the row where it has rows
  std::string settings;  // of rule files
  std::string message;
  std::string question;
  std::string row;                   // what stands in the message for "{}"
  std::vector<std::string> answers;  // SpamAssassin's
};

/// Throws where the file cannot be read or understood.
std::vector<ConformanceCheck> read_cases(const std::string& path);

}  // namespace postern
