#include "rules/evals/alternative_words.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "gateway/base/bytes.h"
#include "rules/html/perl_characters.h"

namespace postern {
namespace {

using Words = std::unordered_map<std::string_view, std::size_t>;

/// "text" and "multipart/alternative" end at the boundary of a word.
bool begins_with_word(std::string_view type, std::string_view word) {
  if (!type.starts_with(word)) return false;
  return type.size() == word.size() || !is_perl_word(static_cast<unsigned char>(type[word.size()]));
}

void count_words(std::string_view text, bool unicode, Words& words) {
  std::size_t start = 0;
  bool has_letter = false;
  const auto end_word = [&](std::size_t end) {
    if (has_letter) ++words[text.substr(start, end - start)];
    has_letter = false;
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, size] = utf8_character(text, at);
    const bool counts = code < 0x80 || unicode;
    if (counts && is_perl_space(code)) {
      end_word(at);
      start = at + size;
    } else if (counts && is_perl_word(code)) {
      has_letter = true;
    }
    at += size;
  }
  end_word(text.size());
}

/// Exchange sends invitations as HTML and calendar, without a text to compare with.
bool is_invitation(const MessageParts& parts) {
  const auto& all = parts.all();
  return all.size() == 3 && all[0].type == "multipart/alternative" && all[1].parent == 0 &&
         all[1].type == "text/html" && all[2].parent == 0 && all[2].type == "text/calendar";
}

}  // namespace

AlternativeWords::AlternativeWords(ScannedMessage& message) {
  const auto& all = message.parts().all();
  if (is_invitation(message.parts())) return;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!begins_with_word(all[i].type, "multipart/alternative")) continue;
    Words html;
    Words text;
    for (std::size_t n = i + 1; n < all.size() && all[n].depth > all[i].depth; ++n) {
      if (!begins_with_word(all[n].type, "text")) continue;
      const auto& rendered = all[n].rendered();
      if (!rendered.is_text) continue;
      const bool is_html = all[n].effective_type() == "text/html";
      count_words(rendered.text(), rendered.unicode, is_html ? html : text);
      // An image is something to see as well.
      if (is_html && html.empty() && rendered.html && rendered.html->inside("img"))
        html.emplace("\n", 1);
    }
    if (html.empty()) continue;
    html_words = html.size();
    text_words = text.size();
    const auto left = std::ranges::count_if(html, [&text](const auto& word) {
      const auto found = text.find(word.first);
      return found == text.end() || found->second < word.second;
    });
    difference =
        std::max(difference, static_cast<double>(left) / static_cast<double>(html.size()) * 100);
  }
}

}  // namespace postern
