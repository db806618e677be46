// bayes_fuzz.cc — a backup of a Bayes database, and lines cut into words.
#include <algorithm>
#include <variant>

#include "rules/bayes/backup.h"
#include "rules/bayes/header_tokens.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void read_backup(std::string_view text) {
  constexpr std::uint32_t now = 2000000000;
  BackupReader reader(now);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = reader.read(text.substr(0, end));
    if (line && std::holds_alternative<BackupToken>(*line)) {
      const auto& token = std::get<BackupToken>(*line);
      const auto written = backup_line(token.token, token.counts);
      BackupReader again(now);
      require(again.read("v\t3\tdb_version").has_value(), "a version is read");
      const auto same = again.read(std::string_view(written).substr(0, written.size() - 1));
      require(same.has_value() && std::holds_alternative<BackupToken>(*same) &&
                  std::get<BackupToken>(*same).token == token.token &&
                  std::get<BackupToken>(*same).counts == token.counts,
              "what is written is read the same");
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void cut(std::string_view text) {
  const BayesSettings settings;
  Matcher matcher;
  TokenBag bag;
  LineTokens lines(settings, matcher, bag);
  for (const auto region : {Region::header, Region::body, Region::uri}) lines.add(text, "", region);
  for (const std::string_view name : {"Message-ID", "From", "Received", "Content-Type", "X-Any"}) {
    const HeaderText field{name, text};
    add_header_tokens({&field, 1}, {}, settings, matcher, bag);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto text = as_text(octets, size);
  read_backup(text);
  cut(text);
  return 0;
}
