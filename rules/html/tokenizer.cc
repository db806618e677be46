#include "rules/html/tokenizer.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr auto npos = std::string_view::npos;

constexpr bool starts_name(char c) { return is_alpha(c) || c == '_' || c == ':'; }
constexpr bool in_name(char c) { return starts_name(c) || is_digit(c) || c == '.' || c == '-'; }

}  // namespace

/// Elements whose content is text up to their end tag.
struct HtmlTokenizer::LiteralElement {
  enum class Unclosed : std::uint8_t { is_closed, is_text, is_markup };
  std::uint8_t bit;
  std::string_view name;
  bool character_data;
  Unclosed unclosed;  // what becomes of it at the end of the source
};

const HtmlTokenizer::LiteralElement* HtmlTokenizer::find_literal(std::string_view name) {
  using Unclosed = LiteralElement::Unclosed;
  static constexpr std::array<LiteralElement, 7> elements{{
      {1, "script", true, Unclosed::is_closed},
      {2, "style", true, Unclosed::is_closed},
      {4, "xmp", true, Unclosed::is_text},
      {8, "iframe", true, Unclosed::is_text},
      {16, "plaintext", true, Unclosed::is_text},  // has no end tag at all
      {32, "title", false, Unclosed::is_markup},
      {64, "textarea", false, Unclosed::is_text},
  }};
  const auto* found = std::ranges::find_if(
      elements, [name](const auto& element) { return equals_ignoring_case(element.name, name); });
  return found == elements.end() ? nullptr : found;
}

HtmlTokenizer::Section HtmlTokenizer::section_named(std::string_view keyword) {
  if (equals_ignoring_case(keyword, "include")) return Section::include;
  if (equals_ignoring_case(keyword, "rcdata")) return Section::rcdata;
  if (equals_ignoring_case(keyword, "cdata")) return Section::cdata;
  if (equals_ignoring_case(keyword, "ignore")) return Section::ignore;
  return Section::none;
}

HtmlToken HtmlTokenizer::next() {
  if (held_) {
    const HtmlToken token = *held_;
    held_.reset();
    return token;
  }
  while (true) {
    const auto event = read();
    const bool has_token = event.what == Event::What::token;
    const auto kind = event.token.kind;
    if (title_to_close_ &&
        !(has_token && (kind == HtmlToken::Kind::text || kind == HtmlToken::Kind::comment))) {
      title_to_close_ = false;
      if (section() != Section::ignore) {
        if (has_token) held_ = event.token;
        return {HtmlToken::Kind::end, {}, "title", false};
      }
    }
    if (has_token) return event.token;
  }
}

// ---- text ----

HtmlTokenizer::Event HtmlTokenizer::read() {
  if (section_was_closed_) {
    section_was_closed_ = false;
    return {Event::What::nothing};
  }
  if (rest_is_text_) return read_rest();
  if (literal_ != nullptr) return read_literal();
  if (section() == Section::cdata || section() == Section::rcdata) return read_character_section();

  std::size_t at = at_;
  while (true) {
    if (section() == Section::none) {
      at = std::min(source_.find('<', at), source_.size());
    } else if (auto closed = close_section_at(at)) {
      return *closed;
    }
    if (at > at_) return at < source_.size() ? take(HtmlToken::Kind::text, at) : read_last_text();
    if (source_.size() - at < 3) return read_rest();
    if (auto event = read_markup()) {
      return event->what == Event::What::stuck ? read_rest() : *event;
    }
    ++at;  // only a less-than sign
  }
}

