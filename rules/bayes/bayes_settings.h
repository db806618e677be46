// bayes_settings.h — how messages are cut into tokens, when Bayes has a say, and when a message is
// learnt without anybody's asking: use_bayes and the bayes_* directives.
//
// What places SpamAssassin's own database (bayes_path, bayes_store_module, bayes_sql_*) or runs its
// journal is accepted with a remark: the database of this program is named where it is used.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/setting.h"
#include "rules/patterns/regex.h"

namespace postern {

struct BayesSettings {
  bool use = true;        // use_bayes, use_learner
  bool use_rules = true;  // use_bayes_rules: BAYES_nn may hit

  /// bayes_token_sources: what tokens come from.
  struct Sources {
    bool header = true;
    bool visible = true;
    bool invisible = true;
    bool uri = true;
    bool mime_part = false;
  } sources;

  /// Fields that give no tokens, in lower case.
  std::set<std::string, std::less<>> ignored_headers;
  /// Senders and recipients whose mail Bayes does not look at; entries with * and ?.
  std::vector<std::string> ignored_senders;
  std::vector<std::string> ignored_recipients;

  /// Octets; longer words are cut (see line_tokens.h).
  std::size_t longest_token = 15;
  /// bayes_stopword_xx: whole words of a language that say nothing.
  std::map<std::string, std::shared_ptr<const Regex>, std::less<>> stop_words;
  /// bayes_stopword_languages; those without stop words have no effect.
  std::vector<std::string> languages{"en"};

  /// Before so many messages of each kind are learnt, BAYES_nn are silent.
  double least_spam = 200;
  double least_ham = 200;
  /// Whether tokens that were seen once count.
  bool use_hapaxes = true;

  /// Above so many tokens the oldest go: bayes_expiry_max_db_size, bayes_auto_expire.
  double most_tokens = 150000;
  bool expire = true;

  bool auto_learn = true;
  double learn_ham_below = 0.1;   // bayes_auto_learn_threshold_nonspam
  double learn_spam_from = 12.0;  // bayes_auto_learn_threshold_spam
  bool learn_on_error = false;    // only where BAYES_00 or BAYES_99 did not say so already
};

SettingTable bayes_directives();

}  // namespace postern
