// header_value.h — what a header rule is matched against.
//
// All fields of one name, decoded and joined, each ending with "\n"; or raw; or only the addresses
// or names in them; or one of the pseudo fields ALL, ToCc, MESSAGEID and EnvelopeFrom.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/header.h"
#include "rules/patterns/perl_pattern.h"

namespace postern {

struct HeaderSource {
  enum class Part : std::uint8_t { value, addresses, names };
  std::string name;  // lower case
  Part part = Part::value;
  bool raw = false;
  auto operator<=>(const HeaderSource&) const = default;
};

/// "Subject", "From:addr", "ALL:raw".
std::expected<HeaderSource, SyntaxError> parse_header_source(std::string_view written);

/// The fields of one message; decodes each at most once. Points into the message and into
/// `envelope_from`.
class HeaderValues {
 public:
  /// Without an envelope sender EnvelopeFrom is looked for in the fields above the first Received.
  HeaderValues(const std::vector<HeaderField>& fields,
               std::optional<std::string_view> envelope_from);

  /// Nothing where the message has no such field.
  std::optional<std::string> get(const HeaderSource& source);

  /// The last Subject, decoded; "" where there is none.
  std::string subject();

 private:
  const std::string& decoded(std::size_t field);
  std::vector<std::size_t> numbers_of(std::string_view name) const;
  std::optional<std::string> all(bool raw);
  std::optional<std::string> joined(const std::vector<std::size_t>& numbers,
                                    const HeaderSource& source);
  std::optional<std::string> recipients(const HeaderSource& source);
  std::optional<std::string> message_ids(bool raw);
  std::optional<std::string> envelope_sender() const;

  const std::vector<HeaderField>& fields_;
  std::optional<std::string_view> envelope_from_;
  std::vector<std::optional<std::string>> decoded_;
};

}  // namespace postern
