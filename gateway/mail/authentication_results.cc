#include "gateway/mail/authentication_results.h"

#include <algorithm>
#include <utility>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t deepest_comment = 8;

/// RFC 2045 §5.1: what a token may not have.
constexpr bool is_token_character(char c) {
  return c > ' ' && c <= '~' && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string::npos;
}

/// RFC 5321 §4.1.2 Keyword: letters, digits, hyphens; underscores are seen too.
constexpr bool is_keyword_character(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '_';
}

constexpr bool is_atom_character(char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

constexpr bool is_domain_character(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

template <class Predicate>
bool all(std::string_view text, Predicate holds) {
  return !text.empty() && std::ranges::all_of(text, holds);
}

bool is_dot_atom(std::string_view text) {
  return all(text, [](char c) { return is_atom_character(c) || c == '.'; });
}

/// A value that needs no quotes: a token, or [[local]@]domain.
bool stands_bare(std::string_view value) {
  if (all(value, is_token_character)) return true;
  const auto at = value.rfind('@');
  if (at == std::string_view::npos) return false;
  const auto local = value.substr(0, at);
  return (local.empty() || is_dot_atom(local)) && all(value.substr(at + 1), is_domain_character);
}

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c >= ' ' && c != '\x7f' ? c : '?';
  }
  return out + '"';
}

std::string format_value(std::string_view value) {
  return stands_bare(value) ? std::string(value) : quoted(value);
}

/// `(text)`: parentheses and controls in it would end it or the field.
std::string format_comment(std::string_view text) {
  std::string out = " (";
  for (const char c : text)
    out += c >= ' ' && c <= '~' && c != '(' && c != ')' && c != '\\' ? c : '?';
  return out + ')';
}

std::string format_keyword(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return !is_keyword_character(c); }, '?');
  return out;
}

/// Reads from the front of a text; `ok()` is false from the first mistake on.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  /// White space and comments; the text of the first comment goes to `comment`.
  bool skip_gaps(std::string* comment = nullptr) {
    while (!rest_.empty()) {
      if (is_space(rest_.front())) {
        rest_.remove_prefix(1);
      } else if (rest_.front() == '(') {
        std::string text;
        if (!take_comment(text)) return false;
        if (comment != nullptr) *std::exchange(comment, nullptr) = std::move(text);
      } else {
        break;
      }
    }
    return true;
  }

  /// Gaps, the character, gaps.
  bool take(char wanted) {
    if (!skip_gaps() || rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return skip_gaps();
  }

  std::string take_keyword() { return to_lower(take_while(is_keyword_character)); }
  std::string_view take_digits() { return take_while(is_digit); }
  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }

  /// A token, a quoted string, or [[local]@]domain.
  bool take_value(std::string& out) {
    if (next_is('"')) {
      if (!take_quoted(out)) return false;
      return !next_is('@') || take_domain(out);
    }
    const auto bare = take_while([](char c) {
      return is_token_character(c) || is_atom_character(c) || is_domain_character(c);
    });
    out = bare;
    if (next_is('@')) return (bare.empty() || is_dot_atom(bare)) && take_domain(out);
    return all(bare, is_token_character);
  }

 private:
  template <class Predicate>
  std::string_view take_while(Predicate holds) {
    const auto end = std::ranges::find_if_not(rest_, holds);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool take_domain(std::string& out) {
    out += '@';
    rest_.remove_prefix(1);
    const auto domain = take_while(is_domain_character);
    out += domain;
    return !domain.empty();
  }

  bool take_quoted(std::string& out) {
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      if (static_cast<unsigned char>(rest_[i]) < ' ') return false;
      out += rest_[i];
    }
    return false;
  }

  bool take_comment(std::string& out) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '(' && ++depth > deepest_comment) return false;
      if (c == ')' && --depth == 0) {
        out = rest_.substr(1, i - 1);
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (c == '\\') ++i;
    }
    return false;
  }

  std::string_view rest_;
};

bool take_method(Cursor& in, MethodResult& out) {
  if (!in.skip_gaps()) return false;
  out.method = in.take_keyword();
  if (out.method.empty() || !in.skip_gaps()) return false;
  if (in.take('/') && in.take_digits().empty()) return false;
  if (!in.take('=')) return false;
  out.result = in.take_keyword();
  return !out.result.empty() && in.skip_gaps(&out.comment);
}

/// "reason=…", or "type.name=…".
bool take_property(Cursor& in, MethodResult& out) {
  ResultProperty property;
  property.type = in.take_keyword();
  if (property.type.empty()) return false;
  if (property.type == "reason" && in.take('=')) {
    return out.reason.empty() && out.properties.empty() && in.take_value(out.reason);
  }
  if (!in.take('.')) return false;
  property.name = in.take_keyword();
  if (property.name.empty() || !in.take('=') || !in.take_value(property.value)) return false;
  out.properties.push_back(std::move(property));
  return out.properties.size() <= most_properties;
}

}  // namespace

const std::string* MethodResult::property(std::string_view type, std::string_view name) const {
  const auto found = std::ranges::find_if(properties, [&](const ResultProperty& property) {
    return equals_ignoring_case(property.type, type) && equals_ignoring_case(property.name, name);
  });
  return found == properties.end() ? nullptr : &found->value;
}

std::string format_result(const MethodResult& result) {
  std::string out = format_keyword(result.method) + '=' + format_keyword(result.result);
  if (!result.comment.empty()) out += format_comment(result.comment);
  if (!result.reason.empty()) out += " reason=" + format_value(result.reason);
  for (const auto& [type, name, value] : result.properties) {
    out += ' ' + format_keyword(type) + '.' + format_keyword(name) + '=' + format_value(value);
  }
  return out;
}

Result<MethodResult> parse_result(std::string_view text) {
  const auto wrong = [] { return fail(std::errc::bad_message, "not a result of RFC 8601"); };
  if (text.size() > longest_result) return wrong();
  Cursor in(text);
  MethodResult out;
  if (!take_method(in, out)) return wrong();
  while (!in.at_end()) {
    if (!take_property(in, out) || !in.skip_gaps()) return wrong();
  }
  return out;
}

std::string format_results(std::string_view authserv_id, const std::vector<MethodResult>& results) {
  std::string out = format_value(authserv_id);
  if (results.empty()) return out + "; none";
  for (const MethodResult& result : results) out += ";\r\n\t" + format_result(result);
  return out;
}

std::string claimed_authserv_id(std::string_view value) {
  Cursor in(value);
  std::string id;
  if (!in.skip_gaps() || !in.take_value(id)) return "";
  return to_lower(id);
}

}  // namespace postern
