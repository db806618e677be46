#define BOOST_TEST_DYN_LINK
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "rules/authoring/frequencies.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

struct Mail {
  bool spam;
  std::string body;
};

CorpusRun run_over(std::string_view rules, const std::vector<Mail>& mails, bool costs = false) {
  CorpusRun out;
  out.rules = load(rules).rules;
  ScanScratch scratch;
  for (const auto& mail : mails) {
    RuleCosts spent(out.rules->rules().size());
    scratch.costs = costs ? &spent : nullptr;
    const auto message = "Subject: x\n\n" + mail.body + "\n";
    const auto result = scan(*out.rules, {.octets = message}, scratch);
    if (costs) add_costs(spent, out.mails.size(), out.costs);
    out.mails.push_back(scanned_mail("m " + mail.body, mail.spam, result, scratch));
  }
  return out;
}

const std::vector<Mail> mails{
    {true, "pill offer"}, {true, "pill"}, {true, "offer"}, {false, "offer"}, {false, "agenda"}};
constexpr std::string_view rules =
    "body PILL /pill/\nscore PILL 3\nbody OFFER /offer/\nbody __BOTH /pill offer/\n"
    "body AGENDA /agenda/\ntflags AGENDA nice\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(measuring)

BOOST_AUTO_TEST_CASE(shares_and_s_o_are_those_of_hit_frequencies) {
  const auto run = run_over(rules, mails);
  const auto rows = frequencies(run, false);
  BOOST_REQUIRE(rows.size() == 3U);
  const auto offer = std::ranges::find_if(
      rows, [&](const auto& row) { return run.rules->rules()[row.rule].name == "OFFER"; });
  BOOST_REQUIRE(offer != rows.end());
  BOOST_TEST(offer->spam == 2U);
  BOOST_TEST(offer->ham == 1U);
  BOOST_TEST(offer->spam_share == 2.0 / 3);
  BOOST_TEST(offer->spam_to_overall == (2.0 / 3) / (2.0 / 3 + 0.5),
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_rule_that_hits_more_spam_and_no_ham_ranks_above_one_that_hits_both) {
  const auto run = run_over(rules, mails);
  const auto rows = frequencies(run, false);
  BOOST_TEST(run.rules->rules()[rows.back().rule].name == "OFFER");
  BOOST_TEST(rows.front().rank == 1.0);
}

BOOST_AUTO_TEST_CASE(the_table_has_the_columns_of_hit_frequencies) {
  const auto table = frequency_table(run_over(rules, mails), false);
  const auto lines = split(table, '\n');
  BOOST_TEST(words(lines[0]) == (std::vector<std::string_view>{"OVERALL", "SPAM%", "HAM%", "S/O",
                                                               "RANK", "SCORE", "NAME"}),
             boost::test_tools::per_element());
  BOOST_TEST(words(lines[1])[1] == "3");
  BOOST_TEST(words(lines[3]).size() == 7U);
  BOOST_TEST(table.find("__BOTH") == std::string::npos);
  BOOST_TEST(frequency_table(run_over(rules, mails), true).find("__BOTH") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rules_that_hit_together_are_an_overlap) {
  const auto table = overlap_table(run_over("body A /aa/\nbody B /aa bb/\nbody C /cc/\n",
                                            {{true, "aa bb"}, {true, "aa bb"}, {true, "cc aa"}}));
  const auto row = words(split(table, '\n')[1]);
  BOOST_TEST(row[0] == "66.67");
  BOOST_TEST(row[1] == "100.00");
  BOOST_TEST(row[3] == "A");
  BOOST_TEST(row[4] == "B");
  BOOST_TEST(split(table, '\n').size() == 3U);  // C and A met once only
}

BOOST_AUTO_TEST_CASE(costs_name_the_worst_message) {
  const auto run =
      run_over("body A /(?:x+x+)+y/\n", {{true, "x y"}, {true, std::string(20, 'x')}}, true);
  const auto table = cost_table(run);
  BOOST_TEST(table.find("m " + std::string(20, 'x')) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_log_line_is_one_of_mass_checks) {
  auto run = run_over(rules, {{true, "pill offer"}});
  run.mails[0].path = "dir/a b";
  BOOST_TEST(mass_check_line(run, run.mails[0]) == ".  4 dir/a_b OFFER,PILL,__BOTH set=0\n");
}

BOOST_AUTO_TEST_CASE(a_log_line_counts_subrules_and_marks_spam) {
  auto run =
      run_over("body __E /e/\ntflags __E multiple\nbody A /e/\nscore A 9\n", {{true, "eee"}});
  BOOST_TEST(mass_check_line(run, run.mails[0]).find("Y  9 m_eee A,__E(3) ") == 0U);
}

BOOST_AUTO_TEST_CASE(json_has_a_row_a_rule) {
  const auto json = boost::json::parse(frequencies_json(run_over(rules, mails), false));
  BOOST_TEST(json.at("rules").as_array().size() == 3U);
  BOOST_TEST(json.at("spam").to_number<int>() == 3);
}

BOOST_AUTO_TEST_SUITE_END()
