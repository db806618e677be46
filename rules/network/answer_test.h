// answer_test.h — which answers of a list count for a rule: the last argument of check_rbl,
// urirhssub and askdns, each with a language of its own.
//
// Dns.pm check_subtest, URIDNSBL.pm and AskDNS.pm of SpamAssassin 4.0.1. A bit mask holds only for
// answers in 127/8: anything else is a resolver's or a dead list's, not a listing.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rules/network/question.h"
#include "rules/patterns/regex.h"

namespace postern {

class AnswerTest {
 public:
  /// Holds for every record.
  AnswerTest() = default;

  /// check_rbl: "4" (a mask), "127.0.0.2", or else a regular expression without delimiters.
  static std::expected<AnswerTest, std::string> of_relay_list(std::string_view written);
  /// check_hashbl_*: a regular expression without delimiters, whatever it looks like.
  static std::expected<AnswerTest, std::string> of_bare_pattern(std::string_view written);
  /// urirhssub: a mask, "127.0.0.2", "127.0.0.2-127.0.0.9", "2/15"; numbers also as 0x… .
  static std::expected<AnswerTest, std::string> of_uri_list(std::string_view written);
  /// askdns: the same, "text" in quotes, /pattern/, or [NXDOMAIN,SERVFAIL].
  static std::expected<AnswerTest, std::string> of_question(std::string_view written);

  bool holds(std::string_view record, Matcher& matcher) const;

  /// Of response codes, with or without records; the others never hold here.
  bool holds_for(NetworkAnswer::Status status) const;
  bool asks_for_status() const { return kind_ == Kind::status; }
  bool takes_everything() const { return kind_ == Kind::any; }

 private:
  enum class Kind : std::uint8_t { any, text, pattern, mask, range, masked, status };
  static std::expected<AnswerTest, std::string> of_numbers(std::string_view written);
  static std::expected<AnswerTest, std::string> of_pattern(std::string_view delimited);
  static std::expected<AnswerTest, std::string> of_codes(std::string_view list);

  Kind kind_ = Kind::any;
  std::string text_;
  std::shared_ptr<const Regex> pattern_;
  std::uint32_t first_ = 0;   // mask; or the range's first; or the value
  std::uint32_t second_ = 0;  // the range's last; or the mask of the value
};

/// With delimiters around a pattern that was written without: a character that is not in it.
/// Nothing where all that are tried stand in it.
std::optional<std::string> delimited_pattern(std::string_view bare);

/// "127.0.0.2" as a number; nothing for anything else.
std::optional<std::uint32_t> ipv4_number(std::string_view text);

}  // namespace postern
