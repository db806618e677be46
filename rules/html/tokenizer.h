// tokenizer.h — HTML as a row of texts, tags, comments and declarations, read as HTML::Parser 3.81
// reads it: with marked sections, and with its answers to broken markup.
//
// One pass; only markup that never ends is looked at twice. Pieces point into the source.
// Processing instructions and ignored sections are passed over. An unclosed script or style is
// closed at the end, as HTML.pm does it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace postern {

struct HtmlAttribute {
  std::string_view name;   // as written
  std::string_view value;  // without quotes; the name itself where there is no '='
  bool has_references = true;
};

struct HtmlToken {
  enum class Kind : std::uint8_t { text, start, end, comment, declaration, finished };
  Kind kind = Kind::finished;
  std::string_view
      text;  // of text: references not decoded; of comments and declarations: all of it
  std::string_view name{};  // of tags, as written
  bool literal = false;     // text in which "&amp;" is five characters
};

class HtmlTokenizer {
 public:
  explicit HtmlTokenizer(std::string_view source) : source_(source) {}

  /// After `finished` it stays so.
  HtmlToken next();
  /// Of the start tag that next() gave last.
  const std::vector<HtmlAttribute>& attributes() const { return attributes_; }
  /// Whether an ignored section was open at the end: HTML::Parser then swallows the end itself.
  bool ends_ignored() const { return section() == Section::ignore; }

 private:
  /// What was come upon. `stuck`: what starts here has no end.
  struct Event {
    enum class What : std::uint8_t { token, nothing, stuck };
    What what = What::stuck;
    HtmlToken token{};
  };
  enum class Section : std::uint8_t { none, include, rcdata, cdata, ignore };
  struct LiteralElement;
  static const LiteralElement* find_literal(std::string_view name);
  static Section section_named(std::string_view keyword);

  Event read();
  Event read_literal();
  Event read_unclosed_literal(const LiteralElement& element);
  Event read_character_section();
  std::optional<Event> close_section_at(std::size_t& at);
  Event read_last_text();
  std::optional<Event> read_markup();
  Event read_rest();

  Event start_tag();
  bool attribute(std::size_t& at);
  Event end_tag();
  Event declaration();
  Event comment(std::size_t start);
  Event document_type();
  Event bogus_comment(std::size_t from);
  Event instruction();
  std::optional<Event> marked_section();

  /// Takes the source up to `end` as this; nothing in an ignored section.
  Event take(HtmlToken::Kind kind, std::size_t end, std::string_view name = {});
  void open_section(Section section);
  void close_section();
  Section section() const { return sections_.empty() ? Section::none : sections_.back(); }

  char peek(std::size_t at) const { return at < source_.size() ? source_[at] : '\0'; }
  std::size_t skip_space(std::size_t at) const;
  std::size_t skip_word(std::size_t at) const;
  std::size_t skip_to_end_of_tag(std::size_t at) const;

  std::string_view source_;
  std::size_t at_ = 0;  // where the next event starts
  const LiteralElement* literal_ = nullptr;
  unsigned without_end_ = 0;       // literal elements that were found to have no end tag
  bool character_data_ = false;    // references are not decoded here
  bool at_end_ = false;            // something was found to have no end
  bool gt_ends_comments_ = false;  // since no "-->" came
  bool rest_is_text_ = false;      // the last words were given apart
  bool title_to_close_ = false;
  bool section_was_closed_ = false;
  std::vector<Section> sections_;  // each with the strongest keyword of all that are open
  std::vector<HtmlAttribute> attributes_;
  std::optional<HtmlToken> held_;
};

}  // namespace postern
