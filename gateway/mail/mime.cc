#include "gateway/mail/mime.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/bytes.h"
#include "gateway/mail/header.h"
#include "gateway/mail/mime_decode.h"
#include "gateway/mail/mime_parameters.h"

namespace postern {

namespace {

constexpr std::size_t longest_boundary = 70;

struct Named {
  MimeAnomaly anomaly;
  std::string_view name;
};

constexpr std::array anomaly_names = {
    Named{MimeAnomaly::duplicate_type, "duplicate_type"},
    Named{MimeAnomaly::duplicate_encoding, "duplicate_encoding"},
    Named{MimeAnomaly::duplicate_boundary, "duplicate_boundary"},
    Named{MimeAnomaly::duplicate_charset, "duplicate_charset"},
    Named{MimeAnomaly::reused_boundary, "reused_boundary"},
    Named{MimeAnomaly::long_boundary, "long_boundary"},
    Named{MimeAnomaly::missing_boundary, "missing_boundary"},
    Named{MimeAnomaly::missing_end_boundary, "missing_end_boundary"},
    Named{MimeAnomaly::parts_after_end, "parts_after_end"},
    Named{MimeAnomaly::too_deep, "too_deep"},
    Named{MimeAnomaly::too_many_parts, "too_many_parts"},
    Named{MimeAnomaly::too_many_parameters, "too_many_parameters"},
    Named{MimeAnomaly::bad_base64, "bad_base64"},
    Named{MimeAnomaly::unknown_encoding, "unknown_encoding"},
    Named{MimeAnomaly::encoded_container, "encoded_container"},
    Named{MimeAnomaly::malformed_header, "malformed_header"},
    Named{MimeAnomaly::malformed_field, "malformed_field"},
    Named{MimeAnomaly::no_empty_line, "no_empty_line"},
};

/// RFC 2045 §5.1 token.
bool is_token(std::string_view text) {
  const auto fits = [](char c) {
    return c > ' ' && c <= '~' &&
           std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

/// A part of which only the place is known.
struct Found {
  MimeRange whole;
  std::size_t parent = 0;
  unsigned depth = 0;
  bool in_digest = false;  // RFC 2046 §5.1.5: what says nothing about itself is a message
};

/// What the lines with a multipart's boundary cut its body into.
struct Cut {
  std::vector<MimeRange> parts;
  bool ended = false;      // the end line was there
  bool after_end = false;  // and then another part began
  bool more = false;       // than were asked for
};

/// RFC 2046 §5.1.1: what stands on a line by itself behind "--".
enum class Delimiter { none, part, end };

Delimiter delimiter_of(std::string_view line, std::string_view boundary) {
  if (!line.starts_with("--") || !line.substr(2).starts_with(boundary)) return Delimiter::none;
  auto rest = line.substr(2 + boundary.size());
  const bool end = rest.starts_with("--");
  if (end) rest.remove_prefix(2);
  if (!trim(rest).empty()) return Delimiter::none;
  return end ? Delimiter::end : Delimiter::part;
}

/// The line end in front of a delimiter line belongs to that.
std::size_t before_line_end(std::string_view octets, std::size_t at, std::size_t least) {
  if (at > least && octets[at - 1] == '\n') --at;
  if (at > least && octets[at - 1] == '\r') --at;
  return at;
}

/// Line by line, each looked at once: long boundaries or lines cost no more than their length.
Cut cut_at_boundary(std::string_view octets, MimeRange body, std::string_view boundary,
                    std::size_t most) {
  Cut out;
  bool in_part = false;
  std::size_t begin = 0;
  octets = octets.substr(0, body.end);
  for (std::size_t at = body.begin; at < body.end;) {
    const auto found = octets.find('\n', at);
    const auto next = found == std::string_view::npos ? body.end : found + 1;
    const auto delimiter = delimiter_of(octets.substr(at, next - at), boundary);
    if (delimiter != Delimiter::none) {
      if (in_part) out.parts.push_back({begin, before_line_end(octets, at, begin)});
      in_part = delimiter == Delimiter::part;
      if (in_part && out.ended) out.after_end = true;
      if (delimiter == Delimiter::end) out.ended = true;
      if (in_part && out.parts.size() >= most) {
        out.more = true;
        return out;
      }
      begin = next;
    }
    at = next;
  }
  if (in_part) out.parts.push_back({begin, body.end});
  return out;
}

class Parser {
 public:
  Parser(std::string_view octets, const MimeLimits& limits) : octets_(octets), limits_(limits) {}

  MimeTree run() {
    waiting_.push_back({.whole = {0, octets_.size()}});
    while (!waiting_.empty()) {
      const Found found = waiting_.back();
      waiting_.pop_back();
      const std::size_t index = tree_.parts.size();
      tree_.parts.push_back(read_part(found));
      if (index > 0) tree_.parts[found.parent].children.push_back(index);
      find_children(index);
      tree_.anomalies.add(tree_.parts[index].anomalies);
    }
    return std::move(tree_);
  }

 private:
  MimePart read_part(const Found& found);
  void read_type(MimePart& part, Filenames& names, const SplitMessage& split, bool in_digest);
  void read_encoding(MimePart& part, const SplitMessage& split);
  void read_disposition(MimePart& part, Filenames& names, const SplitMessage& split);
  MimeValue read_field(MimePart& part, const HeaderField& field);
  void find_children(std::size_t index);
  void find_parts(MimePart& part, std::size_t index);
  void find_message(MimePart& part, std::size_t index);
  bool is_boundary_reused(const MimePart& part) const;

  std::string_view octets_;
  MimeLimits limits_;
  MimeTree tree_;
  std::vector<Found> waiting_;  // the next one last
};

MimePart Parser::read_part(const Found& found) {
  MimePart part;
  part.parent = found.parent;
  part.depth = found.depth;
  const auto whole = found.whole.of(octets_);
  SplitMessage split = split_message(whole);
  part.header = {found.whole.begin, found.whole.begin + split.header.size()};
  part.body = {found.whole.end - split.body.size(), found.whole.end};
  const bool headless = !split.separated && split.fields.empty();
  if (split.malformed) part.anomalies.add(MimeAnomaly::malformed_header);
  if (!split.separated && !whole.empty()) {
    part.anomalies.add(MimeAnomaly::no_empty_line);
    // No field and no empty line: a reader shows this as text, so it is looked at as text. (Not as
    // a digest's message: that would be a child as large as its parent.)
    if (headless) {
      part.header.end = part.header.begin;
      part.body.begin = part.header.begin;
    }
  }

  Filenames names;
  read_disposition(part, names, split);
  read_type(part, names, split, found.in_digest && !headless);
  read_encoding(part, split);
  part.filename = std::move(names.best);
  part.filenames = std::move(names.all);
  return part;
}

MimeValue Parser::read_field(MimePart& part, const HeaderField& field) {
  auto value = parse_mime_value(field.unfolded(), limits_.parameters);
  if (value.too_many) part.anomalies.add(MimeAnomaly::too_many_parameters);
  if (value.malformed) part.anomalies.add(MimeAnomaly::malformed_field);
  return value;
}

void Parser::read_type(MimePart& part, Filenames& names, const SplitMessage& split,
                       bool in_digest) {
  if (in_digest) {
    part.type = "message";
    part.subtype = "rfc822";
  }
  bool first = true;
  for (const auto& field : split.fields) {
    if (!equals_ignoring_case(field.name, "Content-Type")) continue;
    const auto value = read_field(part, field);
    add_filenames(names, value, "name");
    if (!std::exchange(first, false)) {
      part.anomalies.add(MimeAnomaly::duplicate_type);
      continue;
    }
    const auto slash = std::min(value.word.find('/'), value.word.size());
    const auto type = value.word.substr(0, slash);
    const auto subtype = value.word.substr(std::min(slash + 1, value.word.size()));
    // RFC 2045 §5.2: what has no valid type is text.
    if (is_token(type) && is_token(subtype)) {
      part.type = type;
      part.subtype = subtype;
    } else {
      part.anomalies.add(MimeAnomaly::malformed_field);
    }

    const auto charset = single_parameter(value, "charset");
    part.charset = to_lower(trim(charset.value));
    if (charset.ambiguous) part.anomalies.add(MimeAnomaly::duplicate_charset);
    const auto boundary = single_parameter(value, "boundary");
    part.boundary = boundary.value;
    while (!part.boundary.empty() && is_space(part.boundary.back())) part.boundary.pop_back();
    if (boundary.ambiguous) part.anomalies.add(MimeAnomaly::duplicate_boundary);
    if (part.boundary.size() > longest_boundary) part.anomalies.add(MimeAnomaly::long_boundary);
  }
}

void Parser::read_encoding(MimePart& part, const SplitMessage& split) {
  bool first = true;
  for (const auto& field : split.fields) {
    if (!equals_ignoring_case(field.name, "Content-Transfer-Encoding")) continue;
    if (!std::exchange(first, false)) {
      part.anomalies.add(MimeAnomaly::duplicate_encoding);
      continue;
    }
    const auto value = read_field(part, field);
    static constexpr std::array<std::string_view, 5> known = {"7bit", "8bit", "binary", "base64",
                                                              "quoted-printable"};
    if (std::ranges::find(known, value.word) == known.end()) {
      part.anomalies.add(MimeAnomaly::unknown_encoding);
    }
    if (is_token(value.word)) part.encoding = value.word;
  }
}

void Parser::read_disposition(MimePart& part, Filenames& names, const SplitMessage& split) {
  for (const auto& field : split.fields) {
    if (!equals_ignoring_case(field.name, "Content-Disposition")) continue;
    const auto value = read_field(part, field);
    add_filenames(names, value, "filename");
    if (part.disposition.empty() && is_token(value.word)) part.disposition = value.word;
  }
}

void Parser::find_children(std::size_t index) {
  MimePart& part = tree_.parts[index];
  const bool encoded = part.encoding == "base64" || part.encoding == "quoted-printable";
  const bool multipart = part.type == "multipart";
  const bool message =
      part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global");
  if (encoded && (multipart || message)) part.anomalies.add(MimeAnomaly::encoded_container);
  if (multipart) {
    find_parts(part, index);
  } else if (message && !encoded && part.body.size() > 0) {
    find_message(part, index);
  } else if (part.encoding == "base64" && damaged_base64(part.body.of(octets_))) {
    part.anomalies.add(MimeAnomaly::bad_base64);
  }
}

void Parser::find_parts(MimePart& part, std::size_t index) {
  if (part.boundary.empty()) {
    part.anomalies.add(MimeAnomaly::missing_boundary);
    return;
  }
  if (part.depth + 1 >= limits_.depth) {
    part.anomalies.add(MimeAnomaly::too_deep);
    return;
  }
  if (is_boundary_reused(part)) part.anomalies.add(MimeAnomaly::reused_boundary);
  const std::size_t used = tree_.parts.size() + waiting_.size();
  const std::size_t left = limits_.parts > used ? limits_.parts - used : 0;
  const Cut cut = cut_at_boundary(octets_, part.body, part.boundary, left);
  if (cut.more) part.anomalies.add(MimeAnomaly::too_many_parts);
  if (cut.after_end) part.anomalies.add(MimeAnomaly::parts_after_end);
  if (cut.parts.empty() && !cut.more) {
    part.anomalies.add(MimeAnomaly::missing_boundary);
  } else if (!cut.ended && !cut.more) {
    part.anomalies.add(MimeAnomaly::missing_end_boundary);
  }
  const bool digest = part.subtype == "digest";
  for (auto range = cut.parts.rbegin(); range != cut.parts.rend(); ++range) {
    waiting_.push_back({*range, index, part.depth + 1, digest});
  }
}

void Parser::find_message(MimePart& part, std::size_t index) {
  if (part.depth + 1 >= limits_.depth) {
    part.anomalies.add(MimeAnomaly::too_deep);
  } else if (tree_.parts.size() + waiting_.size() >= limits_.parts) {
    part.anomalies.add(MimeAnomaly::too_many_parts);
  } else {
    waiting_.push_back({part.body, index, part.depth + 1, false});
  }
}

bool Parser::is_boundary_reused(const MimePart& part) const {
  for (const MimePart* around = &part; around->depth > 0;) {
    around = &tree_.parts[around->parent];
    if (around->boundary == part.boundary) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string_view> MimeAnomalies::names() const {
  std::vector<std::string_view> out;
  for (const auto& named : anomaly_names) {
    if (has(named.anomaly)) out.push_back(named.name);
  }
  return out;
}

MimeTree parse_mime(std::string_view octets, const MimeLimits& limits) {
  return Parser(octets, limits).run();
}

}  // namespace postern
