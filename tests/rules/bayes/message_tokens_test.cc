// message_tokens_test.cc — the tokens of whole messages, and the names they are remembered by.
#include "rules/bayes/message_tokens.h"

#include <boost/test/unit_test.hpp>
#include <set>

namespace postern {
namespace {

constexpr std::string_view letter =
    "Message-Id: <one@mail.example.org>\n"
    "To: joe@example.net\n"
    "Date: Sat, 21 Nov 2026 08:15:02 +0000\n"
    "Subject: cheap watches\n"
    "Content-Type: text/html\n"
    "\n"
    "<p>visible <a href=\"http://shop.example.org/\">words</a></p>"
    "<p style=\"display:none\">hidden</p>\n";

struct Read {
  explicit Read(std::string_view octets, RuleSettings with = {})
      : settings(std::move(with)), input{.octets = octets}, message(input, settings, matcher) {}

  std::set<std::string> texts() {
    std::set<std::string> out;
    for (auto& named : named_message_tokens(message)) out.insert(named.text);
    return out;
  }

  LearningNames names() { return learning_names(message); }

  RuleSettings settings;
  Matcher matcher;
  ScanInput input;
  ScannedMessage message;
};

BOOST_AUTO_TEST_SUITE(bayes_message_tokens)

BOOST_AUTO_TEST_CASE(every_source_gives_tokens) {
  const auto texts = Read(letter).texts();

  for (const auto* wanted : {"cheap", "visible", "I*:hidden", "UD:shop.example.org", "HTo:U*joe"})
    BOOST_TEST(texts.contains(wanted), wanted);
  BOOST_TEST(!texts.contains("hidden"));
}

BOOST_AUTO_TEST_CASE(a_source_that_is_switched_off_gives_none) {
  RuleSettings settings;
  settings.bayes.sources = {.header = false, .visible = false, .invisible = true, .uri = false};

  BOOST_TEST(Read(letter, settings).texts() == (std::set<std::string>{"I*:hidden"}));
}

BOOST_AUTO_TEST_CASE(parts_may_give_their_digests) {
  RuleSettings settings;
  settings.bayes.sources = {
      .header = false, .visible = false, .invisible = false, .uri = false, .mime_part = true};

  BOOST_TEST(Read("Content-Type: text/plain\n\n\n", settings).texts() ==
             (std::set<std::string>{"MIME:OneNL-Plaintext"}));
}

BOOST_AUTO_TEST_CASE(a_message_has_the_same_names_with_either_line_end) {
  std::string with_crlf;
  for (const char c : letter) with_crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);

  const auto names = Read(letter).names();
  const auto same = Read(with_crlf).names();

  BOOST_TEST(names.message_id == "one@mail.example.org");
  BOOST_TEST(names.generated.ends_with("@sa_generated"));
  BOOST_TEST(names.generated.size() == 40 + 13);
  BOOST_TEST(names.generated == same.generated);
}

BOOST_AUTO_TEST_CASE(another_body_is_another_message) {
  const auto names = Read("To: joe\n\none\n").names();

  BOOST_TEST(names.generated != Read("To: joe\n\ntwo\n").names().generated);
  BOOST_TEST(names.message_id == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
