#include "rules/bayes/bayes_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

bool has_arguments(SettingLine& line, std::string_view what) {
  if (!line.rest.empty()) return true;
  line.problem(line.statement.written, fmt::format("{} is missing behind this directive", what));
  return false;
}

/// 1 or yes, 0 or no.
template <auto field>
void set_flag(SettingLine& line, RuleSettings& settings) {
  const auto value = to_lower(line.rest);
  const bool on = value == "1" || value == "yes";
  if (!on && value != "0" && value != "no")
    return line.problem(line.rest.empty() ? line.statement.written : line.rest,
                        "this directive takes 1 or 0");
  settings.bayes.*field = on;
}

std::optional<double> number(SettingLine& line) {
  double value = 0;
  const char* const end = line.rest.data() + line.rest.size();
  const auto [at, error] = std::from_chars(line.rest.data(), end, value);
  if (error == std::errc{} && at == end && !line.rest.empty()) return value;
  line.problem(line.rest.empty() ? line.statement.written : line.rest, "a number is wanted here");
  return {};
}

template <auto field>
void set_number(SettingLine& line, RuleSettings& settings) {
  if (const auto value = number(line)) settings.bayes.*field = *value;
}

void set_longest_token(SettingLine& line, RuleSettings& settings) {
  constexpr double most = 255;
  const auto value = number(line);
  if (!value) return;
  if (*value < 0 || *value > most) return line.problem(line.rest, "between 0 and 255, please");
  settings.bayes.longest_token = static_cast<std::size_t>(*value);
}

/// Words as "header", "nouri", "all", "none", taken one after the other.
bool apply_source(std::string_view word, BayesSettings::Sources& sources) {
  using Sources = BayesSettings::Sources;
  if (word == "none" || word == "noall") {
    sources = Sources{false, false, false, false, false};
    return true;
  }
  if (word == "all") {
    sources = Sources{true, true, true, true, true};
    return true;
  }
  const bool on = !word.starts_with("no");
  if (!on) word.remove_prefix(2);
  constexpr std::array<std::pair<std::string_view, bool Sources::*>, 5> known{{
      {"header", &Sources::header},
      {"visible", &Sources::visible},
      {"invisible", &Sources::invisible},
      {"uri", &Sources::uri},
      {"mimepart", &Sources::mime_part},
  }};
  const auto found = std::ranges::find(known, word, [](const auto& pair) { return pair.first; });
  if (found == known.end()) return false;
  sources.*found->second = on;
  return true;
}

void set_sources(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line, "a source of tokens")) return;
  while (!line.rest.empty()) {
    const auto word = take_word(line.rest);
    if (!apply_source(to_lower(word), settings.bayes.sources))
      return line.problem(word,
                          "sources are header, visible, invisible, uri and mimepart, each "
                          "also with \"no\" in front, and all and none");
  }
}

void ignore_headers(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line, "the name of a header field")) return;
  while (!line.rest.empty()) settings.bayes.ignored_headers.insert(to_lower(take_word(line.rest)));
}

template <auto list>
void ignore_addresses(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line, "an address")) return;
  while (!line.rest.empty()) (settings.bayes.*list).push_back(to_lower(take_word(line.rest)));
}

void set_languages(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line, "a language, or \"disable\",")) return;
  if (line.rest == "disable") return settings.bayes.languages.clear();
  std::vector<std::string> languages;
  for (const auto word : words(line.rest)) {
    if (word.size() != 2 || !is_alpha(word[0]) || !is_alpha(word[1]))
      return line.problem(word, "a language has two letters, as in \"en\"");
    languages.push_back(to_lower(word));
  }
  settings.bayes.languages = std::move(languages);
}

/// The language is in the key, so that there are as many directives as languages: the ones that
/// SpamAssassin's own files use.
void set_stop_words(SettingLine& line, RuleSettings& settings) {
  if (!has_arguments(line, "a regular expression")) return;
  const std::string language = line.statement.key.substr(line.statement.key.size() - 2);
  while (!line.rest.empty()) {
    const auto written = take_word(line.rest);
    constexpr char delimiter = '\x01';  // which no rule file has
    auto words = Regex::compile(fmt::format("m{0}^(?i){1}${0}", delimiter, written));
    if (!words) return line.problem(written, words.error().what);
    words->compile_native();
    settings.bayes.stop_words[language] = std::make_shared<const Regex>(std::move(*words));
  }
}

