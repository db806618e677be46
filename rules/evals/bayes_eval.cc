// bayes_eval.cc — check_bayes: does the message's probability lie in a range (Plugin/Bayes.pm).
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/bayes/message_tokens.h"
#include "rules/bayes/probability.h"
#include "rules/bayes/token_store.h"
#include "rules/evals/address_globs.h"
#include "rules/evals/message_addresses.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

bool any_matches(const std::vector<std::string>& patterns,
                 const std::vector<std::string>& addresses) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return std::ranges::any_of(
        addresses, [&](const std::string& address) { return matches_glob(pattern, address); });
  });
}

bool is_ignored(ScannedMessage& message) {
  const auto& bayes = message.settings().bayes;
  return (!bayes.ignored_senders.empty() &&
          any_matches(bayes.ignored_senders, message.memo<SenderAddresses>().all)) ||
         (!bayes.ignored_recipients.empty() &&
          any_matches(bayes.ignored_recipients, message.memo<RecipientAddresses>().all));
}

bool has_learnt_enough(const std::optional<LearntMessages>& learnt, const BayesSettings& bayes) {
  return learnt && static_cast<double>(learnt->spam) >= bayes.least_spam &&
         static_cast<double>(learnt->ham) >= bayes.least_ham;
}

std::optional<double> probability_of(ScannedMessage& message) {
  const auto& bayes = message.settings().bayes;
  const TokenStore* store = message.input().bayes;
  if (!store || !bayes.use || !bayes.use_rules || is_ignored(message) ||
      !has_learnt_enough(store->messages(), bayes))
    return {};
  std::vector<TokenCounts> counts;
  const auto learnt = store->look_up(message.memo<MessageTokens>().tokens, counts);
  if (!learnt) return {};
  return message_probability(counts, *learnt, bayes.use_hapaxes);
}

/// A memo of one message: asked for ten times, found out once.
struct SpamProbability {
  explicit SpamProbability(ScannedMessage& message) : value(probability_of(message)) {}
  std::optional<double> value;
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return {};
  return value;
}

/// Above the first and up to the second; from 0 on where the first is 0, and without an end where
/// the second is "undef".
BindResult bind_check_bayes(const EvalArguments& arguments, const RuleSettings&) {
  const auto least = arguments.size() == 2 ? number(arguments[0]) : std::nullopt;
  const bool open = arguments.size() == 2 && arguments[1] == "undef";
  const auto most = open || arguments.size() != 2 ? std::nullopt : number(arguments[1]);
  if (!least || (!most && !open))
    return std::unexpected("check_bayes takes two probabilities, as in ('0.80', '0.95')");
  return [least = *least, most](ScannedMessage& message) -> double {
    const auto& probability = message.memo<SpamProbability>().value;
    return probability && (least == 0 || *probability > least) && (!most || *probability <= *most);
  };
}

constexpr std::array functions{EvalFunction{"check_bayes", bind_check_bayes}};

}  // namespace

EvalTable bayes_evals() { return functions; }

}  // namespace postern