HtmlTokenizer::Event HtmlTokenizer::read_literal() {
  const bool can_end = literal_->name != "plaintext" && (literal_->bit & without_end_) == 0;
  for (auto at = source_.find('<', at_); can_end && at != npos; at = source_.find('<', at + 1)) {
    if (peek(at + 1) != '/') continue;
    const auto name = source_.substr(std::min(at + 2, source_.size()), literal_->name.size());
    if (!equals_ignoring_case(name, literal_->name)) continue;
    const auto end = skip_space(at + 2 + name.size());
    if (peek(end) != '>') continue;
    if (at > at_) return take(HtmlToken::Kind::text, at);
    literal_ = nullptr;
    character_data_ = false;
    return take(HtmlToken::Kind::end, end + 1, name);
  }

  return read_unclosed_literal(*literal_);
}

/// At the first look at the end SpamAssassin closes script and style behind the last octet. Later,
/// after markup that had no end, HTML::Parser makes them empty and reads on in their content.
HtmlTokenizer::Event HtmlTokenizer::read_unclosed_literal(const LiteralElement& element) {
  using Unclosed = LiteralElement::Unclosed;
  const bool closed = element.unclosed == Unclosed::is_closed;
  if (closed && !at_end_ && section() != Section::ignore) {
    if (at_ < source_.size()) return take(HtmlToken::Kind::text, source_.size());
    literal_ = nullptr;
    character_data_ = false;
    return take(HtmlToken::Kind::end, at_, element.name);
  }
  if (at_ >= source_.size()) return read_rest();
  if (element.unclosed == Unclosed::is_text) return take(HtmlToken::Kind::text, source_.size());
  at_end_ = true;
  title_to_close_ = element.unclosed == Unclosed::is_markup;
  without_end_ |= element.bit;  // those behind it have none either: looked for once only
  literal_ = nullptr;
  return closed ? take(HtmlToken::Kind::end, at_, element.name) : read();
}

HtmlTokenizer::Event HtmlTokenizer::read_character_section() {
  const auto end = source_.find("]]>", at_);
  if (end == npos) return read_rest();
  if (end > at_) return take(HtmlToken::Kind::text, end);
  at_ += 3;
  close_section();
  return {Event::What::nothing};
}

/// Moves to the next '<' or the end. Where "]]>" comes first, the text up to there is an event, be
/// it empty. A ']' that closes nothing takes the octet behind it along, even a '<'.
std::optional<HtmlTokenizer::Event> HtmlTokenizer::close_section_at(std::size_t& at) {
  while (at < source_.size() && source_[at] != '<') {
    if (source_[at] != ']') {
      ++at;
      continue;
    }
    if (source_.substr(at).starts_with("]]>")) {
      const auto text = take(HtmlToken::Kind::text, at);
      at_ = at + 3;
      close_section();
      section_was_closed_ = true;
      return text;
    }
    at += peek(at + 1) == ']' ? 3 : 2;
  }
  at = std::min(at, source_.size());
  return std::nullopt;
}

/// Text that no markup follows comes in two pieces: a parser that is fed in pieces waits with the
/// last word, and with white space at the end.
HtmlTokenizer::Event HtmlTokenizer::read_last_text() {
  rest_is_text_ = true;
  const auto text = source_.substr(at_);
  std::size_t end = text.size();
  if (!is_space(text[end - 1])) {
    while (end > 0 && !is_space(text[end - 1])) --end;
  }
  while (end > 0 && is_space(text[end - 1])) --end;
  return end > 0 ? take(HtmlToken::Kind::text, at_ + end) : read_rest();
}

/// The source ends before what is here does.
HtmlTokenizer::Event HtmlTokenizer::read_rest() {
  rest_is_text_ = false;
  at_end_ = true;
  if (at_ >= source_.size()) return {Event::What::token, {}};
  if (source_[at_] == '<' && !gt_ends_comments_) {
    gt_ends_comments_ = true;
    return read();
  }
  const char next = peek(at_ + 1);
  const bool markup = source_[at_] == '<' && (at_ + 1 == source_.size() || starts_name(next) ||
                                              next == '/' || next == '!' || next == '?');
  return take(markup ? HtmlToken::Kind::comment : HtmlToken::Kind::text, source_.size());
}

