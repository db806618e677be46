#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "rules/rules.h"

namespace postern {
namespace {

constexpr std::uintmax_t largest_file = 16 * 1024 * 1024;
constexpr std::size_t most_files = 10'000;

Result<std::string> read_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error || !std::filesystem::exists(status))
    return fail(std::errc::no_such_file_or_directory, path + ": no such file");
  if (!std::filesystem::is_regular_file(status))
    return fail(std::errc::invalid_argument, path + ": is no file");
  if (std::filesystem::file_size(path, error) > largest_file || error) {
    return fail(std::errc::file_too_large,
                fmt::format("{}: larger than {} MiB", path, largest_file / 1024 / 1024));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_errno(path);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) return fail_errno(path);
  return text;
}

/// The rule files of a folder: settings (*.pre) first, then *.cf, each in the order of names.
Result<std::vector<std::string>> files_of(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> first;
  std::vector<std::string> then;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto& path = entry->path();
    if (path.filename().string().starts_with('.')) continue;
    if (path.extension() == ".pre") first.push_back(path.string());
    if (path.extension() == ".cf") then.push_back(path.string());
    if (first.size() + then.size() > most_files) {
      return fail(std::errc::argument_list_too_long,
                  fmt::format("{}: more than {} rule files", folder, most_files));
    }
  }
  if (error) return fail(std::errc::io_error, folder + ": " + error.message());
  std::ranges::sort(first);
  std::ranges::sort(then);
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : score_set_(options.score_set) {
    parse_.locale = options.locale;
    parse_.facts.local_only = (options.score_set & 1U) == 0;
  }

  void path(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) return file(path);
    const auto files = files_of(path);
    if (!files) return problem(path, files.error());
    if (files->empty())
      diagnosis_.remarks.push_back({path + ":1:1", "no rule file (*.cf) is in this folder"});
    for (const auto& name : *files) file(name);
  }

  void text(std::string text, const std::string& name, const ReadIncluded& read) {
    parse_rules(std::move(text), name, read, parse_, definitions_, diagnosis_);
  }

  LoadedRules finish() {
    auto rules = compile_rules(std::move(definitions_), score_set_, diagnosis_);
    return {std::move(rules), std::move(diagnosis_.problems), std::move(diagnosis_.remarks),
            std::move(files_)};
  }

 private:
  void problem(const std::string& path, const Error& error) {
    diagnosis_.problems.push_back({path + ":1:1", error.what});
  }

  void file(const std::string& path) {
    auto content = read_file(path);
    if (!content) return problem(path, content.error());
    files_.push_back(path);
    text(*std::move(content), path, [this](const std::string& included) {
      auto read = read_file(included);
      if (read) files_.push_back(included);
      return read;
    });
  }

  unsigned score_set_;
  ParseOptions parse_;
  Definitions definitions_;
  Diagnosis diagnosis_;
  std::vector<std::string> files_;
};

}  // namespace

LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options) {
  Loader loader(options);
  for (const auto& path : paths) loader.path(path);
  return loader.finish();
}

LoadedRules load_rules_text(std::string_view text, const std::string& name,
                            const LoadOptions& options) {
  Loader loader(options);
  const ReadIncluded refuse = [](const std::string& path) -> Result<std::string> {
    return fail(std::errc::no_such_file_or_directory, path + ": files cannot be included here");
  };
  loader.text(std::string(text), name, refuse);
  return loader.finish();
}

}  // namespace postern
