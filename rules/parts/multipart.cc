#include "rules/parts/multipart.h"

#include <algorithm>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/parts/content_type.h"
#include "rules/parts/field_text.h"
#include "rules/text/lines.h"

namespace postern {
namespace {

constexpr std::size_t most_pieces = 1000;
constexpr std::size_t longest_line = 2048;

enum class BoundaryLine { none, inner, last };

BoundaryLine boundary_line(std::string_view line, std::string_view boundary) {
  if (!line.starts_with("--") || !line.substr(2).starts_with(boundary)) return BoundaryLine::none;
  const auto rest = line.substr(2 + boundary.size());
  if (rest.starts_with("--") && is_blank_line(rest.substr(2))) return BoundaryLine::last;
  return is_blank_line(rest) ? BoundaryLine::inner : BoundaryLine::none;
}

/// `text` with its long lines broken, in `storage`; `text` itself where there is none.
std::string_view with_short_lines(std::string_view text, std::deque<std::string>& storage) {
  std::string* out = nullptr;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto line = first_line(text.substr(at));
    at += line.size();
    if (line.size() <= longest_line) continue;
    if (!out) out = &storage.emplace_back();
    out->append(text.substr(done, at - line.size() - done));
    while (line.size() > longest_line) {
      out->append(line.substr(0, longest_line));
      out->push_back('\n');
      line.remove_prefix(longest_line);
    }
    out->append(line);
    done = at;
  }
  if (!out) return text;
  out->append(text.substr(done));
  return *out;
}

class Splitter {
 public:
  Splitter(std::string_view body, std::string_view boundary, std::deque<std::string>& storage)
      : rest_(body), boundary_(boundary), storage_(storage) {}

  Multipart run() {
    skip_preamble();
    while (!rest_.empty() && !out_.closed && !out_.too_many) add_line(take_line(rest_));
    if (!out_.too_many) look_for_epilogue();
    return std::move(out_);
  }

 private:
  void skip_preamble() {
    for (auto rest = rest_; !rest.empty();) {
      if (boundary_line(take_line(rest), boundary_) != BoundaryLine::inner) continue;
      out_.opened = true;
      rest_ = rest;
      expect_header();
      return;
    }
  }

  /// What follows a boundary line ought to be a field.
  void expect_header() {
    if (!rest_.empty() && !is_field_start(rest_, false)) out_.missing_headers = true;
  }

  void add_line(std::string_view line) {
    auto kind = boundary_line(line, boundary_);
    const bool is_last = kind == BoundaryLine::last;
    // A part inside uses our boundary too: its end is not ours.
    if (kind != BoundaryLine::none && nested_) {
      kind = BoundaryLine::none;
      if (is_last) nested_ = false;
    }
    if (kind != BoundaryLine::none) {
      finish_piece(true, is_last);
    } else if (rest_.empty()) {
      // The last line is text, and a header that no empty line ended is lost.
      extend_body(line);
      finish_piece(false, is_last);
    } else if (in_body_ || !add_header_line(line)) {
      extend_body(line);
    }
  }

  /// False for a line that belongs to the body.
  bool add_header_line(std::string_view line) {
    if (is_field_start(line)) {
      flush_field();
      field_ = line;
      return true;
    }
    if (!field_.empty() && is_blank(line.front())) {
      field_ = {field_.data(), field_.size() + line.size()};
      return true;
    }
    if (flush_field()) look_for_nesting();
    in_body_ = true;
    if (line == "\n" || line == "\r\n" || line == "\r") return true;
    out_.missing_separator = true;
    return false;
  }

  bool flush_field() {
    if (field_.empty()) return false;
    const auto colon = field_.find(':');
    auto value = field_.substr(colon + 1);
    while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
    piece_.fields.push_back({field_.substr(0, colon), value, field_});
    field_ = {};
    return true;
  }

  /// Asked only where Content-Type is the last field of a header, as SpamAssassin does.
  void look_for_nesting() {
    if (!equals_ignoring_case(piece_.fields.back().name, "content-type")) return;
    const auto type = last_field_text(piece_.fields, "content-type");
    if (parse_content_type(type).boundary == boundary_) nested_ = true;
  }

  void extend_body(std::string_view line) {
    const char* start = body_.data() ? body_.data() : line.data();
    body_ = {start, static_cast<std::size_t>(line.data() + line.size() - start)};
  }

  void finish_piece(bool at_boundary, bool is_last) {
    // RFC 2046 §5.1.1: the line end before a boundary line belongs to the boundary.
    auto body = with_short_lines(body_, storage_);
    if (at_boundary && body.ends_with('\n')) body.remove_suffix(1);
    piece_.body = body;
    out_.pieces.push_back(std::move(piece_));
    piece_ = {};
    if (is_last) {
      out_.closed = true;
      return;
    }
    expect_header();
    out_.too_many = out_.pieces.size() == most_pieces;
    in_body_ = false;
    body_ = {};
    field_ = {};
  }

  void look_for_epilogue() {
    out_.epilogue = std::ranges::any_of(rest_, [](char c) { return c != '.' && !is_space(c); });
  }

  std::string_view rest_;
  std::string_view boundary_;
  std::deque<std::string>& storage_;
  Multipart out_;
  MultipartPiece piece_;
  std::string_view field_;  // the field that may still be continued
  std::string_view body_;
  bool in_body_ = false;
  bool nested_ = false;
};

}  // namespace

Multipart split_multipart(std::string_view body, std::string_view boundary,
                          std::deque<std::string>& storage) {
  return Splitter(body, boundary, storage).run();
}

}  // namespace postern
