#include "rules/headers/header_value.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "gateway/base/bytes.h"
#include "rules/headers/address_list.h"
#include "rules/headers/encoded_text.h"
#include "rules/headers/header_place.h"
#include "rules/headers/value_text.h"

namespace postern {
namespace {

using Kind = HeaderSource::Kind;
using Strings = std::vector<std::string>;

constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_value = 8192;
constexpr std::size_t longest_all = 65536;

bool is_received(std::string_view line) { return starts_with_ignoring_case(line, "received:"); }

Strings parts_of(const Strings& values, const HeaderSource& source) {
  Strings out;
  for (const auto& value : values) {
    for (auto& entry : parse_address_list(value)) {
      if (source.part == HeaderSource::Part::addresses) {
        if (entry.address) out.push_back(std::move(*entry.address));
      } else if (entry.name) {
        out.push_back(source.raw ? std::move(*entry.name)
                                 : tidy_name(decode_field_text(*entry.name, "")));
      }
    }
  }
  return out;
}

/// A decoded line end makes two lines, and the second may look like a field.
Strings one_line_each(Strings fields) {
  const auto is_one = [](const std::string& text) { return text.find('\n') + 1 == text.size(); };
  if (std::ranges::all_of(fields, is_one)) return fields;
  Strings out;
  for (const auto& field : fields) {
    for (std::string_view rest = field; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size() - 1) + 1;
      out.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end);
    }
  }
  return out;
}

std::string joined_values(const Strings& values) {
  const std::string_view separator = values.front().ends_with('\n') ? "" : "\n";
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += separator;
    out += values[i];
  }
  return out;
}

}  // namespace

HeaderValues::HeaderValues(const HeaderInput& input) : input_(input) {
  fields_.reserve(input.fields.size());
  std::ranges::copy_if(input.fields, std::back_inserter(fields_), [](const HeaderField& field) {
    return !starts_with_ignoring_case(field.name, "x-spam-");
  });
  texts_.resize(fields_.size());
}

// ---- fields ----

std::string_view HeaderValues::raw(std::size_t field) {
  const auto value = fields_[field].value;
  if (!input_.crlf || value.find('\r') == std::string_view::npos)
    return value.substr(0, longest_value);
  auto& entry = texts_[field].raw;
  if (!entry) {
    entry = without_carriage_returns(value);
    if (entry->size() > longest_value) entry->resize(longest_value);
  }
  return *entry;
}

std::string_view HeaderValues::decoded(std::size_t field) {
  auto& entry = texts_[field].decoded;
  if (!entry) {
    const auto name = to_lower(fields_[field].name.substr(0, longest_key));
    entry = decode_field_text(unfolded(raw(field)), name);
  }
  return *entry;
}

Strings HeaderValues::of_name(std::string_view name, bool raw_octets) {
  Strings out;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!equals_ignoring_case(fields_[i].name.substr(0, longest_key), name)) continue;
    if (raw_octets) {
      out.emplace_back(raw(i));
    } else {
      out.emplace_back(decoded(i)).push_back('\n');
    }
  }
  return out;
}

Strings HeaderValues::unfolded_or_decoded(std::initializer_list<std::string_view> names,
                                          bool raw_octets) {
  Strings out;
  for (const auto name : names) {
    for (auto& value : of_name(name, raw_octets))
      out.push_back(raw_octets ? raw_unfolded(value) : std::move(value));
  }
  return out;
}

// ---- all fields ----

std::size_t HeaderValues::size_in_all(std::size_t field) {
  return std::min(fields_[field].name.size(), longest_key) + decoded(field).size() + 3;
}

/// Within the limit of ALL, counted name by name in the order of their first fields: all fields of
/// one name come before those of the next, and the first that does not fit ends it.
const std::vector<bool>& HeaderValues::fields_that_fit() {
  if (fits_) return *fits_;
  std::size_t all = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) all += size_in_all(i);
  auto& fits = fits_.emplace(fields_.size(), all <= longest_all);
  if (all <= longest_all) return fits;
  std::map<std::string, std::size_t> known;
  std::vector<std::vector<std::size_t>> same_name;  // in the order of first fields
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto [name, added] =
        known.try_emplace(to_lower(fields_[i].name.substr(0, longest_key)), same_name.size());
    if (added) same_name.emplace_back();
    same_name[name->second].push_back(i);
  }
  std::size_t size = 0;
  for (const auto& fields : same_name) {
    for (const auto i : fields) {
      size += size_in_all(i);
      if (size > longest_all) return fits;
      fits[i] = true;
    }
  }
  return fits;
}

Strings HeaderValues::all_lines(bool raw_octets) {
  Strings out;
  if (raw_octets) {
    for (const auto field : pristine_fields(input_.header)) out.emplace_back(field);
    return out;
  }
  const auto& fits = fields_that_fit();
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!fits[i]) continue;
    std::string line(fields_[i].name.substr(0, longest_key));
    line.append(": ").append(decoded(i)).push_back('\n');
    out.push_back(std::move(line));
  }
  return out;
}

