#include "rules/pyzor/python_parts.h"

#include <algorithm>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/pyzor/content_parameters.h"

namespace postern {
namespace {

constexpr std::size_t deepest_level = 100;
constexpr std::size_t most_parts = 10'000;

bool is_line_end(char c) { return c == '\r' || c == '\n'; }

/// The first line of `text` with its end, which is CR LF, CR or LF.
std::string_view first_line(std::string_view text) {
  const auto end = text.find_first_of("\r\n");
  if (end == std::string_view::npos) return text;
  return text.substr(0, text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with("\r\n")) return text.substr(0, text.size() - 2);
  if (!text.empty() && is_line_end(text.back())) text.remove_suffix(1);
  return text;
}

bool is_header_line(std::string_view line) {
  if (line.starts_with("From ") || is_blank(line.front())) return true;
  std::size_t at = 0;
  while (at < line.size() && line[at] >= '!' && line[at] <= '~' && line[at] != ':') ++at;
  return at < line.size() && line[at] == ':';
}

enum class BoundaryLine : unsigned char { none, separator, last };

BoundaryLine boundary_line(std::string_view line, std::string_view boundary) {
  if (!line.starts_with("--") || !line.substr(2).starts_with(boundary)) return BoundaryLine::none;
  auto rest = without_line_end(line.substr(2 + boundary.size()));
  while (!rest.empty() && is_blank(rest.back())) rest.remove_suffix(1);
  if (rest.empty()) return BoundaryLine::separator;
  return rest == "--" ? BoundaryLine::last : BoundaryLine::none;
}

/// A container whose parts are being read.
struct Open {
  enum class Kind : unsigned char { multipart, message, delivery_status };
  Kind kind = Kind::message;
  std::size_t part = 0;
  std::string boundary = {};
  std::size_t preamble = 0;  // where it begins
  bool in_preamble = true;
  bool stops_lines = false;  // while a part of it is read, its boundary ends that part
  bool begun = false;        // the attached message has been read
};

class Parser {
 public:
  explicit Parser(std::string_view octets) : octets_(octets) {}

  std::optional<std::vector<PythonPart>> run() {
    begin_part(false);
    while (!open_.empty() && !too_much_) {
      switch (open_.back().kind) {
        case Open::Kind::message:
          go_on_with_message();
          break;
        case Open::Kind::multipart:
          go_on_with_multipart();
          break;
        case Open::Kind::delivery_status:
          go_on_with_status();
          break;
      }
    }
    if (too_much_) return {};
    return std::move(parts_);
  }

 private:
  /// The next line; "" at the end and where a container that is open ends it.
  std::string_view peek() const {
    const auto line = first_line(octets_.substr(at_));
    if (line.empty()) return line;
    for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
      if (!open->stops_lines) continue;
      const bool stops = open->kind == Open::Kind::multipart
                             ? boundary_line(line, open->boundary) != BoundaryLine::none
                             : is_line_end(line.front());
      if (stops) return {};
    }
    return line;
  }
  std::string_view take_line() {
    const auto line = peek();
    at_ += line.size();
    return line;
  }
  std::string_view take_rest() {
    const auto begin = at_;
    while (!take_line().empty()) {
    }
    return octets_.substr(begin, at_ - begin);
  }

  void begin_part(bool in_digest) {
    if (parts_.size() == most_parts || open_.size() == deepest_level) {
      too_much_ = true;
      return;
    }
    const auto number = parts_.size();
    last_ = number;
    parts_.emplace_back();
    read_header(parts_.back(), in_digest);
    PythonPart& part = parts_.back();
    if (part.type == "message/delivery-status") {
      open(Open::Kind::delivery_status, number);
    } else if (part.main_type() == "message") {
      open(Open::Kind::message, number);
    } else if (auto boundary = part.main_type() == "multipart"
                                   ? python_parameter(part.field, "boundary")
                                   : std::nullopt) {
      while (!boundary->empty() && is_space(boundary->back())) boundary->pop_back();
      open_.push_back({Open::Kind::multipart, number, *std::move(boundary), at_});
    } else {
      part.payload = take_rest();
    }
  }

  void open(Open::Kind kind, std::size_t part) {
    parts_[part].is_container = true;
    open_.push_back({kind, part});
  }

