#include "gateway/mail/mime_parameters.h"

#include <algorithm>
#include <map>

#include "gateway/base/bytes.h"
#include "gateway/mail/charset.h"
#include "gateway/mail/mime_decode.h"

namespace postern {

namespace {

constexpr std::size_t highest_section = 9999;  // far above the limit on parameters
constexpr std::size_t longest_loose = 1000;    // kept once a parameter, so it must not be the field

/// Walks over a value once, from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  bool next_is(char c) const { return !at_end() && text_[at_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  /// RFC 5322 §3.2.2 CFWS. A comment without its end reaches to the end of the value.
  void skip_blanks_and_comments() {
    std::size_t depth = 0;
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '(') {
        ++depth;
      } else if (depth == 0) {
        if (!is_space(c)) return;
      } else if (c == ')') {
        --depth;
      } else if (c == '\\') {
        ++at_;
      }
    }
    at_ = std::min(at_, text_.size());
  }

  /// Up to one of `stops`.
  std::string_view until(std::string_view stops) {
    const auto start = at_;
    at_ = std::min(text_.find_first_of(stops, at_), text_.size());
    return text_.substr(start, at_ - start);
  }

  /// A quoted string whose first quote has been taken; `raw` keeps the backslashes.
  std::string quoted(std::string& raw, bool& closed) {
    std::string out;
    closed = false;
    for (; !at_end(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        closed = true;
        return out;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) raw += text_[at_++];
      raw += text_[at_];
      out += text_[at_];
    }
    return out;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// Reads the marks of RFC 2231 off the name: "filename*0*" is section 0, extended.
void read_marks(MimeParameter& parameter) {
  auto& name = parameter.name;
  if (name.ends_with('*')) {
    parameter.extended = true;
    name.pop_back();
  }
  const auto star = name.rfind('*');
  if (star == std::string::npos) return;
  const auto section = parse_number(std::string_view(name).substr(star + 1), highest_section);
  if (!section) return;
  parameter.section = *section;
  name.resize(star);
}

/// The value behind '='. Says whether all of it up to the ';' was understood.
bool read_value(Scanner& scanner, MimeParameter& parameter) {
  scanner.skip_blanks_and_comments();
  bool clean = true;
  if (scanner.take('"')) {
    std::string raw;
    parameter.value = scanner.quoted(raw, clean);
    parameter.loose = raw;
  } else {
    parameter.value = scanner.until("; \t\r\n(");
    parameter.loose = parameter.value;
  }
  // Text behind the value: some readers append it ("a.txt".exe), some see only the value.
  Scanner behind = scanner;
  parameter.loose += behind.until(";").substr(0, longest_loose);
  parameter.loose = trim(parameter.loose);
  scanner.skip_blanks_and_comments();
  return clean && (scanner.at_end() || scanner.next_is(';'));
}

}  // namespace

MimeValue parse_mime_value(std::string_view text, std::size_t limit) {
  MimeValue out;
  Scanner scanner(text);
  scanner.skip_blanks_and_comments();
  out.word = to_lower(scanner.until("; \t\r\n("));
  scanner.skip_blanks_and_comments();
  if (!scanner.at_end() && !scanner.next_is(';')) out.malformed = true;

  // A ';' that was forgotten does not hide what follows: many readers do without it.
  while (!scanner.at_end()) {
    scanner.skip_blanks_and_comments();
    if (scanner.take(';')) continue;
    MimeParameter parameter;
    parameter.name = to_lower(trim(scanner.until("=;(")));
    scanner.skip_blanks_and_comments();
    if (!scanner.take('=')) {
      const auto rest = trim(scanner.until(";"));
      if (!parameter.name.empty() || !rest.empty()) out.malformed = true;
      continue;
    }
    if (out.parameters.size() == limit) {
      out.too_many = true;
      return out;
    }
    read_marks(parameter);
    if (!read_value(scanner, parameter)) out.malformed = true;
    out.parameters.push_back(std::move(parameter));
  }
  return out;
}

namespace {

/// The sections of RFC 2231 §3 in their order, the first of each number.
using Sections = std::map<std::size_t, const MimeParameter*>;

Sections sections_of(const MimeValue& from, std::string_view name) {
  Sections out;
  for (const auto& parameter : from.parameters) {
    if (parameter.name == name && parameter.section) out.emplace(*parameter.section, &parameter);
  }
  return out;
}

/// The sections put together, in UTF-8; `to_gap`: only 0, 1, 2 … as far as none is missing.
std::string join_sections(const Sections& sections, bool to_gap) {
  std::string octets;
  std::string charset;
  std::size_t expected = 0;
  for (const auto& [number, parameter] : sections) {
    if (to_gap && number != expected) break;
    std::string_view value = parameter->value;
    if (parameter->extended && expected == 0) {
      const auto first = value.find('\'');
      const auto second = first == std::string_view::npos ? first : value.find('\'', first + 1);
      if (second != std::string_view::npos) {
        charset = value.substr(0, first);
        value.remove_prefix(second + 1);
      }
    }
    octets += parameter->extended ? decode_percent(value) : std::string(value);
    ++expected;
  }
  return to_utf8(octets, charset);
}

}  // namespace

SingleParameter single_parameter(const MimeValue& from, std::string_view name) {
  SingleParameter out;
  std::size_t plain = 0;
  std::size_t marked = 0;
  for (const auto& parameter : from.parameters) {
    if (parameter.name != name) continue;
    if (parameter.section || parameter.extended) {
      ++marked;
      continue;
    }
    if (plain++ > 0) continue;
    out.value = parameter.value;
    out.ambiguous = parameter.loose != parameter.value;
  }
  if (plain + marked == 0) return out;
  // Many readers do not know RFC 2231, so a marked value never means the same to all of them.
  if (plain > 1 || marked > 0) out.ambiguous = true;
  if (plain > 0) return out;
  const auto sections = sections_of(from, name);
  if (!sections.empty()) {
    out.value = join_sections(sections, true);
    return out;
  }
  for (const auto& parameter : from.parameters) {
    if (parameter.name != name) continue;
    out.value = decode_extended_value(parameter.value);
    return out;
  }
  return out;
}

void add_filenames(Filenames& to, const MimeValue& from, std::string_view name) {
  std::string best = to.best;
  const auto add = [&](std::string variant) {
    if (variant.empty()) return;
    if (best.empty()) best = variant;
    to.all.insert(std::move(variant));
  };
  for (const auto& parameter : from.parameters) {
    if (parameter.name == name && parameter.extended && !parameter.section) {
      add(decode_extended_value(parameter.value));
    }
  }
  if (const auto sections = sections_of(from, name); !sections.empty()) {
    const std::string joined = join_sections(sections, true);
    add(decode_encoded_words(joined));
    add(joined);
    add(join_sections(sections, false));
  }
  for (const auto& parameter : from.parameters) {
    if (parameter.name != name || parameter.extended || parameter.section) continue;
    // RFC 2047 §5 forbids encoded words in here; senders use them all the same, and a strict
    // reader shows them as they are.
    for (const auto* text : {&parameter.value, &parameter.loose}) {
      add(decode_encoded_words(*text));
      add(to_utf8(*text, ""));
    }
  }
  to.best = std::move(best);
}

}  // namespace postern