Strings HeaderValues::all_between_relays(const HeaderSource& source) {
  const bool by_trust = source.kind == Kind::all_trusted || source.kind == Kind::all_untrusted;
  const int border =
      (by_trust ? relays().last_trusted_field() : relays().last_internal_field()) + 1;
  const bool upper = source.kind == Kind::all_trusted || source.kind == Kind::all_internal;

  auto lines = source.raw ? all_lines(true) : one_line_each(all_lines(false));
  Strings out;
  int received = -1;
  for (auto& line : lines) {
    if (is_received(line)) ++received;
    if (upper) {
      // The Received field at the border was written by the last relay of ours, so it belongs here.
      if (received <= border) out.push_back(std::move(line));
      if (received == border) break;
    } else if (received >= border) {
      out.push_back(std::move(line));
    }
  }
  return out;
}

// ---- values ----

const Relays& HeaderValues::relays() {
  if (!relays_) {
    std::vector<std::string_view> received;
    std::vector<std::string_view> originating;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (equals_ignoring_case(fields_[i].name, "received")) received.push_back(decoded(i));
    }
    for (const auto& name : input_.networks.originating_ip_headers) {
      // Of several fields of one name SpamAssassin looks at the last.
      for (std::size_t i = fields_.size(); i-- > 0;) {
        if (!equals_ignoring_case(fields_[i].name, name)) continue;
        originating.push_back(decoded(i));
        break;
      }
    }
    relays_.emplace(received, originating, input_.networks);
  }
  return *relays_;
}

Strings HeaderValues::base_values(const HeaderSource& source) {
  switch (source.kind) {
    case Kind::all:
      return all_lines(source.raw);
    case Kind::all_trusted:
    case Kind::all_untrusted:
    case Kind::all_internal:
    case Kind::all_external:
      return all_between_relays(source);
    case Kind::to_cc:
      return unfolded_or_decoded({"to", "cc"}, source.raw);
    case Kind::message_ids:
      return unfolded_or_decoded(
          {"x-message-id", "resent-message-id", "x-original-message-id", "message-id"}, source.raw);
    case Kind::envelope_from:
      if (auto sender = envelope_sender()) return {std::move(*sender)};
      return {};
    case Kind::relays_trusted:
      return {Relays::text_of(relays().trusted())};
    case Kind::relays_untrusted:
      return {Relays::text_of(relays().untrusted())};
    case Kind::relays_internal:
      return {Relays::text_of(relays().internal())};
    case Kind::relays_external:
      return {Relays::text_of(relays().external())};
    case Kind::field:
      break;
  }
  auto values = of_name(source.name, source.raw || source.part != HeaderSource::Part::value);
  if (values.empty() && input_.stand_in) {
    if (auto value = input_.stand_in(source.name)) values.push_back(std::move(*value));
  }
  return values;
}

Strings HeaderValues::make(const HeaderSource& source) {
  auto values = base_values(source);
  if (values.size() > 1) {
    if (source.choice == HeaderSource::Choice::first) values.resize(1);
    if (source.choice == HeaderSource::Choice::last) values.erase(values.begin(), values.end() - 1);
  }
  if (source.part != HeaderSource::Part::value) values = parts_of(values, source);
  if (source.place != HeaderSource::Place::none)
    values = places_in(values, source, input_.boundaries);
  return values;
}

HeaderValues::Value& HeaderValues::value_of(const HeaderSource& source) {
  if (const auto found = values_.find(source); found != values_.end()) return found->second;
  // Made before it has a place: making it may ask for other values.
  Value value;
  value.list = make(source);
  value.scalar_is_first = source.part != HeaderSource::Part::value ||
                          source.place != HeaderSource::Place::none ||
                          source.kind == Kind::envelope_from;
  return values_.emplace(source, std::move(value)).first->second;
}

HeaderValues::Value& HeaderValues::value_of(std::string_view written) {
  auto& entry = by_text_[std::string(written)];
  if (entry == nullptr) {
    const auto source = parse_header_source(written);
    assert(source && "a header source in the program is wrong");
    auto& value = value_of(*source);
    by_text_[std::string(written)] = &value;
    return value;
  }
  return *entry;
}

const std::optional<std::string>& HeaderValues::get(const HeaderSource& source) {
  auto& value = value_of(source);
  if (!value.joined) {
    value.joined.emplace();
    if (!value.list.empty()) *value.joined = joined_values(value.list);
  }
  return *value.joined;
}

const std::vector<std::string>& HeaderValues::list(std::string_view written) {
  return value_of(written).list;
}

std::string_view HeaderValues::get(std::string_view written) {
  auto& value = value_of(written);
  if (!value.scalar) {
    value.scalar.emplace();
    if (!value.list.empty() && value.scalar_is_first) {
      *value.scalar = value.list.front();
      if (value.scalar->ends_with('\n')) value.scalar->pop_back();
    }
    if (!value.scalar_is_first) {
      for (const auto& piece : value.list) *value.scalar += piece;
    }
  }
  return *value.scalar;
}

std::string_view HeaderValues::subject() {
  for (std::size_t i = fields_.size(); i-- > 0;) {
    if (equals_ignoring_case(fields_[i].name, "subject")) return decoded(i);
  }
  return {};
}

}  // namespace postern
