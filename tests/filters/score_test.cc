#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType score_filter;
}

using namespace postern;
using namespace postern::test;

namespace {

using Texts = std::vector<std::string>;

const std::string spam = "From: a@example.org\r\nSubject: cheap pills\r\n\r\nbuy our pills now\r\n";
const std::string ham = "From: a@example.org\r\nSubject: minutes\r\n\r\nsee you on Monday\r\n";

struct ScoreFixture : FilterFixture {
  /// Of score.cf: body "pills" 4.5, subject "cheap" 1.5, required_score 5.
  void rules(const std::string& more = "") {
    configure(score_filter, "rules = ['" + std::string(POSTERN_SOURCE_DIR) +
                                "/tests/filters/score.cf']\n" + more);
    BOOST_REQUIRE(factory);
  }
  Opinion judge(const std::string& octets) {
    const auto answer = message(octets);
    BOOST_REQUIRE(answer);
    return *answer;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(score, ScoreFixture)

BOOST_AUTO_TEST_CASE(hits_are_findings_and_add_up) {
  rules();
  const auto opinion = judge(spam);
  BOOST_TEST((opinion.verdict == Verdict::pass));
  BOOST_TEST(opinion.score.value() == 6.0);
  BOOST_TEST(opinion.required.value() == 5.0);
  BOOST_REQUIRE(opinion.findings.size() == 2U);
  BOOST_TEST(opinion.findings[0].name == "T_CHEAP");
  BOOST_TEST(opinion.findings[1].name == "T_PILLS");
  BOOST_TEST(opinion.findings[1].score == 4.5);
  BOOST_TEST(opinion.findings[1].text == "Speaks of pills");
}

BOOST_AUTO_TEST_CASE(spam_is_marked_with_flag_level_and_status) {
  rules();
  const auto opinion = judge(spam);
  BOOST_TEST(
      changes_of(opinion, Change::Kind::add_field) ==
      (Texts{"X-Spam-Flag: YES", "X-Spam-Level: ******",
             "X-Spam-Status: Yes, score=6.0 required=5.0 tests=T_CHEAP,T_PILLS autolearn=disabled "
             "version=Postern"}));
}

BOOST_AUTO_TEST_CASE(ham_gets_a_status_and_no_flag) {
  rules();
  const auto opinion = judge(ham);
  BOOST_TEST(opinion.score.value() == 0.0);
  BOOST_TEST(changes_of(opinion, Change::Kind::add_field) ==
             Texts{"X-Spam-Status: No, score=0.0 required=5.0 tests=none autolearn=disabled "
                   "version=Postern"});
}

BOOST_AUTO_TEST_CASE(marks_that_the_message_came_with_are_removed) {
  rules();
  const auto opinion =
      judge("X-Spam-Status: No\r\nx-spam-flag: NO\r\nX-SPAM-Status: No\r\nX-Spam-Foo: 1\r\n" + ham);
  BOOST_TEST(changes_of(opinion, Change::Kind::remove_field) == Texts{"X-Spam-*: "});
}

BOOST_AUTO_TEST_CASE(no_mark_survives_by_standing_behind_many_fields) {
  rules();
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "X-Junk-" + std::to_string(i) + ": 1\r\n";
  BOOST_TEST(changes_of(judge(many + "X-Spam-Flag: NO\r\n" + ham), Change::Kind::remove_field) ==
             Texts{"X-Spam-*: "});
  BOOST_TEST(changes_of(judge(many + ham), Change::Kind::remove_field) == Texts{});
}

BOOST_AUTO_TEST_CASE(without_add_headers_the_header_stays_as_it_is) {
  rules("add_headers = false");
  const auto opinion = judge("X-Spam-Status: No\r\n" + spam);
  BOOST_TEST(opinion.changes.empty());
  BOOST_TEST(opinion.score.value() == 6.0);
}

BOOST_AUTO_TEST_CASE(the_subject_of_spam_is_tagged_and_that_of_ham_is_not) {
  rules("rewrite_header_subject = '[SPAM _SCORE_]'");
  BOOST_TEST(changes_of(judge(spam), Change::Kind::replace_field) ==
             Texts{"Subject: [SPAM 6.0] cheap pills"});
  BOOST_TEST(changes_of(judge(ham), Change::Kind::replace_field) == Texts{});
}

BOOST_AUTO_TEST_CASE(spam_without_a_subject_gets_one) {
  rules("rewrite_header_subject = '[SPAM]'\nrequired_score = 4");
  const auto opinion = judge("From: a@example.org\r\n\r\nbuy our pills now\r\n");
  BOOST_TEST(changes_of(opinion, Change::Kind::add_field).back() == "Subject: [SPAM]");
}

BOOST_AUTO_TEST_CASE(a_rewritten_subject_is_kept_in_a_field_of_its_own) {
  rules("rewrite_header_subject = '[SPAM]'");
  BOOST_TEST(changes_of(judge(spam), Change::Kind::add_field).back() ==
             "X-Spam-Prev-Subject: cheap pills");
}

BOOST_AUTO_TEST_CASE(spam_is_enclosed_in_a_report_only_where_that_is_asked_for) {
  rules();
  BOOST_TEST(changes_of(judge(spam), Change::Kind::enclose).empty());
  rules("report_safe = '1'");
  BOOST_TEST(judge(ham).changes.size() == 1U);  // its status
  const auto opinion = judge("Received: from a by b\r\n" + spam);
  BOOST_REQUIRE(opinion.changes.size() == 1U);
  const Change& report = opinion.changes.front();
  BOOST_TEST((report.kind == Change::Kind::enclose));
  // A loop must stay visible.
  BOOST_TEST(report.value.starts_with("Received: from a by b\r\nFrom: a@example.org\r\n"));
  BOOST_TEST(report.value.contains("Content-Type: message/rfc822"));
  rules("report_safe = 'rules'");
  BOOST_TEST(changes_of(judge(spam), Change::Kind::enclose).size() == 1U);
}

struct PreferenceFixture : ScoreFixture {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / "postern-score-preferences";
  PreferenceFixture() {
    std::filesystem::create_directory(folder);
    write("lax@example.org", "required_score 100\nscore T_CHEAP 0\n");
    write("strict@example.org", "score T_PILLS 20\nrewrite_header Subject [mine]\n");
    write("safe.example", "report_safe 1\n");
    for (const char* const to : {"lax@example.org", "strict+x@example.org", "any@example.org"})
      evidence.recipients.push_back({to});
  }
  ~PreferenceFixture() { std::filesystem::remove_all(folder); }
  void write(const char* name, const char* text) { std::ofstream(folder / name) << text; }
  void preferences(const std::string& more = "") {
    rules("preferences = '" + folder.string() + "'\n" + more);
  }
  static std::string mark(const Share& share, std::string_view name) {
    for (const auto& change : share.changes) {
      if (change.name == name) return change.value.substr(0, 26);
    }
    return "";
  }
};

BOOST_FIXTURE_TEST_CASE(each_recipient_gets_the_marks_of_its_preferences, PreferenceFixture) {
  preferences();
  const auto opinion = judge(spam);
  BOOST_TEST(opinion.changes.empty());
  BOOST_REQUIRE(opinion.shares.size() == 3U);
  BOOST_TEST(mark(opinion.shares[0], "X-Spam-Status") == "No, score=4.5 required=100");
  BOOST_TEST(mark(opinion.shares[1], "X-Spam-Status") == "Yes, score=21.5 required=5");
  BOOST_TEST(mark(opinion.shares[1], "Subject") == "[mine] cheap pills");
  BOOST_TEST(mark(opinion.shares[2], "X-Spam-Status") == "Yes, score=6.0 required=5.");
  BOOST_TEST(mark(opinion.shares[2], "Subject") == "");
  BOOST_TEST(opinion.shares[0].spam == false);
  BOOST_TEST(opinion.shares[1].spam);
}

BOOST_FIXTURE_TEST_CASE(recipients_with_the_same_preferences_need_no_shares, PreferenceFixture) {
  preferences();
  evidence.recipients = {{"a@safe.example"}, {"b@safe.example"}};
  const auto opinion = judge(spam);
  BOOST_TEST(opinion.shares.empty());
  BOOST_TEST(changes_of(opinion, Change::Kind::enclose).size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_message_is_refused_only_where_all_recipients_agree, PreferenceFixture) {
  preferences("reject_score = 20");
  const auto opinion = judge(spam);
  BOOST_TEST((opinion.verdict == Verdict::pass));
  BOOST_TEST(opinion.shares[0].hold == "");
  BOOST_TEST(opinion.shares[1].hold == "score 21.500 of 20: T_CHEAP,T_PILLS");
  evidence.recipients = {{"strict@example.org"}};
  BOOST_TEST((judge(spam).verdict == Verdict::reject));
}

BOOST_FIXTURE_TEST_CASE(broken_preferences_are_a_problem_with_their_place, PreferenceFixture) {
  write("bad@example.org", "required_score 5\n trusted_networks 192.0.2.1\n");
  configure(score_filter, "rules = ['" + std::string(POSTERN_SOURCE_DIR) +
                              "/tests/filters/score.cf']\npreferences = '" + folder.string() + "'");
  BOOST_TEST(!factory);
  BOOST_REQUIRE(problems.size() >= 1U);
  const auto said = problems.front().where + ' ' + problems.front().what;
  BOOST_TEST(said.contains("bad@example.org:2:2"));
}

BOOST_AUTO_TEST_CASE(from_reject_score_on_the_message_is_refused) {
  rules("reject_score = 6.0");
  const auto opinion = judge(spam);
  BOOST_TEST((opinion.verdict == Verdict::reject));
  BOOST_TEST(opinion.reply.line() == "550 5.7.1 Message refused: it looks like spam (score 6.0)");
  BOOST_TEST(opinion.reason == "score 6.000 of 6: T_CHEAP,T_PILLS");
  BOOST_TEST(opinion.findings.size() == 2U);
  rules("reject_score = 6.1");
  BOOST_TEST((judge(spam).verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_required_score_of_ours_goes_before_that_of_the_rules) {
  rules("required_score = 7");
  const auto opinion = judge(spam);
  BOOST_TEST(opinion.required.value() == 7.0);
  BOOST_TEST(changes_of(opinion, Change::Kind::add_field)
                 .back()
                 .starts_with("X-Spam-Status: No, score=6.0 required=7.0"));
}

BOOST_AUTO_TEST_CASE(rules_see_our_own_received_field) {
  rules();
  BOOST_TEST(judge(ham).findings.empty());
  evidence.sender.address = "";
  Message with_trace{std::make_shared<const std::string>(ham),
                     "Received: from forbidden.example by us\r\n"};
  const auto answer = run_task(loop, filter->on_message(context(), std::move(with_trace)));
  BOOST_REQUIRE(answer);
  BOOST_REQUIRE(answer->findings.size() == 1U);
  BOOST_TEST(answer->findings[0].name == "T_RELAY");
}

BOOST_AUTO_TEST_CASE(one_filter_judges_one_message_after_the_other) {
  rules();
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(judge(spam).score.value() == 6.0);
    BOOST_TEST(judge(ham).score.value() == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(rules_ask_the_dns_only_where_that_is_switched_on) {
  const std::string file = std::string(POSTERN_SOURCE_DIR) + "/tests/filters/network_score.cf";
  dns.add("1.2.0.192.list.example", RecordType::a, "127.0.0.2");
  const std::string relayed =
      "Received: from x.example (x.example [192.0.2.1]) by mx.example with ESMTP id 1\r\n" + spam;

  configure(score_filter, "rules = ['" + file + "']\n");
  BOOST_TEST(judge(relayed).score.value() == 0);
  BOOST_TEST(dns.asked.empty());

  configure(score_filter, "rules = ['" + file + "']\nnetwork_tests = true\n");
  BOOST_TEST(judge(relayed).score.value() == 3.0);
}

BOOST_AUTO_TEST_CASE(no_rules_is_a_problem) {
  configure(score_filter, "");
  BOOST_TEST(!factory);
  BOOST_TEST(problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_rule_file_that_is_missing_is_a_problem_at_its_key) {
  configure(score_filter, "\nrules = ['/nonexistent/rules.cf']");
  BOOST_TEST(!factory);
  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0].where == "test:2:1");
}

BOOST_AUTO_TEST_CASE(content_is_read_in_the_cage_and_at_one_stage) {
  rules();
  BOOST_TEST((score_filter.placement == Placement::scan_worker));
  BOOST_TEST(factory->answers(Stage::message));
  BOOST_TEST(!factory->answers(Stage::connect));
}

BOOST_AUTO_TEST_SUITE_END()
