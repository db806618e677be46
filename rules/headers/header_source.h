// header_source.h — what a rule names when it wants a header value: "Subject", "From:addr",
// "ALL-EXTERNAL:raw", "Received:last:ip".
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "rules/base/syntax_error.h"

namespace postern {

struct HeaderSource {
  /// A field of the message, or one of the values that only rules know.
  enum class Kind : std::uint8_t {
    field,
    all,
    all_trusted,
    all_untrusted,
    all_internal,
    all_external,
    to_cc,
    message_ids,
    envelope_from,
    relays_trusted,
    relays_untrusted,
    relays_internal,
    relays_external,
  };
  /// Taken out of each value: everything, the addresses or the names in it.
  enum class Part : std::uint8_t { value, addresses, names };
  /// Taken out of what is left then; a domain is the registered one, a reversed IP that of DNSBLs.
  enum class Place : std::uint8_t { none, host, domain, ip, reversed_ip };
  enum class Choice : std::uint8_t { every, first, last };

  std::string name;  // lower case
  Kind kind = Kind::field;
  Part part = Part::value;
  Place place = Place::none;
  Choice choice = Choice::every;
  bool raw = false;
  auto operator<=>(const HeaderSource&) const = default;
};

/// Modifiers may stand in any order. ALL, ALL-… and MESSAGEID are only that in capitals, the other
/// pseudo fields in any case, as in SpamAssassin; a modifier that it does not know is an error.
std::expected<HeaderSource, SyntaxError> parse_header_source(std::string_view written);

struct HashHeaderSource {
  std::size_t operator()(const HeaderSource& source) const;
};

}  // namespace postern
