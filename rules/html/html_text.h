// html_text.h — what SpamAssassin's HTML.pm makes of one HTML part: its text, its links, and
// everything that html_* eval functions ask for.
//
// `source` is UTF-8 (already converted). No recursion; linear in the source.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// What HTML.pm keeps of one URI (uri_detail); each URI once.
struct HtmlLink {
  std::string uri;  // references decoded, resolved by link_target() at the base in force there
  std::set<std::string, std::less<>> types;  // elements: "a", "img", …; empty where only the text
                                             // of an anchor names it (its href as written)
  std::vector<std::string> anchor_text;      // one for each <a>: the text inside it
};

class HtmlText {
 public:
  explicit HtmlText(std::string_view source);

  std::string text;            // rendered, before paragraphs are made
  std::string visible_text;    // … what a reader sees of it
  std::string invisible_text;  // … what a reader does not see
  std::vector<HtmlLink> links;
  bool uri_truncated = false;  // one was longer than 8192 and was cut

  std::size_t length = 0;  // octets of the source, as html_image_only and html_range see it
  std::map<std::string, int, std::less<>>
      inside;  // tag: opened less closed; there once it was seen
  std::set<std::string, std::less<>> tags_seen;
  /// comment, script, title, anchor, …: html_text_match and html_title_subject_ratio.
  std::map<std::string, std::vector<std::string>, std::less<>> strings;
  /// image_area, min_size, max_size, closed_extra_ratio, bad_tag_ratio, … by SpamAssassin's names:
  /// html_range, html_test and html_eval; a name that is not there was not set.
  std::map<std::string, double, std::less<>> values;
  std::vector<std::string> charsets;  // of <meta>
};

}  // namespace postern
