// html_text.h — what SpamAssassin's HTML.pm makes of one HTML part: its text, its links, and
// everything that html_* eval functions ask for.
//
// No recursion; linear in the source; no limits of its own but 8192 characters a URI.
//
// `unicode` says how Perl would hold a string: as characters (true), or as octets, one a character
// up to U+00FF (false). A part that is plain ASCII is read as octets, and "&eacute;" in it gives
// one octet E9, while "&euro;" turns the piece that holds it into characters. All strings here are
// UTF-8 nevertheless; who needs what rules see must look at the flag: Perl joins octets and
// characters to characters, and only characters become UTF-8 in the end; white space beyond ASCII
// (U+0085, U+00A0, U+2003 …) is white space only among characters.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern {

/// What HTML.pm keeps in uri_detail: resolved against the <base href> that came before it.
struct HtmlUri {
  std::string uri;
  bool unicode = false;
  std::vector<std::string_view> types{};  // elements that have it, each once: "a", "img", "form", …
  std::vector<std::string> anchor_text{};  // one an <a>; kept under the href as written, so that an
                                           // entry may have texts and no type
};

class HtmlText {
 public:
  /// `source`: the part as UTF-8. `source_unicode`: it was decoded from a charset; false where it
  /// was plain ASCII and left alone. `octets`: size of the part before it was decoded.
  HtmlText(std::string_view source, bool source_unicode, std::size_t octets);

  std::string text;            // rendered, before paragraphs are made
  std::string visible_text;    // … what a reader sees of it
  std::string invisible_text;  // … what a reader does not see
  bool unicode = false;        // of all three

  /// Each once, in order of appearance; "" stands for anchors without href.
  std::vector<HtmlUri> uris;
  bool uri_truncated = false;  // one was longer than the limit

  /// Times opened less times closed, never below 0; nothing for a tag that was not seen.
  std::optional<int> inside(std::string_view tag) const;
  /// All tags that were seen, sorted, with the same count.
  const std::vector<std::pair<std::string, int>>& tags() const { return inside_; }
  /// comment, script, title, anchor, uri: html_text_match; nullptr where there are none.
  const std::vector<std::string>* strings(std::string_view name) const;
  /// image_area, min_size, closed_extra_ratio, font_face_bad, … by SpamAssassin's names:
  /// html_range, html_test and html_eval; nothing for what was not set.
  std::optional<double> value(std::string_view name) const;

 private:
  friend class HtmlReader;
  std::vector<std::pair<std::string, int>> inside_;
  std::map<std::string, std::vector<std::string>, std::less<>> strings_;
  std::vector<std::pair<std::string_view, double>> values_;
};

}  // namespace postern
