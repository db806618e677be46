// zone_text.cc — reading the text of a zone.
#include <algorithm>
#include <optional>
#include <span>

#include "gateway/base/bytes.h"
#include "gateway/verify/zone.h"

namespace postern {
namespace {

struct Token {
  std::string text;
  bool quoted = false;
};

struct TypeName {
  std::string_view name;
  RecordType type;
};
constexpr TypeName types[] = {{"A", RecordType::a},         {"NS", RecordType::ns},
                              {"CNAME", RecordType::cname}, {"PTR", RecordType::ptr},
                              {"MX", RecordType::mx},       {"TXT", RecordType::txt},
                              {"AAAA", RecordType::aaaa}};
// Their records only say that the name exists.
constexpr std::string_view other_types[] = {"SOA",   "SRV",  "CAA",   "SPF",  "DS",   "DNSKEY",
                                            "RRSIG", "NSEC", "HINFO", "TLSA", "NAPTR"};

/// Cuts the text into entries, each a list of tokens: a line, or what parentheses hold together.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  int line() const { return entry_line_; }
  bool starts_with_blank() const { return blank_first_; }

  /// The tokens of the next entry that has any; nothing at the end or (failed()) after a mistake.
  std::optional<std::vector<Token>> next() {
    std::vector<Token> tokens;
    while (at_ < text_.size() && !failed_) {
      if (tokens.empty() && depth_ == 0) start_entry();
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        ++at_;
        if (depth_ == 0 && !tokens.empty()) return tokens;
      } else if (c == ';') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '(' || c == ')') {
        depth_ += c == '(' ? 1 : -1;
        failed_ = depth_ < 0;
        ++at_;
      } else if (is_space(c)) {
        ++at_;
      } else {
        tokens.push_back(c == '"' ? quoted() : bare());
      }
    }
    failed_ = failed_ || depth_ != 0;
    if (failed_ || tokens.empty()) return {};
    return tokens;
  }
  bool failed() const { return failed_; }

 private:
  void start_entry() {
    const bool at_line_start = at_ == 0 || text_[at_ - 1] == '\n';
    if (!at_line_start) return;
    entry_line_ = line_;
    blank_first_ = is_blank(text_[at_]);
  }

  Token bare() {
    const auto end = std::min(text_.find_first_of(" \t\r\n;()\"", at_), text_.size());
    Token token{std::string(text_.substr(at_, end - at_)), false};
    at_ = end;
    return token;
  }

  /// RFC 1035 §5.1: "\X" is X, "\DDD" an octet.
  Token quoted() {
    Token token{"", true};
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\' || at_ + 1 == text_.size()) {
        token.text += text_[at_];
        continue;
      }
      const auto number = parse_number(text_.substr(at_ + 1, 3), 255);
      const bool decimal = number && at_ + 3 < text_.size();
      token.text += decimal ? static_cast<char>(*number) : text_[at_ + 1];
      at_ += decimal ? 3 : 1;
    }
    failed_ = failed_ || at_ >= text_.size();
    ++at_;
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int entry_line_ = 1;
  int depth_ = 0;
  bool blank_first_ = false;
  bool failed_ = false;
};

bool is_mark(const Token& token) {
  return !token.quoted && (token.text == "SERVFAIL" || token.text == "TIMEOUT");
}

bool is_other_type(const std::string& text) {
  return std::ranges::any_of(other_types,
                             [&](auto known) { return equals_ignoring_case(known, text); });
}

/// What stands behind the type.
Result<> add_data(const std::string& name, RecordType type, std::span<const Token> data,
                  ZoneResolver& zone) {
  zone.add_name(name);
  if (data.empty()) return {};
  if (data.size() == 1 && is_mark(data[0])) {
    zone.fail(name, type, data[0].text);
    return {};
  }
  DnsRecord record;
  if (type == RecordType::txt) {
    for (const Token& token : data) record.text += token.text;
  } else if (type == RecordType::mx) {
    const auto preference = parse_number(data[0].text, 65535);
    if (!preference || data.size() != 2)
      return fail(std::errc::invalid_argument, "MX wants a preference and a host");
    record = {data[1].text, static_cast<std::uint16_t>(*preference)};
  } else {
    if (data.size() != 1) return fail(std::errc::invalid_argument, "one value is wanted here");
    record.text = data[0].text;
  }
  zone.add(name, type, std::move(record));
  return {};
}

/// `rest`: behind the name.
Result<> add_entry(const std::string& name, std::span<const Token> rest, ZoneResolver& zone) {
  if (!rest.empty() && parse_number(rest[0].text)) rest = rest.subspan(1);
  if (!rest.empty() && equals_ignoring_case(rest[0].text, "IN")) rest = rest.subspan(1);
  if (!rest.empty() && parse_number(rest[0].text)) rest = rest.subspan(1);
  if (rest.empty()) return fail(std::errc::invalid_argument, "a record type is missing");
  if (rest[0].text == "NXDOMAIN") return {};
  if (is_mark(rest[0])) {
    zone.fail_others(name, rest[0].text);
    return {};
  }
  if (const auto type = record_type(rest[0].text))
    return add_data(name, *type, rest.subspan(1), zone);
  if (!is_other_type(rest[0].text))
    return fail(std::errc::invalid_argument, "'" + printable(rest[0].text) + "' is no record type");
  zone.add_name(name);
  return {};
}

}  // namespace

std::optional<RecordType> record_type(std::string_view name) {
  const auto* const found = std::ranges::find_if(
      types, [&](const TypeName& known) { return equals_ignoring_case(known.name, name); });
  if (found == std::end(types)) return {};
  return found->type;
}

Result<> read_zone(std::string_view text, ZoneResolver& zone) {
  Lexer lexer(text);
  std::string name;
  while (const auto tokens = lexer.next()) {
    std::span<const Token> rest(*tokens);
    if (rest[0].text.starts_with('$') && !rest[0].quoted) continue;  // $TTL, $ORIGIN
    if (!lexer.starts_with_blank()) {
      name = rest[0].text;
      rest = rest.subspan(1);
    }
    const auto added = add_entry(name, rest, zone);
    if (!added) return fail_at(std::to_string(lexer.line()), added.error());
  }
  if (lexer.failed())
    return fail(std::errc::invalid_argument,
                std::to_string(lexer.line()) + ": an open quote or parenthesis");
  return {};
}

}  // namespace postern
