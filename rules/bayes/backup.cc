#include "rules/bayes/backup.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::uint64_t own_version = 3;

/// Up to white space; the white space behind it goes, too.
std::string_view take_field(std::string_view& rest) {
  const auto end = static_cast<std::size_t>(std::ranges::find_if(rest, is_space) - rest.begin());
  const auto field = rest.substr(0, end);
  rest.remove_prefix(end);
  while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
  return field;
}

/// A count as Perl reads one: what is no number is 0, and below 0 there is nothing.
std::uint64_t count_of(std::string_view field, std::uint64_t most) {
  std::int64_t value = 0;
  const auto read = std::from_chars(field.data(), field.data() + field.size(), value);
  if (read.ec == std::errc::result_out_of_range) return field.starts_with('-') ? 0 : most;
  return std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)), most);
}

std::uint32_t small_count_of(std::string_view field) {
  return static_cast<std::uint32_t>(count_of(field, UINT32_MAX));
}

std::optional<Token> token_in(std::string_view digits) {
  if (digits.size() != 2 * token_octets) return {};
  Token token = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), token, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  return token;
}

}  // namespace

std::expected<BackupLine, std::string> BackupReader::read_version(std::string_view line) {
  std::string_view rest = line;
  const auto kind = take_field(rest);
  const auto version = parse_number(take_field(rest), 1000);
  if (kind != "v" || !version || !rest.starts_with("db_version"))
    return std::unexpected("the first line of a backup is \"v\", a version and \"db_version\"");
  if (*version != 2 && *version != own_version)
    return std::unexpected(fmt::format("version {} is not known: 2 and 3 are", *version));
  version_ = *version;
  return BackupVersion{version_};
}

std::expected<BackupLine, std::string> BackupReader::read_token(std::string_view fields) const {
  TokenCounts counts;
  counts.spam = small_count_of(take_field(fields));
  counts.ham = small_count_of(take_field(fields));
  counts.last_used = std::min(small_count_of(take_field(fields)), now_);
  if (counts.spam == 0 && counts.ham == 0) return BackupNothing{};
  if (version_ < own_version) return BackupToken{token_of(fields), counts};
  const auto token = token_in(fields);
  if (!token) return std::unexpected("a token has ten hexadecimal digits");
  return BackupToken{*token, counts};
}

std::expected<BackupLine, std::string> BackupReader::read(std::string_view line) {
  if (version_ == 0) return read_version(line);
  if (line.size() < 2 || !is_space(line[1])) return BackupNothing{};
  std::string_view rest = line;
  const auto kind = take_field(rest);
  if (kind == "t") return read_token(rest);
  const auto value = take_field(rest);
  if (kind == "v" && rest == "num_spam") {
    has_spam_ = true;
    return BackupSpam{count_of(value, UINT32_MAX)};
  }
  if (kind == "v" && rest == "num_nonspam") {
    has_ham_ = true;
    return BackupHam{count_of(value, UINT32_MAX)};
  }
  if (kind == "s" && (value == "s" || value == "h") && !rest.empty())
    return BackupSeen{rest, value == "s"};
  return BackupNothing{};
}

std::string_view BackupReader::missing() const {
  if (version_ == 0) return "the file is empty";
  if (!has_spam_) return "there is no line with num_spam";
  if (!has_ham_) return "there is no line with num_nonspam";
  return "";
}

std::string backup_head(const LearntMessages& messages) {
  return fmt::format(
      "v\t{}\tdb_version # this must be the first line!!!\nv\t{}\tnum_spam\nv\t{}\tnum_nonspam\n",
      own_version, messages.spam, messages.ham);
}

std::string hex_token(Token token) { return fmt::format("{:010x}", token); }

std::string backup_line(Token token, const TokenCounts& counts) {
  return fmt::format("t\t{}\t{}\t{}\t{}\n", counts.spam, counts.ham, counts.last_used,
                     hex_token(token));
}

std::string backup_line(std::string_view message_id, bool spam) {
  return fmt::format("s\t{}\t{}\n", spam ? 's' : 'h', message_id);
}

}  // namespace postern