void remark_elsewhere(SettingLine& line, RuleSettings&) {
  line.remark(line.statement.written,
              "has no effect: the database is named where it is used, and has no journal");
}

constexpr std::array directives{
    SettingDirective{"use_learner", set_flag<&BayesSettings::use>},
    SettingDirective{"use_bayes", set_flag<&BayesSettings::use>},
    SettingDirective{"use_bayes_rules", set_flag<&BayesSettings::use_rules>},
    SettingDirective{"bayes_token_sources", set_sources},
    SettingDirective{"bayes_ignore_header", ignore_headers},
    SettingDirective{"bayes_ignore_from", ignore_addresses<&BayesSettings::ignored_senders>},
    SettingDirective{"bayes_ignore_to", ignore_addresses<&BayesSettings::ignored_recipients>},
    SettingDirective{"bayes_max_token_length", set_longest_token},
    SettingDirective{"bayes_stopword_languages", set_languages},
    SettingDirective{"bayes_stopword_dk", set_stop_words},
    SettingDirective{"bayes_stopword_nl", set_stop_words},
    SettingDirective{"bayes_stopword_de", set_stop_words},
    SettingDirective{"bayes_stopword_en", set_stop_words},
    SettingDirective{"bayes_stopword_es", set_stop_words},
    SettingDirective{"bayes_stopword_fi", set_stop_words},
    SettingDirective{"bayes_stopword_fr", set_stop_words},
    SettingDirective{"bayes_stopword_gr", set_stop_words},
    SettingDirective{"bayes_stopword_hu", set_stop_words},
    SettingDirective{"bayes_stopword_it", set_stop_words},
    SettingDirective{"bayes_stopword_no", set_stop_words},
    SettingDirective{"bayes_stopword_pl", set_stop_words},
    SettingDirective{"bayes_stopword_pt", set_stop_words},
    SettingDirective{"bayes_stopword_ro", set_stop_words},
    SettingDirective{"bayes_stopword_ru", set_stop_words},
    SettingDirective{"bayes_stopword_se", set_stop_words},
    SettingDirective{"bayes_stopword_tr", set_stop_words},
    SettingDirective{"bayes_min_spam_num", set_number<&BayesSettings::least_spam>},
    SettingDirective{"bayes_min_ham_num", set_number<&BayesSettings::least_ham>},
    SettingDirective{"bayes_use_hapaxes", set_flag<&BayesSettings::use_hapaxes>},
    SettingDirective{"bayes_expiry_max_db_size", set_number<&BayesSettings::most_tokens>},
    SettingDirective{"bayes_auto_expire", set_flag<&BayesSettings::expire>},
    SettingDirective{"bayes_auto_learn", set_flag<&BayesSettings::auto_learn>},
    SettingDirective{"bayes_auto_learn_threshold_nonspam",
                     set_number<&BayesSettings::learn_ham_below>},
    SettingDirective{"bayes_auto_learn_threshold_spam",
                     set_number<&BayesSettings::learn_spam_from>},
    SettingDirective{"bayes_auto_learn_on_error", set_flag<&BayesSettings::learn_on_error>},
    SettingDirective{"bayes_path", remark_elsewhere},
    SettingDirective{"bayes_file_mode", remark_elsewhere},
    SettingDirective{"bayes_store_module", remark_elsewhere},
    SettingDirective{"bayes_learn_to_journal", remark_elsewhere},
    SettingDirective{"bayes_journal_max_size", remark_elsewhere},
    SettingDirective{"bayes_learn_during_report", remark_elsewhere},
    SettingDirective{"bayes_token_ttl", remark_elsewhere},
    SettingDirective{"bayes_seen_ttl", remark_elsewhere},
    SettingDirective{"bayes_sql_dsn", remark_elsewhere},
    SettingDirective{"bayes_sql_username", remark_elsewhere},
    SettingDirective{"bayes_sql_password", remark_elsewhere},
    SettingDirective{"bayes_sql_override_username", remark_elsewhere},
    SettingDirective{"bayes_sql_username_authorized", remark_elsewhere},
};

}  // namespace

SettingTable bayes_directives() { return directives; }

}  // namespace postern
