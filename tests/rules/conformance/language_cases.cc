#include "tests/rules/conformance/language_cases.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/rules.h"

namespace postern {
namespace {

constexpr std::string_view case_mark = "=== ";
constexpr std::string_view section_mark = "--- ";
constexpr std::string_view rules_name = "case.cf";
// Behind every case's rules, so that addresses without a scheme are found in texts.
constexpr std::string_view common_rules = "util_rb_tld com net org example test\n";

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), in_(path) {
    if (!in_) throw std::runtime_error(path + ": cannot be read");
  }

  std::vector<LanguageCase> run() {
    for (std::string line; std::getline(in_, line);) {
      ++line_;
      if (line.starts_with(case_mark)) {
        begin(line.substr(case_mark.size()));
      } else if (cases_.empty()) {
        continue;  // what the file is about
      } else if (line.starts_with(section_mark)) {
        section(line.substr(section_mark.size()));
      } else if (section_ != nullptr) {
        (*section_ += line) += '\n';
      } else if (!line.empty()) {
        complain("a line outside of any section");
      }
    }
    return std::move(cases_);
  }

 private:
  [[noreturn]] void complain(const std::string& what) const {
    throw std::runtime_error(fmt::format("{}:{}: {}", path_, line_, what));
  }

  void begin(std::string name) {
    LanguageCase next;
    if (!cases_.empty()) {
      next.rules = cases_.back().rules;
      next.message = cases_.back().message;
    }
    next.name = std::move(name);
    next.where = fmt::format("{}:{}", path_, line_);
    cases_.push_back(std::move(next));
    section_ = nullptr;
  }

  void section(std::string_view rest) {
    auto& current = cases_.back();
    const auto blank = rest.find(' ');
    const auto kind = rest.substr(0, blank);
    const auto argument =
        std::string(blank == std::string_view::npos ? "" : rest.substr(blank + 1));
    section_ = nullptr;
    if (kind == "rules" || kind == "message" || kind == "expected") {
      section_ = kind == "rules"     ? &current.rules
                 : kind == "message" ? &current.message
                                     : &current.expected;
      section_->clear();
    } else if (kind == "sender") {
      current.sender = argument;
    } else if (kind == "set") {
      current.score_set = static_cast<unsigned>(std::stoul(argument));
    } else if (kind == "locale") {
      current.locale = argument;
    } else {
      complain(fmt::format("no section is called \"{}\"", kind));
    }
  }

  std::string path_;
  std::ifstream in_;
  std::size_t line_ = 0;
  std::vector<LanguageCase> cases_;
  std::string* section_ = nullptr;
};

std::string names_and_values(std::string_view key, const std::vector<Hit>& hits) {
  if (hits.empty()) return {};
  std::string out(key);
  for (const auto& hit : hits) {
    (out += ' ') += hit.name;
    if (hit.value != 1) out += fmt::format("={:.15g}", hit.value);
  }
  return out + '\n';
}

/// The lines that were refused, each once, in the order of the file.
std::string problem_lines(const std::vector<Problem>& problems) {
  std::vector<unsigned long> lines;
  for (const auto& problem : problems)
    lines.push_back(std::stoul(problem.where.substr(rules_name.size() + 1)));
  std::ranges::sort(lines);
  const auto again = std::ranges::unique(lines);
  lines.erase(again.begin(), again.end());
  std::string out;
  for (const auto line : lines) out += fmt::format(" {}", line);
  return out.empty() ? out : "problems" + out + '\n';
}

}  // namespace

std::vector<LanguageCase> read_language_cases(const std::string& path) {
  return Reader(path).run();
}

std::string outcome_of(const LanguageCase& language_case) {
  const auto loaded =
      load_rules_text(language_case.rules + std::string(common_rules), std::string(rules_name),
                      {.score_set = language_case.score_set, .locale = language_case.locale});
  ScanScratch scratch;
  const auto result =
      scan(*loaded.rules, {.octets = language_case.message, .envelope_from = language_case.sender},
           scratch);
  // As scan_line() has it: a sum of decimal fractions is never -0.000.
  const double score = result.score > -0.0005 && result.score < 0 ? 0 : result.score;
  return fmt::format("score {:.3f}\n", score) + names_and_values("hits", result.hits) +
         names_and_values("subrules", result.subrules) + problem_lines(loaded.problems);
}

}  // namespace postern