// ---- markup ----

/// Reads what starts with the '<' here; nothing where it is only a less-than sign.
std::optional<HtmlTokenizer::Event> HtmlTokenizer::read_markup() {
  const char next = peek(at_ + 1);
  if (starts_name(next)) return start_tag();
  if (next == '/') return end_tag();
  if (next == '!') return declaration();
  if (next == '?') return instruction();
  return std::nullopt;
}

HtmlTokenizer::Event HtmlTokenizer::start_tag() {
  attributes_.clear();
  std::size_t at = skip_word(at_ + 2);
  const auto name = source_.substr(at_ + 1, at - at_ - 1);
  at = skip_space(at);
  while (at < source_.size() && source_[at] != '>') {
    if (!attribute(at)) return {Event::What::stuck};
  }
  if (at >= source_.size()) return {Event::What::stuck};
  const auto event = take(HtmlToken::Kind::start, at + 1, name);
  literal_ = find_literal(name);
  if (literal_ != nullptr) character_data_ = literal_->character_data;
  return event;
}

/// One attribute and the white space behind it; false where the source ends in it.
bool HtmlTokenizer::attribute(std::size_t& at) {
  const auto name_start = at++;
  while (at < source_.size() && !is_space(source_[at]) && source_[at] != '=' && source_[at] != '>')
    ++at;
  const auto name = source_.substr(name_start, at - name_start);
  at = skip_space(at);
  if (peek(at) != '=') {
    attributes_.push_back({name, name, false});
    return at < source_.size();
  }
  at = skip_space(at + 1);
  const char quote = peek(at);
  if (quote == '"' || quote == '\'') {
    const auto end = source_.find(quote, at + 1);
    if (end == npos) return false;
    attributes_.push_back({name, source_.substr(at + 1, end - at - 1)});
    at = end + 1;
  } else {
    const auto value_start = at;
    at = skip_word(at);
    attributes_.push_back({name, source_.substr(std::min(value_start, source_.size()),
                                                at - std::min(value_start, at))});
  }
  at = skip_space(at);
  return at < source_.size();
}

HtmlTokenizer::Event HtmlTokenizer::end_tag() {
  const auto start = at_ + 2;
  const auto name_end = skip_word(start);
  const auto end = skip_to_end_of_tag(name_end);
  if (end >= source_.size()) return {Event::What::stuck};
  if (name_end == start) return take(HtmlToken::Kind::comment, end + 1);
  return take(HtmlToken::Kind::end, end + 1, source_.substr(start, name_end - start));
}

HtmlTokenizer::Event HtmlTokenizer::declaration() {
  const auto start = at_ + 2;
  const char first = peek(start);
  if (first == '-') {
    if (start + 1 == source_.size()) return {Event::What::stuck};
    return peek(start + 1) == '-' ? comment(start + 2) : bogus_comment(start + 1);
  }
  if (first == '[') {
    if (auto event = marked_section()) return *event;
    return bogus_comment(start);
  }
  return is_alpha(first) ? document_type() : bogus_comment(start);
}

HtmlTokenizer::Event HtmlTokenizer::comment(std::size_t start) {
  if (gt_ends_comments_) return bogus_comment(start);
  for (auto at = source_.find("--", start); at != npos; at = source_.find("--", at + 1)) {
    const auto end = skip_space(at + 2);
    if (peek(end) == '>') return take(HtmlToken::Kind::comment, end + 1);
  }
  return {Event::What::stuck};
}

HtmlTokenizer::Event HtmlTokenizer::bogus_comment(std::size_t from) {
  const auto end = source_.find('>', from);
  if (end == npos) return {Event::What::stuck};
  return take(HtmlToken::Kind::comment, end + 1);
}

HtmlTokenizer::Event HtmlTokenizer::instruction() {
  const auto end = source_.find('>', at_ + 2);
  if (end == npos) return {Event::What::stuck};
  at_ = end + 1;
  return {Event::What::nothing};
}

