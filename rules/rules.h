// rules.h — scoring a message by SpamAssassin's rule language: load once, scan many.
//
//     auto loaded = load_rules({"/etc/postern/rules"});
//     if (!loaded.problems.empty()) …            // check fails; a reload keeps the old set
//     ScanScratch scratch;                       // one a thread
//     auto result = scan(*loaded.rules, {.octets = message, .envelope_from = sender}, scratch);
//
// A RuleSet never changes and is shared. A scan takes no lock, does no I/O and is bounded in time
// and memory for any message.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "rules/base/rule_costs.h"
#include "rules/engine/rule_set.h"
#include "rules/engine/shortcircuit.h"
#include "rules/language/parser.h"
#include "rules/message/scan_input.h"
#include "rules/message/scanned_message.h"
#include "rules/patterns/pattern_index.h"
#include "rules/patterns/regex.h"

namespace postern {

/// Bits of a score set.
constexpr unsigned with_network = 1;
constexpr unsigned with_bayes = 2;

struct LoadOptions {
  unsigned score_set = 0;  // bit 0 = network tests on, bit 1 = Bayes on
  std::string locale = "en_US";
  double required_score = 0;  // instead of what the rules say; 0: that
};

struct LoadedRules {
  std::shared_ptr<const RuleSet> rules;  // never null: what could be understood
  std::vector<Problem> problems;   // lines without effect; whoever loads decides what they mean
  std::vector<Problem> remarks;    // legal, and probably not what was meant
  std::vector<std::string> files;  // as read, in order
};

/// Reads rule files, and of folders those called *.pre and *.cf: first the *.pre of all folders,
/// then the rest, folder by folder, in the order of their names.
LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options = {});

/// Where SpamAssassin 4.0.1 would look: what sa-update fetched, else what came with the package;
/// then the site's own folder. `root` stands for "/", for tests.
std::vector<std::string> spamassassin_folders(const std::string& root = "/");

/// The same from text, without files; `include` is a problem there.
LoadedRules load_rules_text(std::string_view text, const std::string& name,
                            const LoadOptions& options = {});

struct Preferences;

struct Hit {
  std::string_view name;
  double score = 0;  // in all: the rule's score times `count`
  std::string_view description = {};
  unsigned count = 1;  // how often it scored
  double value = 1;    // what metas see of it
};

struct ScanResult {
  std::shared_ptr<const RuleSet> rules;  // whose names and descriptions the hits point to
  double score = 0;
  double required_score = 5;
  std::vector<Hit> hits;              // sorted by name, without sub-rules
  std::vector<Hit> subrules;          // the __NAMES that hit, sorted
  std::vector<std::string> limited;   // rules whose expression passed its limit: counted as no hit
  std::vector<std::string> disabled;  // … of these, the ones that this scan switched off for good

  std::string languages;        // with blanks between, where TextCat is loaded
  AutolearnDecision autolearn;  // disabled in score sets without Bayes
  /// Of the recipient whom the result is for; nullptr: those of the rules.
  std::shared_ptr<const ReportSettings> report;

  std::optional<Shortcut> shortcut;  // what decided the message before all rules had run

  bool is_spam() const { return score >= required_score; }
};

/// What a scan needs and the next one can use again: one a thread.
struct ScanScratch {
  Matcher matcher;
  PatternScratch patterns;
  PatternHits found;
  std::vector<std::string_view> subjects;
  std::vector<double> values;  // by rule number; after a scan, those of its message
  std::vector<double> operands;
  std::vector<double> stack;
  std::vector<AutolearnHit> learning;  // of the hits
  /// The site's settings, to be given the lists of recipients, and whose they are.
  std::unique_ptr<ScanScratch> of_recipients;  // for their own rules
  std::unique_ptr<RuleSettings> own_settings;
  std::shared_ptr<const RuleSet> own_settings_of;
  /// Where given, a scan adds what each rule costs; one entry a rule. Makes scans slower.
  RuleCosts* costs = nullptr;
};

ScanResult scan(const RuleSet& rules, const ScanInput& input, ScanScratch& scratch);

/// The same in steps, for who can ask the DNS: all questions are known before anything is scored,
/// so that answers are on their way meanwhile.
///
///     MessageScan scan(rules, input, scratch);
///     for (q : scan.questions()) …           // ask; each answer: scan.answer(q, a), questions()
///     scan.run();                            // what needs no answer
///     auto result = scan.finish();           // when all answers are in, or time is up
class MessageScan {
 public:
  MessageScan(const RuleSet& rules, const ScanInput& input, ScanScratch& scratch);
  ~MessageScan();
  MessageScan(const MessageScan&) = delete;
  MessageScan& operator=(const MessageScan&) = delete;

  /// Those that were not handed out yet; none in local mode.
  std::vector<NetworkQuestion> questions();
  void answer(const NetworkQuestion& question, const NetworkAnswer& answer);
  void run();
  ScanResult finish();
  /// After finish(): the same for a recipient with preferences (preferences.h).
  ScanResult result_for(const Preferences& preferences);
  /// What was looked at, for who wants to know more of it: what it would teach, for one.
  ScannedMessage& message();

 private:
  class Steps;
  std::unique_ptr<Steps> steps_;
};

struct ScanLineOptions {
  bool subrules = false;  // one more column
  bool values = false;    // NAME=7 where metas see another value than 1
};
/// "message TAB score(3 decimals) TAB rule,rule,…", without a line end.
std::string scan_line(std::string_view message, const ScanResult& result,
                      const ScanLineOptions& options = {});

}  // namespace postern
