// The pattern of PerMsgStatus.pm written out by hand: at each place where a link may start, first
// a known scheme is tried, then a mail address, then a host name. Tokens are looked for from the
// colons, dots and '@' in them, since most words have none.

#include <algorithm>

#include "gateway/base/bytes.h"
#include "rules/uris/octets_of_uris.h"
#include "rules/uris/text_uris.h"

namespace postern {
namespace {

using namespace uri_octet;

constexpr std::size_t longest_rest = 2048;    // behind a scheme or a host's slash
constexpr std::size_t longest_mailbox = 251;  // each side of the '@'
constexpr std::size_t longest_host = 252;     // in front of the top-level domain
constexpr std::string_view marks = ":@.";

/// A change between word and not word, a separator, or an ISO-2022 shift (ESC, '(', any).
bool may_start(std::string_view text, std::size_t at) {
  const bool word = is(text[at], in_word);
  if (at == 0) return word;
  const char before = text[at - 1];
  if (is(before, in_word) != word || is(before, before_link)) return true;
  return at >= 3 && text[at - 3] == '\x1b' && text[at - 2] == '(' && before != '\n';
}

bool follows(std::string_view text, std::size_t at, std::string_view word) {
  return starts_with_ignoring_case(text.substr(at), word);
}

/// Octets of "http://", "ftp.", "www3." and their kin at the front of the text, 0 where none is.
std::size_t known_start(std::string_view text) {
  switch (lower(text.front())) {
    case 'h':
      if (starts_with_ignoring_case(text, "http://")) return 7;
      return starts_with_ignoring_case(text, "https://") ? 8 : 0;
    case 'f':
      if (starts_with_ignoring_case(text, "ftp://")) return 6;
      return starts_with_ignoring_case(text, "ftp.") ? 4 : 0;
    case 'w': {
      if (!starts_with_ignoring_case(text, "www")) return 0;
      std::size_t at = 3;
      while (at < text.size() && at < 5 && is_digit(text[at])) ++at;
      return at < text.size() && text[at] == '.' ? at + 1 : 0;
    }
    default:
      return 0;
  }
}

/// Looks at no more than `limit` octets and one, so that what is too long shows as that.
std::size_t run_end(std::string_view text, std::size_t at, std::uint8_t enders,
                    std::size_t limit = std::string_view::npos - 1) {
  text =
      text.substr(0, at > text.size() || limit >= text.size() - at ? text.size() : at + limit + 1);
  while (at < text.size() && !is(text[at], enders)) ++at;
  return at;
}

}  // namespace

TextScanner::TextScanner(std::string_view text, const RegistryBoundaries& boundaries)
    : text_(text), boundaries_(boundaries) {
  for (std::size_t i = 0; i < marks.size(); ++i) marks_[i] = text_.find(marks[i]);
}

/// The first mark not before `at`.
std::size_t TextScanner::mark_from(std::size_t at) {
  std::size_t first = std::string_view::npos;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (marks_[i] < at) marks_[i] = text_.find(marks[i], at);
    first = std::min(first, marks_[i]);
  }
  return first;
}

/// Moves to the next run of octets that none of which ends a URI, and that has a mark inside.
bool TextScanner::next_token() {
  for (;;) {
    const auto mark = mark_from(token_end_);
    if (mark == std::string_view::npos) return false;
    auto start = mark;
    while (start > token_end_ && !is(text_[start - 1], ends_uri)) --start;
    token_end_ = run_end(text_, mark, ends_uri);
    at_ = start;
    // "word." and "word:" at the end of a sentence are no URIs: something must follow the mark.
    if (mark + 1 < token_end_) return true;
  }
}

std::optional<FoundInText> TextScanner::next() {
  for (;;) {
    for (; at_ < token_end_; ++at_) {
      if (!may_start(text_, at_)) continue;
      if (auto found = match_at(at_)) {
        at_ += found->text.size();
        return found;
      }
    }
    if (!next_token()) return std::nullopt;
  }
}

std::optional<FoundInText> TextScanner::match_at(std::size_t at) {
  if (const auto start = known_start(text_.substr(at, token_end_ - at)); start > 0) {
    const auto rest = token_end_ - at - start;
    if (rest >= 1 && rest <= longest_rest)
      return FoundInText{.text = text_.substr(at, token_end_ - at),
                         .kind = FoundInText::Kind::scheme};
  }
  if (auto found = address_at(at)) return found;
  return host_at(at);
}

std::optional<FoundInText> TextScanner::address_at(std::size_t at) {
  const auto as_mail = [&](std::size_t end) {
    return FoundInText{.text = text_.substr(at, end - at), .kind = FoundInText::Kind::mail};
  };
  if (follows(text_, at, "mailto:")) {
    const auto end = run_end(text_, at + 7, ends_address, longest_rest);
    if (end > at + 7 && end - at - 7 <= longest_rest) return as_mail(end);
  }
  if (local_end_ < at || local_end_ == 0) {
    local_end_ = at;
    while (local_end_ < token_end_ && text_[local_end_] != '@' &&
           !is(text_[local_end_], ends_address))
      ++local_end_;
  }
  if (local_end_ == token_end_ || text_[local_end_] != '@') return std::nullopt;
  if (local_end_ == at || local_end_ - at > longest_mailbox) return std::nullopt;
  const auto end = run_end(text_, local_end_ + 1, ends_address, longest_mailbox);
  const auto domain = end - local_end_ - 1;
  if (domain == 0 || domain > longest_mailbox) return std::nullopt;
  return as_mail(end);
}

std::optional<FoundInText> TextScanner::host_at(std::size_t at) const {
  const char first = text_[at];
  if (!is(first, in_word) || first == '_') return std::nullopt;
  if (at > 0 && !is(text_[at - 1], before_host)) return std::nullopt;
  auto end = at;
  while (end < token_end_ && is(text_[end], in_host)) ++end;
  const auto host_end = text_[end - 1] == '.' ? end - 1 : end;
  // The last label, '_' not among its octets, must be a top-level domain with a dot in front.
  auto label = host_end;
  while (label > at && (is(text_[label - 1], in_word) || text_[label - 1] == '-') &&
         text_[label - 1] != '_')
    --label;
  if (label < at + 2 || text_[label - 1] != '.' || label - 1 - at > longest_host)
    return std::nullopt;
  const auto port = end;
  if (end < token_end_ && text_[end] == ':') {
    ++end;
    while (end < token_end_ && end - port <= 5 && is_digit(text_[end])) ++end;
    if (end == port + 1) return std::nullopt;
  }
  if (end < token_end_) {
    const auto path = token_end_ - end - 1;
    if (text_[end] != '/' || path == 0 || path > longest_rest) return std::nullopt;
  }
  if (!boundaries_.is_top(text_.substr(label, host_end - label))) return std::nullopt;
  return FoundInText{.text = text_.substr(at, token_end_ - at),
                     .kind = FoundInText::Kind::schemeless,
                     .host = text_.substr(at, host_end - at)};
}

}  // namespace postern
