// scan_steps.h — the steps of one scan (rules.h): what a message's values are, and what they come
// to.
//
// Private to the scan, which is written in four files: scan.cc runs it and adds up, scan_texts.cc
// looks for patterns in headers and texts, scan_single.cc runs rules one by one, and
// scan_recipient.cc lays a recipient's preferences over what was found.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/engine/preferences.h"
#include "rules/language/capture_template.h"
#include "rules/message/scanned_message.h"
#include "rules/rules.h"

namespace postern {

class MessageScan::Steps {
 public:
  Steps(const RuleSet& set, const ScanInput& input, ScanScratch& scratch);

  /// Header evals go first: FreeMail takes addresses out of the body that rules look at.
  void run();
  NetworkScan& network();
  ScanResult finish();
  /// What the site's rules find does not depend on scores. Only what preferences touch is asked
  /// again: metas, since a rule may be off, and the functions that look into lists.
  ScanResult result_for(const Preferences& preferences);
  ScannedMessage& message() { return message_; }

 private:
  using LeftOut = std::function<bool(std::uint32_t)>;

  // scan.cc
  void evaluate_metas();
  /// What rules look at is not charged to the rule that looks first.
  void make_views();
  /// dns_block_rule: the rule means that its list will not answer us.
  void close_zones(const std::string& rule) const;
  void metas();
  /// By a recipient's preferences; what the site switched off is in no class.
  bool is_off(std::uint32_t number) const;
  double meta_value(std::uint32_t number);
  void collect();
  /// The hit that tells that not all rules had run; a rule of that name describes it.
  void collect_shortcut(const Shortcut& shortcut);
  /// Any value but 0 is a hit, and hits only ever add: a negative one counts as 1.
  static double as_hits(double value) { return value > 0 || value == 0 ? value : 1; }

  // scan_texts.cc
  LeftOut disabled() const;
  /// Looks for the patterns of `index` in `subjects` and counts what matches. Rules that passed
  /// their limit are left in found.limited for the caller.
  void count(const PatternIndex& index, std::span<const std::string_view> subjects,
             const LeftOut& left_out);
  /// A rule that is too dear for this message is out of it, and after some messages for good:
  /// nobody's mail may stand still for one expression (fault F31).
  void limit(std::uint32_t number);
  void header_rules();
  void header_group(const HeaderGroup& group, const std::optional<std::string>& value);
  void special_headers(const HeaderGroup& group, bool present);
  /// Without the field a pattern is tried on what [if-unset] says. False: it passed its limit.
  bool unset_header(std::uint32_t number);
  void text_rules();
  void body_rules();
  void text_class(RuleType type, const std::vector<std::string>& texts, const LeftOut& left_out);
  void count_texts(RuleType type, std::span<const std::string_view> subjects,
                   const LeftOut& left_out);

  // scan_single.cc
  /// Counts matches in one subject, up to `bound` in all; false when there is no need to look at
  /// more subjects.
  bool count_in(std::uint32_t number, const Regex& pattern, std::string_view subject,
                unsigned bound);
  /// The texts that a rule looks at; header rules one at most.
  std::span<const std::string_view> subjects_of(const CompiledRule& rule);
  void lone_rule(std::uint32_t number, const Regex& pattern);
  void capture_rule(std::uint32_t number);
  void keep_captures(const std::vector<Regex::NamedGroup>& groups);
  void template_rule(std::uint32_t number);
  void evals(std::initializer_list<RuleType> types);
  void plugin_rules();
  void uri_detail_rule(std::uint32_t number);
  /// The first part that matches decides; with `multiple` its matches are counted. With !~ the rule
  /// hits whatever matches: MIMEHeader.pm of 4.0.1 leaves its loop before a match is counted.
  void mime_header_rule(std::uint32_t number, const Regex& pattern);

  // scan_recipient.cc
  /// Rules of a recipient's own, on a view of the message of their own.
  void add_own(const Preferences::OwnRules& own);
  /// With the lists of a recipient, on a view of the message that knows no others.
  void ask_lists(const Preferences& preferences);

  const RuleSet& set_;
  ScanScratch& scratch_;
  ScannedMessage message_;
  std::optional<NetworkScan> network_;  // made where someone can ask
  Captures captures_;
  std::string room_;  // a header's value for subjects_of()
  ScanResult result_;
  const Preferences* preferences_ = nullptr;  // while a result is made for a recipient
  std::vector<double> before_metas_;          // what was found, for the results of recipients
  AutolearnDecision autolearn_;
};

}  // namespace postern
