#include "gateway/command_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace postern {

void print_problems(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems)
    fmt::print(stderr, "{}: {}\n", problem.where, problem.what);
}

namespace {

std::string rest_of(std::istream& in) {
  std::string text;
  std::array<char, 16 * 1024> piece;
  do {
    in.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  } while (in);
  return text;
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  if (path == "-") return rest_of(std::cin);
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return rest_of(file);
}

std::vector<std::string> expand(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    const auto first = static_cast<std::ptrdiff_t>(files.size());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
    std::sort(files.begin() + first, files.end());
  }
  return files;
}

std::vector<std::string> shipped_rules() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& place :
       {self / "../../rules/sets", std::filesystem::path("/usr/share/postern/rules")}) {
    if (std::filesystem::is_directory(place, error)) return {place.lexically_normal().string()};
  }
  return {};
}

}  // namespace postern
