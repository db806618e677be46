#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/engine/preferences.h"
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
  const auto size = std::filesystem::file_size(path, error);
  if (size > largest_file || error) {
    return fail(std::errc::file_too_large,
                fmt::format("{}: larger than {} MiB", path, largest_file / 1024 / 1024));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_errno(path);
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (in.bad()) return fail_errno(path);
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

struct RuleFiles {
  std::vector<std::string> settings;  // *.pre
  std::vector<std::string> rules;     // *.cf
};

/// The rule files of a folder, in the order of their names; sa-update's main channel comes first.
Result<RuleFiles> files_of(const std::string& folder) {
  constexpr std::string_view main_channel = "updates_spamassassin_org.cf";
  std::error_code error;
  RuleFiles out;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto& path = entry->path();
    if (path.filename().string().starts_with('.')) continue;
    if (path.extension() == ".pre") out.settings.push_back(path.string());
    if (path.extension() == ".cf") out.rules.push_back(path.string());
    if (out.settings.size() + out.rules.size() > most_files) {
      return fail(std::errc::argument_list_too_long,
                  fmt::format("{}: more than {} rule files", folder, most_files));
    }
  }
  if (error) return fail(std::errc::io_error, folder + ": " + error.message());
  std::ranges::sort(out.settings);
  std::ranges::sort(out.rules, {}, [&](const std::string& path) {
    return std::pair(!path.ends_with(main_channel), path);
  });
  return out;
}

bool is_named(const std::string& path, std::string_view name) {
  return std::filesystem::path(path).filename() == name;
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options)
      : score_set_(options.score_set), required_score_(options.required_score) {
    parse_.locale = options.locale;
    definitions_.facts.local_only = (options.score_set & 1U) == 0;
  }

  void paths(const std::vector<std::string>& paths) {
    std::vector<std::string> rules;
    for (const auto& path : paths) {
      std::error_code error;
      if (!std::filesystem::is_directory(path, error)) {
        rules.push_back(path);
        continue;
      }
      const auto files = files_of(path);
      if (!files) {
        problem(path, files.error());
        continue;
      }
      if (files->settings.empty() && files->rules.empty())
        diagnosis_.remarks.push_back({path + ":1:1", "no rule file (*.cf) is in this folder"});
      for (const auto& name : files->settings) file(name);
      rules.insert(rules.end(), files->rules.begin(), files->rules.end());
    }
    for (const auto& name : rules) file(name);
    remark_on_missing_scores();
  }

  void text(std::string text, const std::string& name, const ReadIncluded& read) {
    parse_rules(std::move(text), name, read, parse_, definitions_, diagnosis_);
  }

  LoadedRules finish() {
    load_languages();
    if (required_score_ > 0) definitions_.settings.report.required_score = required_score_;
    auto rules = compile_rules(std::move(definitions_), score_set_, diagnosis_);
    return {std::move(rules), std::move(diagnosis_.problems), std::move(diagnosis_.remarks),
            std::move(files_)};
  }

 private:
  /// TextCat's file lies beside the rules, or with those of an installed SpamAssassin.
  void load_languages() {
    if (!definitions_.facts.loaded.contains("TextCat")) return;
    std::vector<std::string> folders;
    for (const auto& path : files_)
      folders.push_back(std::filesystem::path(path).parent_path().string());
    std::ranges::copy(spamassassin_folders(), std::back_inserter(folders));
    for (const auto& folder : folders) {
      const auto path = (std::filesystem::path(folder) / "languages").string();
      std::error_code error;
      if (!std::filesystem::is_regular_file(path, error)) continue;
      auto text = read_file(path);
      if (!text) return problem(path, text.error());
      definitions_.settings.languages.models =
          std::make_shared<const LanguageModels>(LanguageModels::parse(*text));
      return;
    }
    diagnosis_.remarks.push_back(
        {(files_.empty() ? std::string("rules") : files_.front()) + ":1:1",
         "TextCat is loaded, and no file `languages` is beside the rules: no language is guessed"});
  }

  /// Packages bring the rules without their scores, which only sa-update fetches.
  void remark_on_missing_scores() {
    const auto named = [this](std::string_view name) {
      return std::ranges::find_if(files_, [name](const auto& f) { return is_named(f, name); });
    };
    const auto active = named("72_active.cf");
    if (active == files_.end() || named("72_scores.cf") != files_.end()) return;
    diagnosis_.remarks.push_back(
        {*active + ":1:1",
         "72_scores.cf is missing, so that most of these rules score 1 instead of"
         " what they are worth: run sa-update"});
  }

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
  double required_score_;
  ParseOptions parse_;
  Definitions definitions_;
  Diagnosis diagnosis_;
  std::vector<std::string> files_;
};

}  // namespace

LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options) {
  Loader loader(options);
  loader.paths(paths);
  return loader.finish();
}

std::vector<std::string> spamassassin_folders(const std::string& root) {
  const std::filesystem::path top(root);
  std::vector<std::string> out;
  std::error_code error;
  for (const auto* const place : {"var/lib/spamassassin/4.000001", "usr/share/spamassassin"}) {
    if (!std::filesystem::is_directory(top / place, error)) continue;
    out.push_back((top / place).string());
    break;
  }
  if (std::filesystem::is_directory(top / "etc/spamassassin", error))
    out.push_back((top / "etc/spamassassin").string());
  return out;
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

LoadedPreferences load_preferences(const std::string& folder, const RuleSet& rules) {
  constexpr std::size_t most_preferences = 100'000;
  constexpr std::size_t most_with_rules = 100;  // each has a rule set of its own in memory
  std::size_t with_rules = 0;
  LoadedPreferences out;
  const auto problem = [&out](const std::string& path, std::string what) {
    out.diagnosis.problems.push_back({path + ":1:1", std::move(what)});
  };
  std::vector<std::string> paths;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!name.starts_with('.') && !name.ends_with('~')) paths.push_back(entry->path().string());
  }
  if (error)
    problem(folder, error.message() + ": a folder with a file for each recipient or domain");
  if (paths.size() > most_preferences) {
    problem(folder, fmt::format("more than {} files", most_preferences));
    return out;
  }
  std::ranges::sort(paths);
  for (const auto& path : paths) {
    auto text = read_file(path);
    if (!text) {
      problem(path, text.error().what);
      continue;
    }
    const auto name = to_lower(std::filesystem::path(path).filename().string());
    auto read = read_preferences(*std::move(text), path, rules, out.diagnosis);
    if (read.own && ++with_rules > most_with_rules) {
      problem(path, fmt::format("rules of their own for more than {} recipients", most_with_rules));
      return out;
    }
    if (!out.folder.files_.emplace(name, std::move(read)).second)
      problem(path, "a second file for this recipient: names differ only in case");
  }
  return out;
}

}  // namespace postern
