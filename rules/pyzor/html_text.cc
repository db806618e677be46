#include "rules/pyzor/html_text.h"

#include <algorithm>
#include <array>

#include "rules/pyzor/characters.h"
#include "rules/pyzor/html5_entities.h"

namespace postern {
namespace {

constexpr auto none = std::u32string_view::npos;

constexpr char32_t small(char32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
constexpr bool is_letter(char32_t c) { return small(c) >= 'a' && small(c) <= 'z'; }

bool begins_with(std::u32string_view text, std::u32string_view small_word) {
  return text.size() >= small_word.size() &&
         std::ranges::equal(text.substr(0, small_word.size()), small_word, {}, small);
}
bool is_word(std::u32string_view text, std::u32string_view small_word) {
  return text.size() == small_word.size() && begins_with(text, small_word);
}

/// Ends where a stretch of white space from `at` on ends.
std::size_t skip_space(std::u32string_view text, std::size_t at) {
  while (at < text.size() && is_python_space(text[at])) ++at;
  return at;
}

class Stripper {
 public:
  explicit Stripper(std::u32string_view html) : html_(html) {}

  std::optional<std::u32string> run() {
    while (at_ < html_.size() && !gave_up_) {
      if (!(raw_element_.empty() ? take_text() : take_raw_text())) break;
      if (at_ == html_.size()) break;
      const auto next = markup();
      if (next == none) break;
      at_ = next;
    }
    if (gave_up_) return {};
    return std::move(out_);
  }

 private:
  bool looking_at(std::u32string_view small_word, std::size_t offset = 0) const {
    return begins_with(html_.substr(at_ + offset), small_word);
  }
  char32_t octet(std::size_t at) const { return at < html_.size() ? html_[at] : U'\0'; }

  void emit(std::u32string_view text) {
    text = python_strip(text);
    if (text.empty() || !collecting_) return;
    if (!out_.empty()) out_ += U' ';
    out_ += text;
  }

  /// Up to the next '<'. False: the rest has to wait for more, that is for ever.
  bool take_text() {
    auto end = html_.find(U'<', at_);
    if (end == none) {
      // A reference could be cut in half at the end.
      constexpr std::size_t longest_reference = 34;
      end = html_.size();
      const auto from =
          std::max(at_, end > longest_reference ? end - longest_reference : std::size_t{0});
      const auto tail = html_.substr(from);
      const auto ampersand = tail.rfind(U'&');
      if (ampersand != none && std::ranges::none_of(tail.substr(ampersand), [](char32_t c) {
            return c == ';' || is_python_space(c);
          }))
        return false;
    }
    if (at_ < end) emit(without_references(html_.substr(at_, end - at_)));
    at_ = end;
    return true;
  }

  /// Up to the end tag of the script or style.
  bool take_raw_text() {
    for (auto end = html_.find(U"</", at_); end != none; end = html_.find(U"</", end + 2)) {
      const auto name = skip_space(html_, end + 2);
      if (!begins_with(html_.substr(name), raw_element_)) continue;
      if (octet(skip_space(html_, name + raw_element_.size())) != '>') continue;
      if (at_ < end) emit(html_.substr(at_, end - at_));
      at_ = end;
      return true;
    }
    return false;
  }

  /// Reads what begins with '<' here; where it ends.
  std::size_t markup() {
    if (is_letter(octet(at_ + 1))) return start_tag();
    if (looking_at(U"</")) return end_tag();
    if (looking_at(U"<!--")) return behind_closing(U"--", at_ + 4);
    if (looking_at(U"<?")) return behind(U'>', at_ + 2);
    if (looking_at(U"<![")) return marked_section();
    if (looking_at(U"<!doctype")) return behind(U'>', at_ + 9);
    if (looking_at(U"<!")) return behind(U'>', at_ + 2);
    if (at_ + 1 == html_.size()) return none;
    emit(U"<");
    return at_ + 1;
  }

  std::size_t behind(char32_t c, std::size_t from) const {
    const auto found = html_.find(c, from);
    return found == none ? none : found + 1;
  }

  /// `mark`, white space, '>'.
  std::size_t behind_closing(std::u32string_view mark, std::size_t from) const {
    for (auto found = html_.find(mark, from); found != none; found = html_.find(mark, found + 1)) {
      const auto end = skip_space(html_, found + mark.size());
      if (octet(end) == '>') return end + 1;
      if (end == html_.size()) return none;
    }
    return none;
  }

  /// <![CDATA[ … ]]> and Office's <![if …]>.
  std::size_t marked_section() {
    auto end = at_ + 3;
    if (end == html_.size()) return none;
    const auto is_name = [](char32_t c) {
      return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    if (is_letter(octet(end))) {
      while (is_name(octet(end))) ++end;
    }
    const auto name = html_.substr(at_ + 3, end - at_ - 3);
    if (!name.empty() && skip_space(html_, end) == html_.size()) return none;
    const auto named = [name](std::u32string_view word) { return is_word(name, word); };
    constexpr std::array<std::u32string_view, 3> office{U"if", U"else", U"endif"};
    if (std::ranges::any_of(office, named)) return behind_closing(U"]", at_ + 3);
    constexpr std::array<std::u32string_view, 5> sgml{U"temp", U"cdata", U"ignore", U"include",
                                                      U"rcdata"};
    if (!std::ranges::any_of(sgml, named)) {
      gave_up_ = true;
      return none;
    }
    for (auto found = html_.find(U']', at_ + 3); found != none;
         found = html_.find(U']', found + 1)) {
      const auto second = skip_space(html_, found + 1);
      if (octet(second) != ']') continue;
      const auto close = skip_space(html_, second + 1);
      if (octet(close) == '>') return close + 1;
    }
    return none;
  }

  static bool in_tag_name(char32_t c) {
    return c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != ' ' && c != '/' && c != '>' &&
           c != 0;
  }
  std::size_t tag_name_end(std::size_t at) const {
    while (at < html_.size() && in_tag_name(html_[at])) ++at;
    return at;
  }
  /// White space, and '/' but the one of "/>".
  std::size_t between_attributes(std::size_t at) const {
    while (is_python_space(octet(at)) || (octet(at) == '/' && octet(at + 1) != '>')) {
      if (at >= html_.size()) break;
      ++at;
    }
    return at;
  }

  /// The attribute at `at` with what follows it; none where there is none.
  std::size_t attribute_end(std::size_t at) const {
    const char32_t before = octet(at - 1);
    if (before != '\'' && before != '"' && before != '/' && !is_python_space(before)) return none;
    const auto in_name = [this](std::size_t i) {
      return i < html_.size() && !is_python_space(html_[i]) && html_[i] != '/' && html_[i] != '>';
    };
    if (!in_name(at)) return none;
    ++at;
    while (in_name(at) && html_[at] != '=') ++at;
    const auto value = value_end(at);
    return between_attributes(value == none ? at : value);
  }

  /// " = value" at `at`; none where there is none. A quote that is never closed begins no value.
  std::size_t value_end(std::size_t at) const {
    const auto equals = skip_space(html_, at);
    auto after = equals;
    while (octet(after) == '=') ++after;
    if (after == equals) return none;
    const auto begin = skip_space(html_, after);
    const char32_t quote = octet(begin);
    if (quote != '\'' && quote != '"') return bare_end(begin);
    if (const auto closing = html_.find(quote, begin + 1); closing != none) return closing + 1;
    if (begin > after) return begin;  // an empty value in front of the quote
    return after - equals > 1 ? bare_end(after - 1) : none;
  }
  std::size_t bare_end(std::size_t at) const {
    while (at < html_.size() && html_[at] != '>' && !is_python_space(html_[at])) ++at;
    return at;
  }

  /// Where html.parser sees the tag end (check_for_whole_start_tag).
  std::size_t whole_tag_end() const {
    auto at = tag_name_end(at_ + 1);
    while (at < html_.size() && (is_python_space(html_[at]) || html_[at] == '/')) ++at;
    for (auto next = attribute_end(at); next != none; next = attribute_end(next)) at = next;
    at = skip_space(html_, at);
    if (at == html_.size()) return none;
    if (html_[at] == '>') return at + 1;
    if (html_[at] == '/') return octet(at + 1) == '>' ? at + 2 : none;
    return is_letter(html_[at]) || html_[at] == '=' ? none : at;
  }

  std::size_t start_tag() {
    const auto end = whole_tag_end();
    if (end == none) return none;
    const auto name_end = tag_name_end(at_ + 1);
    const auto name = html_.substr(at_ + 1, name_end - at_ - 1);
    auto at = between_attributes(name_end);
    while (at < end) {
      const auto next = attribute_end(at);
      if (next == none) break;
      at = next;
    }
    const auto close = at < end ? python_strip(html_.substr(at, end - at)) : std::u32string_view();
    if (close != U">" && close != U"/>") {
      emit(html_.substr(at_, end - at_));
      return end;
    }
    constexpr std::array<std::u32string_view, 2> raw{U"script", U"style"};
    for (const auto element : raw) {
      if (!is_word(name, element)) continue;
      collecting_ = close == U"/>";
      if (!collecting_) raw_element_ = element;
    }
    return end;
  }

  std::size_t end_tag() {
    const auto close = behind(U'>', at_ + 1);
    if (close == none) return none;
    raw_element_ = {};
    auto begin = skip_space(html_, at_ + 2);
    if (!is_letter(octet(begin))) return close;
    auto end = begin;
    const auto in_name = [](char32_t c) {
      return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' || c == '_';
    };
    while (in_name(octet(end))) ++end;
    if (octet(skip_space(html_, end)) != '>') {
      // Loosely: the name is whatever stands directly behind "</".
      begin = at_ + 2;
      if (!is_letter(octet(begin))) return close;
      end = tag_name_end(begin);
    }
    const auto name = html_.substr(begin, end - begin);
    if (is_word(name, U"script") || is_word(name, U"style")) collecting_ = true;
    return close;
  }

  std::u32string_view html_;
  std::size_t at_ = 0;
  std::u32string out_;
  std::u32string_view raw_element_;  // whose end tag is looked for
  bool collecting_ = true;
  bool gave_up_ = false;
};

}  // namespace

std::optional<std::u32string> pyzor_html_text(std::u32string_view html) {
  return Stripper(html).run();
}

}  // namespace postern
