// score.cc — SpamAssassin's rules on the message: the score, the marks in the header, the refusal.
//
// Runs in a scan worker, since it reads hostile octets. The rules are read when the configuration
// is loaded, before the worker is locked in. Marks of the same names that a stranger put into the
// message are removed: filters behind us believe them.
//
// Rules that ask the DNS send all their questions first; what needs no answer is scored meanwhile.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "filters/authentication_findings.h"
#include "filters/checksum_findings.h"
#include "filters/configured_maps.h"
#include "filters/score_marks.h"
#include "gateway/base/log.h"
#include "gateway/bayes/learning.h"
#include "gateway/bayes/token_lookup.h"
#include "gateway/pipeline/filter.h"
#include "gateway/pipeline/rule_lookups.h"
#include "rules/engine/preferences.h"
#include "rules/rules.h"

namespace postern {

extern const FilterType score_filter;

namespace {

constexpr Event rules_disabled{
    "score-rules-disabled", Level::warning,
    "Rules passed their match limit again and again and were switched off in this worker. "
    "rules= names them: make their expressions cheaper, or remove them."};

// Different preferences among the recipients of one message: as many as may travel (Share).
constexpr std::size_t most_groups = 32;

struct Settings {
  std::shared_ptr<const RuleSet> rules;
  std::string bayes_database;
  std::shared_ptr<const TokenStore> bayes;  // mapped before the worker is locked in; may be null
  std::optional<PreferenceFolder> preferences;
  double reject_score = 0;  // 0: never
  ScoreMarks marks;
};

/// What a message teaches that the rules are sure of. `result` says what became of it, so that the
/// header can tell; a lesson that is lost on its way from here is told nobody but the metrics.
std::shared_ptr<const AutoLesson> take_lesson(const Settings& settings, const Context& context,
                                              ScannedMessage& message, ScanResult& result) {
  auto& decision = result.autolearn.what;
  if (!settings.bayes || !result.autolearn.learns()) return nullptr;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(context.clock.wall().time_since_epoch());
  AutoLesson lesson{decision == Autolearn::spam, lesson_of(message, now.count())};
  const auto& names = lesson.lesson.names;
  if (settings.bayes->remembers(names.generated) || settings.bayes->remembers(names.message_id)) {
    decision = Autolearn::unavailable;
    return nullptr;
  }
  if (lesson.lesson.tokens.size() > most_auto_tokens) {
    decision = Autolearn::failed;
    return nullptr;
  }
  return std::make_shared<const AutoLesson>(std::move(lesson));
}

class ScoreFilter final : public Filter {
 public:
  explicit ScoreFilter(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  Task<Answer> on_message(Context context, Message message) override {
    const Settings& settings = *settings_;
    const std::string octets = message.received + *message.content;
    ScanInput input;
    input.octets = octets;
    input.envelope_from = context.evidence.sender.address;
    const auto authentication = authentication_for_rules(context.evidence.findings);
    input.authentication = authentication ? &*authentication : nullptr;
    input.bayes = settings.bayes.get();
    input.checksums = checksum_reports(context.evidence.findings);
    MessageScan scan(*settings.rules, input, scratch_);
    RuleLookups lookups(scan, context.dns, lookups_end(context));
    lookups.send();
    scan.run();
    co_await lookups.answered();
    ScanResult result = scan.finish();
    const auto lesson = take_lesson(settings, context, scan.message(), result);
    tell_disabled(context, result);
    auto out = opinion_of(context, message, scan, result);
    out.lesson = lesson;
    co_return out;
  }

 private:
  /// What is found for all recipients, or for those with the same preferences.
  struct Group {
    const Preferences* preferences = nullptr;
    std::vector<std::uint32_t> recipients;
    ScanResult result = {};
  };

  Opinion opinion_of(const Context& context, const Message& message, MessageScan& scan,
                     const ScanResult& site) const {
    auto groups = groups_of(context.evidence.recipients);
    for (auto& group : groups)
      group.result = group.preferences ? scan.result_for(*group.preferences) : site;
    for (const auto& group : groups) {
      if (group.preferences != nullptr) tell_disabled(context, group.result);
    }
    const auto refused = static_cast<std::size_t>(std::ranges::count_if(
        groups, [this](const Group& group) { return is_refused(group.result); }));

    const Group& first = groups.front();
    Opinion out;
    out.score = first.result.score;
    out.required = first.result.required_score;
    for (const auto& hit : first.result.hits)
      out.findings.push_back({std::string(hit.name), hit.score, std::string(hit.description)});
    if (refused == groups.size()) {
      out.verdict = Verdict::reject;
      out.reply = reply(
          550, {5, 7, 1},
          fmt::format("Message refused: it looks like spam (score {:.1f})", first.result.score));
      out.reason = refusal(first.result);
      return out;
    }
    const Marking marking{settings_->marks, *message.content, scan.message()};
    if (groups.size() == 1) {
      out.changes = marking.changes(first.result, first.preferences);
      return out;
    }
    for (auto& group : groups) out.shares.push_back(share_of(group, marking));
    return out;
  }

  static void tell_disabled(const Context& context, const ScanResult& result) {
    if (result.disabled.empty()) return;
    log(rules_disabled, {{"queue", context.evidence.id.text()},
                         {"rules", fmt::format("{}", fmt::join(result.disabled, ","))}});
  }

  /// Others take the message: it cannot be refused any more, and is kept for who would have it so.
  Share share_of(Group& group, const Marking& marking) const {
    return {.recipients = std::move(group.recipients),
            .hold = is_refused(group.result) ? refusal(group.result) : "",
            .spam = group.result.is_spam(),
            .changes = marking.changes(group.result, group.preferences)};
  }

  bool is_refused(const ScanResult& result) const {
    return settings_->reject_score > 0 && result.score >= settings_->reject_score;
  }
  std::string refusal(const ScanResult& result) const {
    return fmt::format("score {:.3f} of {:g}: {}", result.score, settings_->reject_score,
                       names(result));
  }

  /// At least one. Beyond most_groups different preferences the site's count.
  std::vector<Group> groups_of(const std::vector<RecipientFacts>& recipients) const {
    std::vector<Group> out;
    for (std::size_t i = 0; i < recipients.size() && settings_->preferences; ++i) {
      const auto* wanted = settings_->preferences->find(recipients[i].address);
      auto group = std::ranges::find(out, wanted, &Group::preferences);
      if (group == out.end() && out.size() + 1 >= most_groups) {
        wanted = nullptr;
        group = std::ranges::find(out, wanted, &Group::preferences);
      }
      if (group == out.end()) group = out.insert(group, Group{wanted, {}, {}});
      group->recipients.push_back(static_cast<std::uint32_t>(i));
    }
    if (out.empty()) out.emplace_back();
    return out;
  }

  /// rbl_timeout, and time left to add things up.
  SteadyTime lookups_end(const Context& context) const {
    return std::min(lookup_deadline(*settings_->rules), context.deadline - milliseconds(500));
  }

  static std::string names(const ScanResult& result) {
    std::string out;
    for (const auto& hit : result.hits) {
      if (!out.empty()) out += ',';
      out += hit.name;
    }
    return out;
  }

  std::shared_ptr<const Settings> settings_;
  ScanScratch scratch_;
};

class ScoreFactory final : public FilterFactory {
 public:
  explicit ScoreFactory(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  std::unique_ptr<Filter> make() const override { return std::make_unique<ScoreFilter>(settings_); }
  bool answers(Stage stage) const override { return stage == Stage::message; }
  std::optional<LearningPlace> learning() const override {
    const BayesSettings& bayes = settings_->rules->settings().bayes;
    if (!settings_->bayes || !bayes.use || !bayes.auto_learn) return std::nullopt;
    return LearningPlace{settings_->bayes_database, bayes.most_tokens, bayes.expire};
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  auto settings = std::make_shared<Settings>();
  std::vector<std::string> paths;
  keys.list("rules", paths,
            "Rule files of SpamAssassin's language, and folders with such files (*.pre, then "
            "*.cf), in the order in "
            "which they are read; the last definition of a rule wins.");
  LoadOptions options;
  keys.real(
      "required_score", options.required_score, 0, 10000,
      "From this score on a message is marked as spam. 0: what required_score in the rules says.");
  keys.real(
      "reject_score", settings->reject_score, 0, 10000,
      "From this score on a message is refused with 550. 0: never; spam is marked and delivered.");
  keys.text("rewrite_header_subject", settings->marks.subject_tag,
            "Put in front of the subject of spam, such as \"[SPAM]\"; _SCORE_ and _REQD_ in it are "
            "replaced. Empty: "
            "what rewrite_header Subject in the rules says.");
  keys.flag(
      "add_headers", settings->marks.add_headers,
      "Add the X-Spam fields that add_header in the rules asks for, or else X-Spam-Status, "
      "X-Spam-Level and X-Spam-Flag, and remove all X-Spam fields that the message came with.");
  keys.choice("report_safe", settings->marks.report_safe, {"0", "1", "2", "rules"},
              "What becomes of spam: 0 marks in its header alone; 1 a report with the message "
              "attached to it, 2 the same with the message as plain text; rules: what report_safe "
              "in the rules says, which is 1 with SpamAssassin's own files.");
  std::string preferences;
  keys.text(
      "preferences", preferences,
      "Folder with preferences of recipients, in the rules' language: a file named "
      "user@example.org or example.org with required_score, score, welcomelist_from, "
      "blocklist_from and their kin, rewrite_header, add_header or report_safe, and rules where "
      "allow_user_rules 1 stands in the site's files. Read with "
      "the configuration. Empty: the same for all.");
  bool network_tests = false;
  keys.flag(
      "network_tests", network_tests,
      "Run the rules that ask DNS lists (check_rbl, urirhssub, askdns), with the scores that "
      "the rules have for that. The lists see the hosts of your mail: mind their terms of use.");
  const std::string& bayes_database = settings->bayes_database;
  keys.text("bayes_database", settings->bayes_database,
            "Folder of a Bayes database that `postern bayes learn` fills: BAYES_nn rules hit, and "
            "rules have the scores that they are given beside Bayes. Messages that the rules are "
            "sure of are learnt, unless bayes_auto_learn 0 stands in the rules: the folder must "
            "belong to mail_owner. Empty: without Bayes.");
  if (paths.empty()) {
    keys.problem("rules", "'rules' is empty: name the files or folders with the rules to score by");
    return nullptr;
  }
  if (network_tests) options.score_set |= with_network;
  if (!bayes_database.empty()) {
    auto opened = open_token_store(bayes_database);
    if (!opened) {
      keys.problem(
          "bayes_database",
          opened.error().what + ": make it with postern bayes learn, or leave the key out");
      return nullptr;
    }
    settings->bayes = std::move(*opened);
    prepare_lessons();
    options.score_set |= with_bayes;
  }
  LoadedRules loaded = load_rules(paths, options);
  if (report_problems(keys, "rules", loaded.problems)) return nullptr;
  settings->rules = std::move(loaded.rules);
  if (!preferences.empty()) {
    auto read = load_preferences(preferences, *settings->rules);
    if (report_problems(keys, "preferences", read.diagnosis.problems)) return nullptr;
    settings->preferences = std::move(read.folder);
  }
  return std::make_shared<ScoreFactory>(std::move(settings));
}

}  // namespace

const FilterType score_filter{
    .name = "score",
    .help =
        "Scores the message by SpamAssassin's rules, marks spam, and refuses it from reject_score "
        "on.",
    .placement = Placement::scan_worker,
    .configure = configure,
};

}  // namespace postern