/// DOCTYPE and ENTITY: words, quoted strings and comments up to '>'.
HtmlTokenizer::Event HtmlTokenizer::document_type() {
  std::size_t at = at_ + 3;
  while (at < source_.size() && in_name(source_[at])) ++at;
  if (at == source_.size()) return {Event::What::stuck};
  const auto keyword = source_.substr(at_ + 2, at - at_ - 2);
  if (!equals_ignoring_case(keyword, "doctype") && !equals_ignoring_case(keyword, "entity"))
    return bogus_comment(at);

  for (at = skip_space(at); peek(at) != '>' || at >= source_.size(); at = skip_space(at)) {
    if (at >= source_.size()) return {Event::What::stuck};
    const char first = source_[at];
    std::size_t end = 0;
    if (first == '"' || first == '\'') {
      end = source_.find(first, at + 1);
      if (end == npos) return {Event::What::stuck};
      at = end + 1;
    } else if (first == '-') {
      if (at + 1 == source_.size()) return {Event::What::stuck};
      if (source_[at + 1] != '-') return bogus_comment(at + 1);
      end = source_.find("--", at + 2);
      if (end == npos) return {Event::What::stuck};
      at = end + 2;
    } else {
      at = skip_word(at + 1);
    }
  }
  return take(HtmlToken::Kind::declaration, at + 1);
}

/// "<![ CDATA [": nothing where it is not written like that.
std::optional<HtmlTokenizer::Event> HtmlTokenizer::marked_section() {
  std::size_t at = skip_space(at_ + 3);
  bool named = false;
  Section strongest = Section::none;
  while (true) {
    if (starts_name(peek(at))) {
      const auto start = at;
      while (in_name(peek(at))) ++at;
      strongest = std::max(strongest, section_named(source_.substr(start, at - start)));
      named = true;
      at = skip_space(at);
      if (at >= source_.size()) return Event{Event::What::stuck};
    } else if (peek(at) == '-' && peek(at + 1) == '-') {
      const auto end = source_.find("--", at + 2);
      if (end == npos) return Event{Event::What::stuck};
      at = skip_space(end + 2);
    } else {
      break;
    }
  }
  if (peek(at) != '[') return std::nullopt;
  at_ = at + 1;
  open_section(named ? strongest : Section::include);
  return Event{Event::What::nothing};
}

// ---- pieces ----

HtmlTokenizer::Event HtmlTokenizer::take(HtmlToken::Kind kind, std::size_t end,
                                         std::string_view name) {
  const auto text = source_.substr(at_, end - at_);
  at_ = end;
  if (section() == Section::ignore) return {Event::What::nothing};
  return {Event::What::token, {kind, text, name, character_data_}};
}

void HtmlTokenizer::open_section(Section opened) {
  sections_.push_back(std::max(section(), opened));
  character_data_ = section() == Section::cdata;
}

void HtmlTokenizer::close_section() {
  sections_.pop_back();
  character_data_ = section() == Section::cdata;
}

std::size_t HtmlTokenizer::skip_space(std::size_t at) const {
  while (at < source_.size() && is_space(source_[at])) ++at;
  return at;
}

std::size_t HtmlTokenizer::skip_word(std::size_t at) const {
  while (at < source_.size() && !is_space(source_[at]) && source_[at] != '>') ++at;
  return at;
}

/// The '>' that is not inside quotes; quotes count only behind a blank or '=', as in old Internet
/// Explorer.
std::size_t HtmlTokenizer::skip_to_end_of_tag(std::size_t at) const {
  char quote = '\0';
  char before = ' ';
  for (; at < source_.size(); ++at) {
    const char c = source_[at];
    if (quote == '\0' && c == '>') return at;
    if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'') && (before == ' ' || before == '=')) {
      quote = c;
    }
    before = c;
  }
  return at;
}

}  // namespace postern
