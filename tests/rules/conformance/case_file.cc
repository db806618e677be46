#include "tests/rules/conformance/case_file.h"

#include <fstream>
#include <stdexcept>
#include <string_view>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

char octet_of_hex(std::string_view digits) {
  return static_cast<char>(std::stoi(std::string(digits), nullptr, 16));
}

/// The octet that "\n", "\\" or "\x41" stands for; `at` is moved behind it.
char escaped(std::string_view text, std::size_t& at) {
  const char letter = text.at(at++);
  if (letter == 'x') {
    at += 2;
    return octet_of_hex(text.substr(at - 2, 2));
  }
  constexpr std::string_view letters = "nrte";
  constexpr std::string_view octets = "\n\r\t\x1b";
  const auto found = letters.find(letter);
  return found == std::string_view::npos ? letter : octets[found];
}

/// With "\\{AB*3}" written out as ABABAB; escapes may stand within.
std::string with_repetitions(std::string_view text) {
  std::string out;
  for (auto at = text.find("\\{"); at != std::string_view::npos; at = text.find("\\{")) {
    const auto end = text.find('}', at);
    const auto star = text.rfind('*', end);
    const auto count = std::stoul(std::string(text.substr(star + 1, end - star - 1)));
    out += text.substr(0, at);
    for (std::size_t i = 0; i < count; ++i) out += text.substr(at + 2, star - at - 2);
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

/// Without escapes.
std::string plain(std::string_view text) {
  const auto written = with_repetitions(text);
  std::string out;
  for (std::size_t at = 0; at < written.size();) {
    const char c = written[at++];
    out += c == '\\' ? escaped(written, at) : c;
  }
  return out;
}

std::string with_row(std::string_view message, std::string_view row) {
  std::string out;
  for (auto at = message.find("{}"); at != std::string_view::npos; at = message.find("{}")) {
    out.append(message.substr(0, at)).append(row);
    message.remove_prefix(at + 2);
  }
  return out.append(message);
}

class CaseReader {
 public:
  std::vector<ConformanceCheck> take() {
    drop_question_of_rows();
    return std::move(checks_);
  }

  void line(std::string_view text, std::size_t number) {
    if (text.empty() || text.starts_with('#')) return;
    const auto space = text.find(' ');
    const auto word = text.substr(0, space);
    const auto rest = space == std::string_view::npos ? "" : text.substr(space + 1);
    if (word == "case") {
      drop_question_of_rows();
      in_case_ = true;
      case_ = {};
      case_.name = rest;
      case_.settings = common_;
    } else if (word == "set") {
      (in_case_ ? case_.settings : common_).append(rest) += '\n';
    } else if (word == "|") {
      case_.message += plain(rest) + '\n';
    } else if (word == "ask") {
      drop_question_of_rows();
      case_.question = rest;
      add(number);
      question_ = checks_.size();
    } else if (word == "row") {
      add_row(number, plain(rest));
    } else if (word == "=") {
      if (rest != "none") checks_.back().answers.push_back(plain(rest.substr(1, rest.size() - 2)));
    } else {
      throw std::invalid_argument("line " + std::to_string(number) + " is no part of a case");
    }
  }

 private:
  ConformanceCheck& add(std::size_t number) {
    auto& check = checks_.emplace_back(case_);
    check.line = number;
    return check;
  }

  void add_row(std::size_t number, const std::string& row) {
    auto& check = add(number);
    check.row = row;
    check.name += ": " + row;
    check.message = with_row(check.message, row);
  }

  /// A question that has rows is asked of these only.
  void drop_question_of_rows() {
    if (question_ != 0 && checks_.size() > question_) {
      checks_.erase(checks_.begin() + static_cast<std::ptrdiff_t>(question_) - 1);
    }
    question_ = 0;
  }

  ConformanceCheck case_;
  std::string common_;
  bool in_case_ = false;
  std::size_t question_ = 0;  // the last question's check, from 1
  std::vector<ConformanceCheck> checks_;
};

}  // namespace

std::vector<ConformanceCheck> read_cases(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  CaseReader reader;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) reader.line(line, ++number);
  return reader.take();
}

}  // namespace postern
