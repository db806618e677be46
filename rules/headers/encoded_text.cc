#include "rules/headers/encoded_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "gateway/base/bytes.h"
#include "rules/text/charset_decision.h"
#include "rules/text/transfer_encoding.h"

namespace postern {
namespace {

/// Fields that hold no text for people; encoded words in them stay as they are.
bool never_encoded(std::string_view field) {
  static constexpr std::array<std::string_view, 8> names{
      "received",    "message-id",   "resent-message-id", "date",
      "resent-date", "mime-version", "references",        "in-reply-to"};
  return std::ranges::find(names, field) != names.end() || field.starts_with("list-");
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
}

struct EncodedWord {
  std::string_view charset;  // without the language
  bool base64 = false;
  std::string_view text;
  std::size_t size = 0;  // of the whole word
};

/// The word that begins at `text`'s start, if one does: =?charset?B or Q?text?=
std::optional<EncodedWord> encoded_word(std::string_view text) {
  if (!text.starts_with("=?")) return {};
  const auto charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end == 2 || charset_end + 3 >= text.size())
    return {};
  EncodedWord word;
  word.charset = text.substr(2, charset_end - 2);
  const bool plain = std::ranges::all_of(word.charset, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '*' || c == '_' || c == '-';
  });
  const char method = lower(text[charset_end + 1]);
  if (!plain || (method != 'b' && method != 'q') || text[charset_end + 2] != '?') return {};
  const auto end = text.find('?', charset_end + 3);
  if (end == std::string_view::npos || end + 1 >= text.size() || text[end + 1] != '=') return {};
  word.base64 = method == 'b';
  word.text = text.substr(charset_end + 3, end - charset_end - 3);
  word.size = end + 2;
  return word;
}

std::string octets_of(const EncodedWord& word) {
  if (word.base64) return undo_base64(word.text);
  std::string spaced;
  for (const char c : word.text) {
    if (c == '_') {
      spaced += "=20";
    } else {
      spaced += c;
    }
  }
  return undo_quoted_printable(spaced);
}

/// Without the white space between two encoded words, which is none (RFC 2047 §6.2). Looked for
/// before words are decoded: here a word may begin with the "=" that ends another.
std::string with_words_joined(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (auto at = text.find("=?"); at != std::string_view::npos; at = text.find("=?", at)) {
    const auto word = encoded_word(text.substr(at));
    auto next = at + (word ? word->size : 1);
    const auto end = next;
    while (word && next < text.size() && is_space(text[next])) ++next;
    if (next == end || !encoded_word(text.substr(next))) {
      ++at;
      continue;
    }
    out += text.substr(copied, end - copied);
    copied = at = next;
  }
  return out.append(text.substr(copied));
}

class Decoder {
 public:
  explicit Decoder(std::string_view text) : text_(text) {}

  std::string run() {
    std::size_t at = 0;
    while (at < text_.size()) {
      if (const auto word = encoded_word(text_.substr(at))) {
        add(octets_of(*word), word->charset, true);
        at += word->size;
        continue;
      }
      const auto next = text_.find('=', at + 1);
      const auto plain = text_.substr(at, next == std::string_view::npos ? next : next - at);
      add(std::string(plain), {}, false);
      at += plain.size();
    }
    flush();
    return std::move(out_);
  }

 private:
  /// Neighbours of one charset are joined before they are converted: senders cut characters.
  void add(std::string octets, std::string_view charset, bool encoded) {
    if (encoded != encoded_ || !equals_ignoring_case(charset, charset_)) flush();
    charset_ = charset;
    encoded_ = encoded;
    pending_ += octets;
  }

  void flush() {
    const auto charset = charset_.substr(0, charset_.find('*'));
    if (!charset.empty()) pending_ = word_as_utf8(pending_, charset);
    out_ += pending_;
    pending_.clear();
  }

  std::string_view text_;
  std::string pending_;
  std::string_view charset_;
  bool encoded_ = false;
  std::string out_;
};

}  // namespace

std::string decode_field_text(std::string_view text, std::string_view field) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool line_end = c == '\n' || (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
    if (line_end) continue;
    plain += c;
  }
  if (!is_ascii(plain)) plain = text_as_utf8(plain, "utf-8");
  if (never_encoded(field) || plain.find("=?") == std::string::npos) return plain;
  const auto joined = with_words_joined(plain);
  return Decoder(joined).run();
}

}  // namespace postern
