#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/authoring/score_proposal.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

/// Twenty each: spam hits STRONG and BOTH, ham hits BOTH, two spams hit RARE.
CorpusRun corpus() {
  CorpusRun out;
  out.rules = load(
                  "body STRONG /pill/\nbody BOTH /offer/\nbody RARE /zebra/\n"
                  "body FRIEND /meeting/\ntflags FRIEND nice\n")
                  .rules;
  ScanScratch scratch;
  for (int i = 0; i < 40; ++i) {
    const bool spam = i % 2 == 0;
    std::string body = spam ? "pill offer" : "offer meeting";
    if (i == 0 || i == 20) body += " zebra";
    const auto message = "Subject: x\n\n" + body + "\n";
    const auto result = scan(*out.rules, {.octets = message}, scratch);
    out.mails.push_back(scanned_mail("m", spam, result, scratch));
  }
  return out;
}

double proposed(const CorpusRun& run, const Proposal& proposal, std::string_view name) {
  for (const auto& score : proposal.scores) {
    if (run.rules->rules()[score.rule].name == name) return score.after;
  }
  return -99;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(proposing_scores)

BOOST_AUTO_TEST_CASE(a_rule_that_tells_spam_gains_and_one_that_does_not_loses) {
  const auto run = corpus();
  const auto proposal = propose_scores(run);
  BOOST_TEST(proposed(run, proposal, "STRONG") > 1.0);
  BOOST_TEST(proposed(run, proposal, "STRONG") > proposed(run, proposal, "BOTH"));
}

BOOST_AUTO_TEST_CASE(scores_stay_within_their_bounds) {
  const auto run = corpus();
  for (const auto& score : propose_scores(run, {.ham_weight = 1, .rounds = 5000}).scores) {
    const bool nice = run.rules->rules()[score.rule].flags.nice;
    BOOST_TEST(score.after >= (nice ? -4.5 : 0.0));
    BOOST_TEST(score.after <= (nice ? 0.0 : 4.5));
  }
}

BOOST_AUTO_TEST_CASE(a_rule_seen_in_few_messages_keeps_its_score) {
  const auto run = corpus();
  BOOST_TEST(proposed(run, propose_scores(run), "RARE") == -99);
}

BOOST_AUTO_TEST_CASE(fewer_mistakes_are_made_on_mail_that_was_not_learnt_from) {
  const auto run = corpus();
  const auto proposal = propose_scores(run, {.ham_weight = 1});
  BOOST_TEST(proposal.before.false_negatives == 20U);
  BOOST_TEST(proposal.unseen.false_negatives + proposal.unseen.false_positives <
             proposal.before.false_negatives);
}

BOOST_AUTO_TEST_CASE(the_same_mail_gives_the_same_scores) {
  const auto run = corpus();
  BOOST_TEST(proposal_text(run, propose_scores(run)) == proposal_text(run, propose_scores(run)));
}

BOOST_AUTO_TEST_CASE(the_text_is_a_rule_file) {
  const auto run = corpus();
  const auto text = proposal_text(run, propose_scores(run));
  BOOST_TEST(text.find("score STRONG ") != std::string::npos);
  BOOST_TEST(
      load("body STRONG /pill/\nbody BOTH /offer/\nbody FRIEND /m/\n" + text).problems.empty());
}

BOOST_AUTO_TEST_SUITE_END()
