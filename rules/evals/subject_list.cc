// WelcomeListSubject.pm of SpamAssassin 4.0.1: words in the subject that decide.
#include <algorithm>
#include <array>
#include <string>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

/// A glob anywhere in a text, within one line of it.
bool contains_glob(const std::string& glob, std::string_view text) {
  const auto anywhere = '*' + glob + '*';
  return std::ranges::any_of(split(text, '\n'),
                             [&](std::string_view line) { return matches_glob(anywhere, line); });
}

bool is_listed(ScannedMessage& message, std::string_view list) {
  const auto& globs = message.settings().lists.find_subjects(list);
  if (globs.empty()) return false;
  const auto subject = to_lower(message.headers().get("Subject"));
  return !subject.empty() &&
         std::ranges::any_of(globs, [&](const auto& glob) { return contains_glob(glob, subject); });
}

double check_subject_in_welcomelist(ScannedMessage& message) {
  return is_listed(message, "welcomelist_subject");
}
double check_subject_in_blocklist(ScannedMessage& message) {
  return is_listed(message, "blocklist_subject");
}

constexpr std::array functions{
    EvalFunction{"check_subject_in_blacklist", bind_plain<check_subject_in_blocklist>},
    EvalFunction{"check_subject_in_blocklist", bind_plain<check_subject_in_blocklist>},
    EvalFunction{"check_subject_in_welcomelist", bind_plain<check_subject_in_welcomelist>},
    EvalFunction{"check_subject_in_whitelist", bind_plain<check_subject_in_welcomelist>},
};

}  // namespace

EvalTable subject_list_evals() { return functions; }

}  // namespace postern
