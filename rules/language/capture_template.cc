#include "rules/language/capture_template.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// How many octets at the start are a name: A1_B2, no '_' at either end or twice.
std::size_t name_length(std::string_view text) {
  if (text.empty() || !is_capital(text.front())) return 0;
  std::size_t end = 1;
  const auto in_word = [&](std::size_t at) {
    return at < text.size() && (is_capital(text[at]) || is_digit(text[at]));
  };
  while (in_word(end) || (end < text.size() && text[end] == '_' && in_word(end + 1))) ++end;
  return end;
}

struct Template {
  std::size_t at;      // of the '%'
  std::size_t length;  // all of it
  std::string_view name;
};

/// Calls `visit` for each %{NAME} that no backslash stands before.
template <class Visit>
void each_template(std::string_view pattern, Visit visit) {
  for (std::size_t at = 0; (at = pattern.find("%{", at)) != std::string_view::npos;) {
    const auto inside = pattern.substr(at + 2);
    auto length = name_length(inside);
    if (length > 0 && length < inside.size() && inside[length] == '(') {
      const auto close = inside.find_first_of(")}", length);
      length = close != std::string_view::npos && inside[close] == ')' ? close + 1 : 0;
    }
    const bool escaped = at > 0 && pattern[at - 1] == '\\';
    if (length == 0 || length >= inside.size() || inside[length] != '}' || escaped) {
      at += 2;
      continue;
    }
    visit(Template{at, length + 3, inside.substr(0, length)});
    at += length + 3;
  }
}

/// Perl's quotemeta: all but letters, digits and '_' get a backslash.
void append_quoted(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (!is_alpha(c) && !is_digit(c) && c != '_') out += '\\';
    out += c;
  }
}

template <class Put>
std::string replaced(std::string_view pattern, Put put) {
  std::string out;
  std::size_t done = 0;
  each_template(pattern, [&](const Template& found) {
    out += pattern.substr(done, found.at - done);
    put(out, found);
    done = found.at + found.length;
  });
  return out += pattern.substr(done);
}

}  // namespace

std::vector<std::string> template_names(std::string_view pattern) {
  std::vector<std::string> out;
  each_template(pattern, [&](const Template& found) {
    if (std::ranges::find(out, found.name) == out.end()) out.emplace_back(found.name);
  });
  return out;
}

bool has_captures(std::string_view pattern) {
  for (std::size_t at = 0; (at = pattern.find("(?", at)) != std::string_view::npos;) {
    at += 2;
    auto rest = pattern.substr(at);
    if (rest.starts_with('P')) rest.remove_prefix(1);
    if (rest.size() > 1 && (rest[0] == '<' || rest[0] == '\'') && is_capital(rest[1])) return true;
  }
  return false;
}

bool is_capture_name(std::string_view name) {
  return !name.empty() && name_length(name) == name.size();
}

std::string without_templates(std::string_view pattern) {
  return replaced(pattern, [](std::string& out, const Template& found) {
    ((out += "%\\{") += found.name) += "\\}";
  });
}

std::string with_values(std::string_view pattern, const Captures& values) {
  return replaced(pattern, [&](std::string& out, const Template& found) {
    out += "(?:";
    bool first = true;
    if (const auto known = values.find(found.name); known != values.end()) {
      for (const auto& value : known->second) {
        if (!first) out += '|';
        first = false;
        append_quoted(out, value);
      }
    }
    out += ')';
  });
}

}  // namespace postern
