// rulefile_fuzz.cc — any text is read as a rule file, in every score set: what is wrong is named
// with its place, what is left can be compiled, run and reported, asks the DNS as often as it is
// told to, and the same text gives the same rules.
#include <string>

#include "rules/engine/report.h"
#include "rules/engine/report_message.h"
#include "rules/engine/report_text.h"
#include "rules/language/condition.h"
#include "rules/language/expression.h"
#include "rules/rules.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

constexpr std::size_t longest_file = 16 * 1024;
constexpr std::size_t longest_including_itself = 256;
constexpr std::size_t most_questions = 10'000;

/// Something for each kind of rule: hops, addresses, two kinds of text, a picture and links.
constexpr std::string_view message =
    "Received: from mail.example.org (mail.example.org [192.0.2.7])\r\n"
    "\tby mx.example.com with ESMTP id 7 for <b@example.com>; Mon, 2 Feb 2026 10:00:00 +0000\r\n"
    "From: \"A a@free.example\" <a@example.org>\r\n"
    "To: b@example.com\r\n"
    "Reply-To: c@free.example\r\n"
    "Message-ID: <1@example.org>\r\n"
    "Subject: =?utf-8?q?a_t=C3=A9st?= 1\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "aaa http://www.example.org/x?y bbb\r\n\r\nV1AGRA for c@free.example\r\n"
    "--b\r\n"
    "Content-Type: text/html; name=a.html\r\n"
    "\r\n"
    "<p><a href=\"http://192.0.2.9/%41\">https://bank.example.com/</a><img src=x><font size=1>y\r\n"
    "--b\r\n"
    "Content-Type: image/gif; name=a.gif\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\r\n"
    "--b--\r\n";

bool names_a_place(const Problem& problem) {
  const auto column = problem.where.rfind(':');
  const auto line = problem.where.rfind(':', column - 1);
  return problem.where.starts_with("f.cf:") && line != std::string::npos &&
         column + 1 < problem.where.size() && !problem.what.empty();
}

/// Every other question is found, with something for each way of looking at an answer.
NetworkAnswer answer_to(std::size_t number) {
  if (number % 2 != 0) return {.status = NetworkAnswer::Status::no_such_name, .records = {}};
  return {.status = NetworkAnswer::Status::found,
          .records = {"127.0.0.2", "127.0.0.255", "v=spf1 -all", "ns.example.net"}};
}

ScanResult scan_in_steps(const RuleSet& rules) {
  ScanScratch scratch;
  const ScanInput input{.octets = message, .envelope_from = "a@example.org"};
  MessageScan scan(rules, input, scratch);
  std::size_t asked = 0;
  for (auto questions = scan.questions(); !questions.empty(); questions = scan.questions()) {
    for (const auto& question : questions) {
      require(!question.name.empty(), "a question has a name");
      scan.answer(question, answer_to(asked++));
    }
    require(asked < most_questions, "questions come to an end");
  }
  require(asked == 0 || !rules.is_local(), "without a network nothing is asked");
  scan.run();
  return scan.finish();
}

void check_result(const ScanResult& result) {
  for (std::size_t i = 1; i < result.hits.size(); ++i)
    require(result.hits[i - 1].name < result.hits[i].name, "hits are sorted");
  require(spam_level(result).size() <= 50, "the length of the level");
  for (const auto& text : {spam_status(result), spam_report(result)})
    require(text.find('\r') == std::string::npos, "no line of the header can be forged");
  const std::string original = "From: a@b.example\nSubject: x\n\nbody\n";
  rewrites(split_message(original), result, nullptr);
  report_message(result, original, nullptr);
}

void check_score_set(std::string_view input, unsigned score_set) {
  const LoadOptions options{.score_set = score_set};
  const auto loaded = load_rules_text(input, "f.cf", options);
  require(loaded.rules != nullptr, "a set comes out");
  for (const auto& problem : loaded.problems)
    require(names_a_place(problem), "a problem has its place");
  for (const auto& remark : loaded.remarks)
    require(names_a_place(remark), "a remark has its place");

  const auto result = scan_in_steps(*loaded.rules);
  check_result(result);
  if (!result.limited.empty()) return;
  const auto again = scan_in_steps(*load_rules_text(input, "f.cf", options).rules);
  require(scan_line("m", result, {.subrules = true, .values = true}) ==
              scan_line("m", again, {.subrules = true, .values = true}),
          "the same text, the same hits");
}

/// A file that is what each of its include lines names.
void check_including_itself(std::string_view input) {
  if (input.size() > longest_including_itself || input.find("include") == std::string_view::npos)
    return;
  const ReadIncluded read = [input](const std::string&) -> Result<std::string> {
    return std::string(input);
  };
  Definitions definitions;
  Diagnosis diagnosis;
  parse_rules(std::string(input), "f.cf", read, {}, definitions, diagnosis);
  require(diagnosis.problems.size() <= 10'000, "the number of problems");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  if (input.size() > longest_file) return 0;
  check_score_set(input, input.size() % 4);
  check_including_itself(input);

  if (const auto condition = evaluate_condition(input, {}); !condition) {
    require(!condition.error().what.empty(), "an error says what");
  }
  if (const auto pattern = translate_pattern(input)) {
    require(pattern->text.size() == pattern->origin.size(), "each octet has its origin");
    for (const auto origin : pattern->origin)
      require(origin < input.size(), "the origin is in the text");
  }
  return 0;
}
