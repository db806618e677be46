#include "gateway/queue/manifest.h"

#include <iterator>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "gateway/queue/message_id.h"
#include "gateway/queue/record.h"

namespace postern {

namespace {

constexpr std::string_view title = "POSTERN BACKUP ";
constexpr unsigned version = 1;
constexpr std::string_view last_word = "end ";

std::unexpected<Error> wrong(std::string what) {
  return fail(std::errc::illegal_byte_sequence, "the backup's manifest: " + std::move(what));
}

bool is_spool_file(std::string_view path) {
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return false;
  const auto folder = path.substr(0, slash);
  const auto name = path.substr(slash + 1);
  return (folder == "log" && parse_segment_name(name)) ||
         (folder == "content" && MessageId::parse(name));
}

std::optional<std::uint32_t> parse_crc(std::string_view digits) {
  std::uint32_t out = 0;
  if (digits.size() != 8) return std::nullopt;
  for (const char c : digits) {
    const bool letter = c >= 'a' && c <= 'f';
    if (!is_digit(c) && !letter) return std::nullopt;
    out = out << 4 | static_cast<unsigned>(letter ? c - 'a' + 10 : c - '0');
  }
  return out;
}

bool parse_line(std::string_view line, Manifest& into) {
  const auto pieces = split(line, ' ');
  if (pieces.size() == 2) {
    const auto number = parse_number(pieces[1], INT64_MAX);
    if (!number) return false;
    if (pieces[0] == "messages") into.messages = *number;
    if (pieces[0] == "taken") into.taken = WallTime(std::chrono::microseconds(*number));
    return pieces[0] == "messages" || pieces[0] == "taken";
  }
  if (pieces.size() != 4 || pieces[0] != "file" || !is_spool_file(pieces[1])) return false;
  const auto size = parse_number(pieces[2]);
  const auto crc = parse_crc(pieces[3]);
  if (!size || !crc) return false;
  into.files.push_back({std::string(pieces[1]), *size, *crc});
  return true;
}

}  // namespace

std::string Manifest::encode() const {
  std::string out = fmt::format("{}{}\ntaken {}\nmessages {}\n", title, version,
                                taken.time_since_epoch().count(), messages);
  for (const auto& file : files) {
    fmt::format_to(std::back_inserter(out), "file {} {} {:08x}\n", file.path, file.size, file.crc);
  }
  fmt::format_to(std::back_inserter(out), "{}{:08x}\n", last_word, crc32c(out));
  return out;
}

Result<Manifest> Manifest::parse(std::string_view text) {
  const auto first = text.substr(0, text.find('\n'));
  if (!first.starts_with(title)) return wrong("this is none");
  if (parse_number(first.substr(title.size())) != version) {
    return fail(std::errc::not_supported, "the backup has version " +
                                              printable(first.substr(title.size())) +
                                              ", which this gateway does not know");
  }
  const auto end = text.rfind("\n" + std::string(last_word));
  if (end == std::string_view::npos || !text.ends_with('\n')) return wrong("it is cut short");
  auto body = text.substr(0, end + 1);
  auto checksum = text.substr(end + 1 + last_word.size());
  checksum.remove_suffix(1);
  if (parse_crc(checksum) != crc32c(body)) return wrong("the checksum is wrong");

  Manifest out;
  std::set<std::string_view> paths;
  body.remove_prefix(first.size() + 1);
  while (!body.empty()) {
    const auto line = body.substr(0, body.find('\n'));
    if (!parse_line(line, out)) return wrong("this line makes no sense: " + printable(line));
    body.remove_prefix(line.size() + 1);
  }
  for (const auto& file : out.files) {
    if (!paths.insert(file.path).second) return wrong(file.path + " is there twice");
  }
  return out;
}

}  // namespace postern
