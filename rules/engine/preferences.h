// preferences.h — what recipients want otherwise than the site: SpamAssassin's user_prefs.
//
// A folder has a file for a recipient (user@example.org) or a domain (example.org), in the rule
// language. It may set required_score, scores of the site's rules, the welcomelist and blocklist
// families, rewrite_header, add_header and its kin, and report_safe. A message is scanned once, and
// preferences are laid over what was found (MessageScan::result_for). So a thousand files cost
// little more than their text.
//
// Where the site's files say allow_user_rules 1, a file may hold rules too: at most 100 of them, in
// 100 files. They are a set of their own, run on the message in local mode for that recipient,
// whose metas may name the site's rules. Rules are data: nothing of a file is ever executed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/base/diagnosis.h"
#include "rules/base/setting.h"
#include "rules/language/report_settings.h"

namespace postern {

class RuleSet;

/// Of one file; belongs to the rule set that it was read for.
struct Preferences {
  struct RuleScore {
    std::uint32_t rule;
    double score;  // 0 switches the rule off, for metas too
  };

  /// A directive about lists of addresses: applied to the site's lists when a message comes.
  struct ListLine {
    const SettingDirective* directive;
    std::string arguments;
  };

  std::optional<double> required_score;
  std::optional<unsigned> report_safe;
  std::vector<RuleScore> scores;                 // by rule
  std::shared_ptr<const ReportSettings> report;  // nullptr: the site's
  std::vector<ListLine> lists;                   // in the order of the file

  /// Rules of the recipient's own; nullptr where there are none.
  struct OwnRules {
    /// Of a rule that stands in for one of the site's, in metas: its numbers here and there.
    struct Borrowed {
      std::uint32_t here;
      std::uint32_t there;
    };
    std::shared_ptr<const RuleSet> rules;
    std::vector<Borrowed> borrowed;  // by `here`
  };
  std::shared_ptr<const OwnRules> own;

  /// nullptr where the site's counts.
  const double* score_of(std::uint32_t rule) const;
};

/// Reads one file. Limit: 64 KiB.
Preferences read_preferences(std::string text, const std::string& name, const RuleSet& rules,
                             Diagnosis& diagnosis);

/// Adds the lists of one recipient to the site's in `settings`.
void apply_lists(const Preferences& preferences, RuleSettings& settings);

class PreferenceFolder {
 public:
  /// The most specific file for a recipient, its address without extension (user+extension@…);
  /// nullptr where there is none. Case is ignored.
  const Preferences* find(std::string_view address) const;
  std::size_t size() const { return files_.size(); }

 private:
  friend struct LoadedPreferences load_preferences(const std::string& folder, const RuleSet& rules);
  std::unordered_map<std::string, Preferences> files_;
};

struct LoadedPreferences {
  PreferenceFolder folder;
  Diagnosis diagnosis;
};

/// All files of a folder but those whose names begin with a dot or end with "~". Limit: 100,000.
LoadedPreferences load_preferences(const std::string& folder, const RuleSet& rules);

}  // namespace postern
