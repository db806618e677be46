#include "rules/bayes/line_tokens.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/bayes/address_tokens.h"

namespace postern {
namespace {

constexpr std::size_t shortest_word = 3;
constexpr std::size_t shown_of_long_word = 7;  // characters; at least two octets must follow

enum Kind : std::uint8_t {
  text_kind = 1,  // stays in a line; other ASCII becomes a blank
  word_kind = 2,  // letter, digit, '_'
  kept_kind = 4,  // of a token, in its plain form: word, ':' and '*'
  edge_kind = 8,  // taken off both ends of a word
};

constexpr auto kinds = [] {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&](std::string_view octets, std::uint8_t kind) {
    for (const char c : octets) table[static_cast<unsigned char>(c)] |= kind;
  };
  constexpr std::string_view letters_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  mark(letters_digits, text_kind | word_kind | kept_kind);
  mark("_", text_kind | word_kind | kept_kind);
  mark(",@*!'\"$. -", text_kind);
  mark(":*", kept_kind);
  mark("-'\".,", edge_kind);
  return table;
}();

bool is(char c, Kind kind) { return (kinds[static_cast<unsigned char>(c)] & kind) != 0; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
unsigned char octet(char c) { return static_cast<unsigned char>(c); }
bool continues(char c) { return (octet(c) & 0xc0) == 0x80; }

/// Of a UTF-8 sequence by its first octet; 1 for others. Overlong forms and surrogates count.
std::size_t expected_length(unsigned char first) {
  if (first >= 0xc0 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 1;
}

/// The sequence at `at`, or one octet where it is not complete.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto length = expected_length(octet(text[at]));
  if (at + length > text.size()) return 1;
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[at + i])) return 1;
  }
  return length;
}

std::string_view without_edges(std::string_view word) {
  while (!word.empty() && is(word.front(), edge_kind)) word.remove_prefix(1);
  while (!word.empty() && is(word.back(), edge_kind)) word.remove_suffix(1);
  return word;
}

/// An '@' between two octets.
bool has_address(std::string_view word) {
  return word.size() > 2 && word.substr(1, word.size() - 2).find('@') != std::string_view::npos;
}

/// A dot behind something and in front of a letter.
bool has_host_name(std::string_view word) {
  for (auto dot = word.find('.', 1); dot != std::string_view::npos; dot = word.find('.', dot + 1)) {
    if (dot + 1 < word.size() && is_alpha(word[dot + 1])) return true;
  }
  return false;
}

}  // namespace

LineTokens::LineTokens(const BayesSettings& settings, Matcher& matcher, TokenBag& bag)
    : settings_(settings), matcher_(matcher), bag_(bag) {
  for (const auto& language : settings.languages) {
    const auto found = settings.stop_words.find(language);
    if (found != settings.stop_words.end()) stop_words_.push_back(found->second.get());
  }
}

void LineTokens::add(std::string_view line, std::string_view prefix, Region region) {
  prefix_ = prefix;
  region_ = region;
  keep_text(line);
  part_runs('.', 3, 6);
  part_runs('-', 2, 6);
  if (region != Region::header) lower_first_words();
  const std::string_view text = text_;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    if (end - at >= shortest_word) add_word(without_edges(text.substr(at, end - at)));
    at = end + 1;
  }
}

/// Everything but letters, digits, some punctuation and complete UTF-8 becomes a blank; single
/// octets from A1 on stay, since they may be letters of a charset that nobody named.
void LineTokens::keep_text(std::string_view line) {
  text_.clear();
  text_.reserve(line.size());
  for (std::size_t at = 0; at < line.size();) {
    auto end = at;
    while (end < line.size() && is(line[end], text_kind)) ++end;
    text_.append(line.substr(at, end - at));
    if (end == line.size()) break;
    const auto length = sequence_length(line, end);
    if (length > 1 || octet(line[end]) >= 0xa1) {
      text_.append(line.substr(end, length));
    } else {
      text_ += ' ';
    }
    at = end + length;
  }
}

/// A run of `separator` between two words parts them: "one...two", "one--two". A word of one octet
/// that ended a run does not begin the next one.
void LineTokens::part_runs(char separator, std::size_t least, std::size_t most) {
  if (text_.find(std::string(least, separator)) == std::string::npos) return;
  rewritten_.clear();
  std::size_t copied = 0, free = 0;
  for (auto at = text_.find(separator); at != std::string::npos;) {
    const auto end = std::min(text_.find_first_not_of(separator, at), text_.size());
    if (end - at >= least && end - at <= most && at > free && is(text_[at - 1], word_kind) &&
        end < text_.size() && is(text_[end], word_kind)) {
      rewritten_.append(text_, copied, at - copied).append(" ");
      rewritten_.append(text_, at, end - at).append(" ");
      copied = end;
      free = end + 1;
    }
    at = text_.find(separator, end);
  }
  rewritten_.append(text_, copied);
  text_.swap(rewritten_);
}

