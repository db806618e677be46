// command_input.h — what commands on messages have in common: reading what they are given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/base/config.h"

namespace postern {

/// sysexits.h, and the codes of the command-line contract.
constexpr int no_input = 66;
constexpr int cannot_write = 73;
constexpr int bad_configuration = 78;

/// On standard error, one a line.
void print_problems(const std::vector<Problem>& problems);

/// "-" is standard input. Nothing where it cannot be read.
std::optional<std::string> read_file(const std::string& path);

/// A folder stands for every file in it, sorted, as in the tools that our users know.
std::vector<std::string> expand(const std::vector<std::string>& paths);

/// Beside the executable in the source tree's build, or where a package puts them.
std::vector<std::string> shipped_rules();

}  // namespace postern
