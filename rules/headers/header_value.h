// header_value.h — what a header rule is matched against: PerMsgStatus.pm, get; Node.pm.
//
// All fields of one name, decoded and joined, each ending with "\n"; or raw; or only the addresses,
// names, hosts or IPs in them; or one of the values of HeaderSource::Kind. Every value is made at
// first use and once. Limits as in SpamAssassin: 256 octets of a name, 8192 of a value, 64 KiB of
// ALL. Linear in the header. Fields called X-Spam-… are earlier verdicts: only ALL:raw has them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/mail/header.h"
#include "rules/headers/header_source.h"
#include "rules/headers/network_settings.h"
#include "rules/headers/relays.h"
#include "rules/hosts/registry_boundaries.h"

namespace postern {

/// Where the values come from; all of it must outlive HeaderValues.
struct HeaderInput {
  const std::vector<HeaderField>& fields;  // of the root part, as SpamAssassin splits them
  std::string_view header;                 // pristine, for ALL:raw
  bool crlf = false;                       // line ends are CRLF, and rules are to see LF in values
  std::optional<std::string_view> envelope_from;  // of the SMTP transaction, without brackets
  const NetworkSettings& networks;
  const RegistryBoundaries& boundaries;
  /// What stands in for a field that the message does not have, by its name in lower case.
  std::function<std::optional<std::string>(std::string_view name)> stand_in = {};
};

class HeaderValues {
 public:
  explicit HeaderValues(const HeaderInput& input);

  /// As header rules see it: all values in one string. Nothing where the message has no such field.
  const std::optional<std::string>& get(const HeaderSource& source);

  /// The values one by one: "To:addr" gives as many as there are addresses. `written` is part of
  /// the program and must be right.
  const std::vector<std::string>& list(std::string_view written);
  bool has(std::string_view written) { return !list(written).empty(); }

  /// As most of SpamAssassin's plugins see it: of addresses, names, hosts, IPs and EnvelopeFrom the
  /// first, without a line end; of others all, each with its "\n". "" where there is none.
  std::string_view get(std::string_view written);

  /// The last Subject, decoded; "" where there is none.
  std::string_view subject();

  const Relays& relays();

 private:
  struct FieldText {
    std::optional<std::string> raw;
    std::optional<std::string> decoded;
  };
  struct Value {
    std::vector<std::string> list;
    std::optional<std::optional<std::string>> joined;
    std::optional<std::string> scalar;
    bool scalar_is_first = false;
  };
  using Strings = std::vector<std::string>;

  /// A value in octets as they came, but for CRLF, and cut at its limit: begins with the blank.
  std::string_view raw(std::size_t field);
  /// Unfolded, trimmed, in UTF-8, without a line end.
  std::string_view decoded(std::size_t field);
  Value& value_of(const HeaderSource& source);
  Value& value_of(std::string_view written);
  Strings make(const HeaderSource& source);
  Strings base_values(const HeaderSource& source);
  Strings of_name(std::string_view name, bool raw);
  Strings unfolded_or_decoded(std::initializer_list<std::string_view> names, bool raw);
  std::size_t size_in_all(std::size_t field);
  const std::vector<bool>& fields_that_fit();
  Strings all_lines(bool raw);
  Strings all_between_relays(const HeaderSource& source);
  std::optional<std::string> envelope_sender();
  std::optional<std::string> guessed_envelope_sender();
  bool stands_below_received(std::string_view name);

  HeaderInput input_;
  std::vector<HeaderField> fields_;  // but for X-Spam-…
  std::vector<FieldText> texts_;
  std::optional<Relays> relays_;
  std::optional<std::vector<bool>> fits_;  // made by fields_that_fit()
  std::unordered_map<HeaderSource, Value, HashHeaderSource> values_;
  std::unordered_map<std::string, Value*> by_text_;
};

}  // namespace postern