  void read_header(PythonPart& part, bool in_digest) {
    std::optional<std::string> type;
    std::optional<std::string> encoding;
    std::string* value = nullptr;
    std::string ignored;
    for (std::size_t number = 0;; ++number) {
      const auto begin = at_;
      const auto line = take_line();
      if (line.empty()) break;
      if (!is_header_line(line)) {
        if (!is_line_end(line.front())) at_ = begin;
        break;
      }
      if (is_blank(line.front())) {
        if (value != nullptr) *value += line;
        continue;
      }
      value = nullptr;
      if (line.starts_with("From ")) {
        // The last line of a header is taken for the first of the body.
        const auto next = peek();
        if (number == 0 || (!next.empty() && is_header_line(next))) continue;
        at_ = begin;
        break;
      }
      const auto colon = line.find(':');
      const auto name = line.substr(0, colon);
      auto rest = line.substr(colon + 1);
      while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
      auto* field = equals_ignoring_case(name, "Content-Type")                ? &type
                    : equals_ignoring_case(name, "Content-Transfer-Encoding") ? &encoding
                                                                              : nullptr;
      if (field != nullptr && !*field) value = &field->emplace(rest);
    }
    take_fields(part, std::move(type), std::move(encoding), in_digest);
  }

  static void take_fields(PythonPart& part, std::optional<std::string> type,
                          std::optional<std::string> encoding, bool in_digest) {
    for (auto* field : {&type, &encoding}) {
      while (*field && !(*field)->empty() && is_line_end((*field)->back())) (*field)->pop_back();
    }
    part.transfer_encoding = to_lower(encoding.value_or(""));
    if (!type) {
      part.type = in_digest ? "message/rfc822" : "text/plain";
      return;
    }
    part.type = python_content_type(*type);
    if (auto charset = python_parameter(*type, "charset")) part.charset = to_lower(*charset);
    part.field = *std::move(type);
  }

  void go_on_with_multipart() {
    Open& open = open_.back();
    if (std::exchange(open.stops_lines, false)) finish_piece(open);
    BoundaryLine kind = BoundaryLine::none;
    for (;;) {
      const auto begin = at_;
      const auto line = take_line();
      if (line.empty()) break;
      kind = boundary_line(line, open.boundary);
      if (kind == BoundaryLine::last) {
        if (open.in_preamble) end_preamble(open, begin);
        take_rest();
        open_.pop_back();
        return;
      }
      if (kind == BoundaryLine::none) continue;
      open.in_preamble = false;
      while (boundary_line(peek(), open.boundary) != BoundaryLine::none) take_line();
      parts_[open.part].is_container = true;
      open.stops_lines = true;
      begin_part(parts_[open.part].type == "multipart/digest");
      return;
    }
    if (open.in_preamble) end_preamble(open, at_);
    open_.pop_back();
  }

  /// Without a boundary line what stands there is its content.
  void end_preamble(const Open& open, std::size_t end) {
    parts_[open.part].payload = octets_.substr(open.preamble, end - open.preamble);
  }

  /// RFC 2046 §5.1.1: the line end before a boundary belongs to it.
  void finish_piece(const Open& open) {
    PythonPart& last = parts_[last_];
    if (last.main_type() != "multipart" && !last.is_container)
      last.payload = without_line_end(last.payload);
    last_ = open.part;
  }

  void go_on_with_message() {
    if (std::exchange(open_.back().begun, true)) return open_.pop_back();
    begin_part(false);
  }

  /// Its parts are blocks of fields with empty lines between them.
  void go_on_with_status() {
    Open& open = open_.back();
    if (std::exchange(open.stops_lines, false)) {
      take_line();
      if (peek().empty()) {
        open_.pop_back();
        return;
      }
    }
    open.stops_lines = true;
    begin_part(false);
  }

  std::string_view octets_;
  std::size_t at_ = 0;
  std::vector<PythonPart> parts_;
  std::vector<Open> open_;
  std::size_t last_ = 0;
  bool too_much_ = false;
};

}  // namespace

std::optional<std::vector<PythonPart>> python_parts(std::string_view octets) {
  return Parser(octets).run();
}

}  // namespace postern
