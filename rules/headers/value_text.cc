#include "rules/headers/value_text.h"

#include "gateway/base/bytes.h"

namespace postern {

std::string without_carriage_returns(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n') continue;
    out += value[i];
  }
  return out;
}

std::string unfolded(std::string_view value) {
  value = trim(value);
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool folds = value[i] == '\n' && i + 1 < value.size() && is_blank(value[i + 1]);
    if (folds) {
      while (i + 1 < value.size() && is_blank(value[i + 1])) ++i;
      out += ' ';
    } else {
      out += value[i];
    }
  }
  return out;
}

std::string raw_unfolded(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto line_end = value.substr(i).starts_with("\r\n") ? 2U : value[i] == '\n' ? 1U : 0U;
    auto next = i + line_end;
    while (line_end > 0 && next < value.size() && is_space(value[next])) ++next;
    if (line_end > 0 && next > i + line_end) {
      out += ' ';
      i = next - 1;
    } else {
      out += value[i];
    }
  }
  return out;
}

std::string tidy_name(std::string name) {
  if (trim(name).empty()) return name;
  std::string out;
  for (const char c : trim(name)) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  if (out.size() >= 2 && out.starts_with('\'') && out.ends_with('\'')) {
    out = out.substr(1, out.size() - 2);
  }
  return out;
}

std::vector<std::string_view> pristine_fields(std::string_view header) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  while (at < header.size()) {
    auto end = header.find('\n', at);
    if (end == std::string_view::npos) break;
    if (is_blank(header[at]) || header[at] == '\n') {
      at = end + 1;
      continue;
    }
    while (end + 1 < header.size() && is_blank(header[end + 1])) {
      const auto next = header.find('\n', end + 1);
      if (next == std::string_view::npos) return out;
      end = next;
    }
    out.push_back(header.substr(at, end + 1 - at));
    at = end + 1;
  }
  return out;
}

}  // namespace postern
