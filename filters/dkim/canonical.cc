#include "filters/dkim/canonical.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern::dkim {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t piece_size = 16'384;  // a digest's call costs little beside so much

void append_relaxed_field(std::string& out, std::string_view field) {
  const auto colon = std::min(field.find(':'), field.size());
  for (const char c : trim(field.substr(0, colon))) out += lower(c);
  out += ':';
  bool blank = false, begun = false;
  for (std::size_t at = colon + 1; at < field.size(); ++at) {
    const char c = field[at];
    if (is_blank(c)) {
      blank = true;
    } else if (field.substr(at, 2) == line_end) {
      ++at;  // unfolded: the blanks around it are one
    } else {
      if (blank && begun) out += ' ';
      blank = false;
      begun = true;
      out += c;
    }
  }
  out += line_end;
}

void simple_body(std::string_view body, const std::function<void(std::string_view)>& take) {
  while (body.ends_with(line_end)) body.remove_suffix(line_end.size());
  if (!body.empty()) take(body);
  take(line_end);
}

/// Collects what comes out; what may yet turn out to be the end (line ends, a blank) is held back.
class RelaxedBody {
 public:
  explicit RelaxedBody(const std::function<void(std::string_view)>& take) : take_(take) {
    piece_.reserve(piece_size);
  }

  void add_blank() { blank_ = true; }
  void add_line_end() {
    blank_ = false;  // at the end of a line blanks do not count
    ++line_ends_;
  }
  void add(std::string_view octets) {
    for (; line_ends_ > 0; --line_ends_) put(line_end);
    if (blank_) put(" ");
    blank_ = false;
    put(octets);
    begun_ = true;
  }
  void finish() {
    if (begun_) put(line_end);
    flush();
  }

 private:
  void put(std::string_view octets) {
    if (piece_.size() + octets.size() > piece_size) flush();
    if (octets.size() > piece_size) return take_(octets);
    piece_ += octets;
  }
  void flush() {
    if (!piece_.empty()) take_(piece_);
    piece_.clear();
  }

  const std::function<void(std::string_view)>& take_;
  std::string piece_;
  std::size_t line_ends_ = 0;
  bool blank_ = false;
  bool begun_ = false;
};

void relaxed_body(std::string_view body, const std::function<void(std::string_view)>& take) {
  RelaxedBody out(take);
  for (std::size_t at = 0; at < body.size();) {
    if (is_blank(body[at])) {
      out.add_blank();
      ++at;
    } else if (body.substr(at, 2) == line_end) {
      out.add_line_end();
      at += 2;
    } else {
      std::size_t end = at + 1;
      while (end < body.size() && body[end] != ' ' && body[end] != '\t' && body[end] != '\r') ++end;
      out.add(body.substr(at, end - at));
      at = end;
    }
  }
  out.finish();
}

}  // namespace

void append_canonical_field(std::string& out, std::string_view field, Canon canon) {
  if (canon == Canon::relaxed) return append_relaxed_field(out, field);
  out += field;
  if (!field.ends_with(line_end)) out += line_end;
}

void canonical_body(std::string_view body, Canon canon,
                    const std::function<void(std::string_view)>& take) {
  if (canon == Canon::relaxed) return relaxed_body(body, take);
  simple_body(body, take);
}

}  // namespace postern::dkim
