// The rules that are shipped: they load without a word, and they know spam from mail.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/rules/rules_support.h"

#include <unistd.h>

using namespace postern;

namespace {

const LoadedRules& shipped() {
  static const LoadedRules loaded = load_rules({POSTERN_SOURCE_DIR "/rules/sets"});
  return loaded;
}

ScanResult score_of(std::string_view message) {
  ScanScratch scratch;
  return scan(*shipped().rules, {.octets = message}, scratch);
}

std::string mail(std::string_view from, std::string_view subject, std::string_view body) {
  return "Received: from mx.example by gate.example; Mon, 6 Jan 2025 10:00:00 +0000\r\nDate: Mon, "
         "6 Jan 2025 10:00:00 +0000\r\n"
         "Message-ID: <1@mx.example>\r\nTo: bob@example.com\r\nFrom: " +
         std::string(from) + "\r\nSubject: " + std::string(subject) +
         "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n" + std::string(body) + "\r\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shipped_rules)

BOOST_AUTO_TEST_CASE(they_load_without_problems_or_remarks) {
  for (const auto& problem : shipped().problems) BOOST_ERROR(problem.where << ": " << problem.what);
  for (const auto& remark : shipped().remarks) BOOST_ERROR(remark.where << ": " << remark.what);
  BOOST_TEST(shipped().rules->rules().size() > 40U);
}

BOOST_AUTO_TEST_CASE(every_scored_rule_has_a_description) {
  for (const auto& rule : shipped().rules->rules()) {
    if (!rule.subrule) BOOST_TEST(!rule.description.empty(), rule.name);
  }
}

BOOST_AUTO_TEST_CASE(the_test_line_scores_a_thousand) {
  const auto result =
      score_of(mail("Eve <eve@example.org>", "test",
                    "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"));
  BOOST_TEST(hits_of(result, "GTUBE") == 1U);
  BOOST_TEST(result.score >= 1000.0);
}

BOOST_AUTO_TEST_CASE(an_ordinary_message_hits_nothing) {
  const auto result = score_of(
      mail("Ann Lee <ann@example.org>", "Minutes of Tuesday's meeting",
           "Hello Bob,\r\n\r\nhere are the minutes, please send me your corrections.\r\n\r\nAnn"));
  BOOST_TEST(scan_line("m", result) == "m\t0.000\t");
}

BOOST_AUTO_TEST_CASE(a_bait_for_passwords_is_spam) {
  const auto result = score_of(
      mail("PayPal Service <x@shop-4431.top>", "Your account: verify now!!",
           "Your account has been limited. Please verify your account within 24 hours, or it will"
           " be suspended. Click here: http://192.0.2.7/login"));
  BOOST_TEST(result.is_spam());
  BOOST_TEST(hits_of(result, "PS_PHISH_3") == 1U);
  BOOST_TEST(hits_of(result, "PS_BRAND_ELSEWHERE") == 1U);
  BOOST_TEST(hits_of(result, "PS_URI_BARE_IP") == 1U);
}

BOOST_AUTO_TEST_CASE(an_advance_fee_letter_is_spam) {
  const auto result = score_of(
      mail("Barrister John <john@example.org>", "Business",
           "I am a barrister. My late client left $12,500,000 in a dormant account and you are his"
           " next of kin. This is strictly confidential, reply for our mutual benefit to"
           " transfer the funds."));
  BOOST_TEST(hits_of(result, "PS_ADVANCE_FEE_3") == 1U);
}

// Real mail from outside the tree: hardly any of the good may score as spam.
BOOST_AUTO_TEST_CASE(hardly_any_real_mail_is_taken_for_spam) {
  const char* const data = std::getenv("POSTERN_TESTDATA");
  const auto archive = std::filesystem::path(data == nullptr ? "" : data) / "corpus/core.tar.xz";
  if (data == nullptr || !std::filesystem::exists(archive)) {
    BOOST_TEST_MESSAGE("skipped: POSTERN_TESTDATA names no folder with corpus/core.tar.xz");
    return;
  }
  const auto folder =
      std::filesystem::temp_directory_path() / ("postern-sets-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string command = "tar -C '" + folder.string() + "' -xJf '" + archive.string() + "'";
  BOOST_REQUIRE(std::system(command.c_str()) == 0);

  std::size_t ham = 0, ham_over = 0, spam = 0, spam_over = 0;
  ScanScratch scratch;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".eml") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string message((std::istreambuf_iterator<char>(in)),
                              std::istreambuf_iterator<char>());
    const bool over = scan(*shipped().rules, {.octets = message}, scratch).is_spam();
    const bool is_ham = entry.path().string().find("/ham/") != std::string::npos;
    ++(is_ham ? ham : spam);
    if (over) ++(is_ham ? ham_over : spam_over);
  }
  std::filesystem::remove_all(folder);

  BOOST_TEST_MESSAGE("ham " << ham_over << " of " << ham << ", spam " << spam_over << " of "
                            << spam);
  BOOST_TEST(ham > 500U);
  BOOST_TEST(ham_over * 200 <= ham);
  BOOST_TEST(spam_over * 4 >= spam);
}

BOOST_AUTO_TEST_SUITE_END()
