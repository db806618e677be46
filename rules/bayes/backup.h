// backup.h — the text that `sa-learn --backup` writes and `--restore` reads, line by line.
//
//     v<TAB>3<TAB>db_version # …     first of all; then "num_spam" and "num_nonspam"
//     t<TAB>spam<TAB>ham<TAB>last used<TAB>ten hexadecimal digits
//     s<TAB>s or h<TAB>message id
//
// Version 2 has the words themselves instead of digits. As sa-learn does, lines of other kinds are
// passed over, counts below 0 are read as 0, and tokens without counts are left out.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "rules/bayes/token_store.h"

namespace postern {

struct BackupVersion {
  std::uint64_t number = 0;
};
struct BackupSpam {
  std::uint64_t messages = 0;
};
struct BackupHam {
  std::uint64_t messages = 0;
};
struct BackupToken {
  Token token = 0;
  TokenCounts counts;
};
struct BackupSeen {
  std::string_view message_id;  // within the line
  bool spam = false;
};
struct BackupNothing {};  // a line that says nothing to us

using BackupLine =
    std::variant<BackupNothing, BackupVersion, BackupSpam, BackupHam, BackupToken, BackupSeen>;

/// Reads a file's lines one after the other.
class BackupReader {
 public:
  /// `now`: no token was used later (seconds since 1970).
  explicit BackupReader(std::uint32_t now) : now_(now) {}

  /// `line` without its end. An error says what is wrong with it: only the first line can be
  /// refused, and one that pretends to be a token and is none.
  std::expected<BackupLine, std::string> read(std::string_view line);

  /// After the last line: what is missing, or "".
  std::string_view missing() const;

 private:
  std::expected<BackupLine, std::string> read_version(std::string_view line);
  std::expected<BackupLine, std::string> read_token(std::string_view fields) const;

  std::uint32_t now_;
  std::uint64_t version_ = 0;  // 0 before the first line
  bool has_spam_ = false;
  bool has_ham_ = false;
};

/// The three lines that a backup begins with.
std::string backup_head(const LearntMessages& messages);
std::string backup_line(Token token, const TokenCounts& counts);
std::string backup_line(std::string_view message_id, bool spam);

/// Ten digits.
std::string hex_token(Token token);

}  // namespace postern
