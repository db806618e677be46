#include "rules/network/answer_test.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::string_view any_number =
    "write a mask such as 8, an address such as 127.0.0.2, a"
    " range 127.0.0.2-127.0.0.9, or value/mask";

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::optional<std::uint32_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() ||
      value > UINT32_MAX)
    return {};
  return static_cast<std::uint32_t>(value);
}

/// Decimal, 0x…, or an address.
std::optional<std::uint32_t> any_form(std::string_view text) {
  if (text.starts_with("0x")) return number(text.substr(2), 16);
  if (all_digits(text)) return number(text, 10);
  return ipv4_number(text);
}

struct Code {
  std::string_view name;
  NetworkAnswer::Status status;
};
// Of the codes of RFC 6895 §2.3 those that a resolver lets us see; the others say "failed" too.
constexpr std::array codes{Code{"NOERROR", NetworkAnswer::Status::found},
                           Code{"0", NetworkAnswer::Status::found},
                           Code{"NXDOMAIN", NetworkAnswer::Status::no_such_name},
                           Code{"3", NetworkAnswer::Status::no_such_name},
                           Code{"SERVFAIL", NetworkAnswer::Status::failed},
                           Code{"2", NetworkAnswer::Status::failed},
                           Code{"REFUSED", NetworkAnswer::Status::failed},
                           Code{"5", NetworkAnswer::Status::failed}};

}  // namespace

std::optional<std::string> delimited_pattern(std::string_view bare) {
  for (const char delimiter : {'/', '!', '~', '#', '@', '%', ';', '\x01'}) {
    if (bare.find(delimiter) == std::string_view::npos)
      return "m" + (delimiter + std::string(bare) + delimiter);
  }
  return {};
}

std::optional<std::uint32_t> ipv4_number(std::string_view text) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return {};
    const auto octet = number(text.substr(0, dot), 10);
    if (!octet || *octet > 255 || std::min(dot, text.size()) > 3) return {};
    value = value << 8 | *octet;
    if (i < 3) text.remove_prefix(dot + 1);
  }
  return value;
}

std::expected<AnswerTest, std::string> AnswerTest::of_relay_list(std::string_view written) {
  AnswerTest test;
  if (all_digits(written)) {
    const auto mask = number(written, 10);
    if (!mask) return std::unexpected("the mask has more than 32 bits");
    test.kind_ = Kind::mask;
    test.first_ = *mask;
    return test;
  }
  if (ipv4_number(written)) {
    test.kind_ = Kind::text;
    test.text_ = written;
    return test;
  }
  if (written.starts_with("sb:")) return std::unexpected("SenderBase rules are of the past");
  return of_bare_pattern(written);
}

std::expected<AnswerTest, std::string> AnswerTest::of_bare_pattern(std::string_view written) {
  const auto pattern = delimited_pattern(written);
  if (!pattern) return std::unexpected("the pattern has too many kinds of punctuation");
  return of_pattern(*pattern);
}

std::expected<AnswerTest, std::string> AnswerTest::of_uri_list(std::string_view written) {
  return of_numbers(written);
}

std::expected<AnswerTest, std::string> AnswerTest::of_question(std::string_view written) {
  if (written.starts_with('/') || (written.starts_with('m') && written.size() > 2 &&
                                   !is_digit(written[1]) && !is_alpha(written[1])))
    return of_pattern(written);
  const bool quoted = written.size() >= 2 && (written.front() == '"' || written.front() == '\'') &&
                      written.back() == written.front();
  if (quoted) {
    AnswerTest test;
    test.kind_ = Kind::text;
    test.text_ = written.substr(1, written.size() - 2);
    return test;
  }
  if (written.starts_with('[') && written.ends_with(']'))
    return of_codes(written.substr(1, written.size() - 2));
  return of_numbers(written);
}

std::expected<AnswerTest, std::string> AnswerTest::of_numbers(std::string_view written) {
  const auto between = written.find_first_of("/-");
  const auto first = any_form(written.substr(0, between));
  if (!first) return std::unexpected(std::string(any_number));
  AnswerTest test;
  test.first_ = *first;
  if (between == std::string_view::npos) {
    const bool address = ipv4_number(written).has_value();
    test.kind_ = address ? Kind::range : Kind::mask;
    test.second_ = *first;
    return test;
  }
  const auto second = any_form(written.substr(between + 1));
  if (!second) return std::unexpected(std::string(any_number));
  test.kind_ = written[between] == '-' ? Kind::range : Kind::masked;
  test.second_ = *second;
  return test;
}

std::expected<AnswerTest, std::string> AnswerTest::of_pattern(std::string_view with_delimiters) {
  auto regex = Regex::compile(with_delimiters);
  if (!regex) return std::unexpected(regex.error().what);
  AnswerTest test;
  test.kind_ = Kind::pattern;
  test.pattern_ = std::make_shared<const Regex>(*std::move(regex));
  return test;
}

std::expected<AnswerTest, std::string> AnswerTest::of_codes(std::string_view list) {
  AnswerTest test;
  test.kind_ = Kind::status;
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string name(trim(list.substr(0, comma)));
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    const auto code = std::ranges::find(codes, name, &Code::name);
    if (code == codes.end())
      return std::unexpected("response codes are NOERROR, NXDOMAIN, SERVFAIL and REFUSED");
    test.first_ |= 1U << static_cast<unsigned>(code->status);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return test;
}

bool AnswerTest::holds(std::string_view record, Matcher& matcher) const {
  const auto value = ipv4_number(record);
  switch (kind_) {
    case Kind::any:
      return true;
    case Kind::text:
      return record == text_;
    case Kind::pattern:
      return pattern_->matches(record, matcher) == Regex::Outcome::match;
    case Kind::mask:
      return value && *value >> 24 == 127 && (*value & first_) != 0;
    case Kind::range:
      return value && first_ <= *value && *value <= second_;
    case Kind::masked:
      return value && (*value & second_) == (first_ & second_);
    case Kind::status:
      return false;
  }
  return false;
}

bool AnswerTest::holds_for(NetworkAnswer::Status status) const {
  if (kind_ != Kind::status) return false;
  // A name without such records is NOERROR, too.
  if (status == NetworkAnswer::Status::no_records) status = NetworkAnswer::Status::found;
  return (first_ >> static_cast<unsigned>(status) & 1U) != 0;
}

}  // namespace postern
