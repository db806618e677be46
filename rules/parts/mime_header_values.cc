#include "rules/parts/mime_header_values.h"

#include <algorithm>
#include <ranges>

#include "gateway/base/bytes.h"
#include "rules/parts/field_text.h"

namespace postern {
namespace {

constexpr std::size_t longest_all = 65536;

/// Folding with all white space around it becomes one blank; what ends the field stays.
std::string unfolded_raw(std::string_view value) {
  std::string out;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const bool crlf = value.substr(at).starts_with("\r\n");
    const auto behind = at + (crlf ? 2 : 1);
    const bool fold =
        (crlf || value[at] == '\n') && behind < value.size() && is_space(value[behind]);
    if (!fold) {
      out += value[at];
      continue;
    }
    out += ' ';
    at = behind;
    while (at + 1 < value.size() && is_space(value[at + 1])) ++at;
  }
  return out;
}

std::string last_raw(const Part& part, std::string_view name) {
  for (const auto& field : std::views::reverse(part.fields)) {
    if (equals_ignoring_case(field.name, name)) return std::string(field.value);
  }
  return {};
}

/// All fields as "Name: value" lines. SpamAssassin adds them name by name until 64 KiB are full and
/// then puts what it has into the order of the message.
std::string all_fields(const Part& part, bool raw) {
  std::vector<std::string> lines(part.fields.size());
  std::vector<bool> seen(part.fields.size());
  std::size_t size = 0;
  const auto add_all_of = [&](std::size_t first) {
    for (std::size_t i = first; i < part.fields.size(); ++i) {
      const auto& field = part.fields[i];
      if (seen[i] || !equals_ignoring_case(field.name, part.fields[first].name)) continue;
      seen[i] = true;
      const auto value = raw ? unfolded_raw(field.value) : field_text(field) + '\n';
      size += field.name.size() + value.size() + 2;
      if (size > longest_all) return false;
      lines[i] = std::string(field.name) + ": " + value;
    }
    return true;
  };
  for (std::size_t i = 0; i < part.fields.size(); ++i) {
    if (!seen[i] && !add_all_of(i)) break;
  }
  std::string out;
  for (const auto& line : lines) out += line;
  return out;
}

std::string value_in(const Part& part, const MimeHeaderQuery& query) {
  const auto& source = query.source;
  if (source.name == "ALL") return all_fields(part, source.raw);
  if (source.raw) return last_raw(part, source.name);
  const auto value = last_field_text(part.fields, source.name);
  return value ? *value + '\n' : query.if_unset;
}

}  // namespace

std::expected<MimeHeaderSource, std::string> parse_mime_header_source(std::string_view written) {
  MimeHeaderSource source;
  const auto colon = written.find(':');
  source.name = written.substr(0, colon);
  const auto modifier = colon == std::string_view::npos ? "" : written.substr(colon + 1);
  if (source.name.empty()) return std::unexpected("the name of a header field is missing here");
  if (!modifier.empty() && modifier != "raw")
    return std::unexpected("only \":raw\" may follow the name in a mimeheader rule");
  source.raw = modifier == "raw";
  return source;
}

PartRange parse_part_range(std::string_view text) {
  PartRange range;
  const auto dash = text.find('-');
  const auto first = text.substr(0, dash);
  const auto last = dash == std::string_view::npos ? first : text.substr(dash + 1);
  const auto from = parse_number(first);
  const auto to = parse_number(last);
  if ((!from && !first.empty()) || (!to && !last.empty()) || (!from && !to)) return range;
  if (from) range.first = *from;
  if (to) range.last = *to;
  return range;
}

std::vector<std::string> mime_header_values(const MessageParts& parts,
                                            const MimeHeaderQuery& query) {
  std::vector<std::string> out;
  std::size_t number = 0;
  for (const auto& part : parts.all()) {
    if (part.type.empty()) continue;
    if (++number > query.range.last) break;
    if (number >= query.range.first) out.push_back(value_in(part, query));
  }
  if (!query.concat) return out;
  std::string joined;
  for (const auto& value : out) {
    joined += value;
    if (!value.ends_with('\n')) joined += '\n';
  }
  return {joined};
}

}  // namespace postern