/// The capital that begins a sentence says nothing: it becomes small at the start of the line and
/// behind a full stop. A match takes all up to the last blank in front of the next capital, so that
/// of two sentences that follow each other only the first is found; SpamAssassin's databases are
/// made that way.
void LineTokens::lower_first_words() {
  const std::string_view text = text_;
  rewritten_.clear();
  std::size_t copied = 0;
  const auto lower_at = [&](std::size_t from, std::size_t capital) {
    auto end = capital + 1;
    while (end < text.size() && !is_upper(text[end])) ++end;
    auto rest = end;  // behind what is taken
    if (end < text.size()) {
      while (end > capital + 2 && text[end - 1] != ' ') --end;
      if (end <= capital + 2) return false;
      rest = end--;
    } else if (end == capital + 1) {
      return false;
    }
    rewritten_.append(text.substr(copied, from - copied))
        .append(1, ' ')
        .append(1, lower(text[capital]));
    rewritten_.append(text.substr(capital + 1, end - capital - 1)).append(1, ' ');
    copied = rest;
    return true;
  };
  if (!text.empty() && is_upper(text[0])) lower_at(0, 0);
  for (auto dot = text.find('.', copied); dot != std::string_view::npos;) {
    const auto word = text.find_first_not_of(' ', dot + 1);
    const bool follows = word != std::string_view::npos && word > dot + 1 && is_upper(text[word]);
    const bool taken = follows && lower_at(dot, word);
    dot = text.find('.', taken ? copied : dot + 1);
  }
  if (copied == 0) return;
  rewritten_.append(text.substr(copied));
  text_.swap(rewritten_);
}

bool LineTokens::is_stop_word(std::string_view word) const {
  return std::ranges::any_of(stop_words_, [&](const Regex* words) {
    return words->matches(word, matcher_) == Regex::Outcome::match;
  });
}

void LineTokens::add_word(std::string_view word) {
  if (word.size() < shortest_word || is_stop_word(word)) return;
  if (region_ != Region::header) add_places(word);
  if (word.size() > settings_.longest_token && word.find('*') == std::string_view::npos) {
    if (add_characters(word)) return;
    if (region_ != Region::uri) {
      std::size_t end = 0;
      for (std::size_t i = 0; i < shown_of_long_word && end < word.size(); ++i)
        end += sequence_length(word, end);
      if (end + 2 <= word.size()) {
        shortened_.assign("sk:").append(word.substr(0, end));
        word = shortened_;
      }
    }
  }
  if (region_ != Region::header) add_variants(word);
  bag_.add(prefix_, word);
}

void LineTokens::add_places(std::string_view word) {
  if (has_address(word)) {
    each_address_token(word,
                       [&](std::string_view kind, std::string_view text) { bag_.add(kind, text); });
  } else if (has_host_name(word)) {
    bag_.add("UD:", word);
    each_parent_domain(word, [&](std::string_view parent) { bag_.add("UD:", parent); });
  }
}

/// For text that has no blanks between words. False where the word has no character of three octets
/// or more, or is not 8-bit text at all.
bool LineTokens::add_characters(std::string_view word) {
  const auto continued = [](char a, char b) { return continues(a) && continues(b); };
  if (std::ranges::adjacent_find(word, continued) == word.end()) return false;
  bool any = false;
  for (std::size_t at = 0; at < word.size();) {
    const auto length = sequence_length(word, at);
    if (length > 2) {
      shortened_.assign("u8:").append(word.substr(at, length));
      bag_.add(prefix_, shortened_);
      any = true;
    }
    at += length > 2 ? length : 1;
  }
  return any;
}

void LineTokens::add_variants(std::string_view word) {
  const bool mixed = !std::ranges::all_of(word, [](char c) { return is(c, kept_kind); });
  const bool capital = std::ranges::any_of(word, is_upper);
  if (mixed) {
    plain_.clear();
    std::ranges::copy_if(word, std::back_inserter(plain_), [](char c) { return is(c, kept_kind); });
    bag_.add(prefix_, plain_);
  }
  if (!capital) return;
  lower_ = to_lower(word);
  bag_.add(prefix_, lower_);
  if (mixed) bag_.add(prefix_, to_lower(plain_));
}

}  // namespace postern
