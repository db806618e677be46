#include "rules/headers/header_value.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/mail/charset.h"
#include "gateway/mail/mime_decode.h"
#include "rules/headers/address_list.h"

namespace postern {
namespace {

// SpamAssassin's bounds: what lies behind them no rule of its authors was ever tried on.
constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_value = 8192;
constexpr std::size_t longest_all = 65536;

/// Fields that hold no text for people; encoded words in them stay as they are.
bool never_encoded(std::string_view name) {
  static constexpr std::array<std::string_view, 6> names{
      "received", "message-id", "date", "mime-version", "references", "in-reply-to"};
  return std::ranges::any_of(names, [name](auto n) { return equals_ignoring_case(n, name); }) ||
         starts_with_ignoring_case(name, "list-");
}

std::string_view bounded(std::string_view value) { return value.substr(0, longest_value); }

/// As received, but with LF line ends, which is what patterns are written for.
std::string raw_value(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n') continue;
    out += value[i];
  }
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

/// Folding becomes one blank, both ends are trimmed.
std::string unfolded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n') continue;
    if (value[i] != '\n') {
      out += value[i];
      continue;
    }
    while (i + 1 < value.size() && is_blank(value[i + 1])) ++i;
    out += ' ';
  }
  return std::string(trim(out));
}

std::string readable(std::string text) {
  if (!valid_utf8(text)) text = to_utf8(text, "windows-1252");
  return text.find("=?") == std::string::npos ? text : decode_encoded_words(text);
}

}  // namespace

std::expected<HeaderSource, SyntaxError> parse_header_source(std::string_view written) {
  const auto pieces = split(written, ':');
  const auto name = pieces.front();
  const bool printable_name = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
  if (name.empty() || !printable_name) {
    return std::unexpected(SyntaxError{0, "the name of a header field is missing here"});
  }
  HeaderSource source{.name = to_lower(name)};
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    if (pieces[i] == "raw") {
      source.raw = true;
    } else if (pieces[i] == "addr") {
      source.part = HeaderSource::Part::addresses;
    } else if (pieces[i] == "name") {
      source.part = HeaderSource::Part::names;
    } else {
      return std::unexpected(
          SyntaxError{static_cast<std::size_t>(pieces[i].data() - written.data()),
                      fmt::format("\":{}\" is not available: :raw, :addr and :name are",
                                  printable(pieces[i], 40))});
    }
  }
  return source;
}

HeaderValues::HeaderValues(const std::vector<HeaderField>& fields,
                           std::optional<std::string_view> envelope_from)
    : fields_(fields), envelope_from_(envelope_from), decoded_(fields.size()) {}

const std::string& HeaderValues::decoded(std::size_t field) {
  auto& entry = decoded_[field];
  if (!entry) {
    auto text = unfolded(bounded(fields_[field].value));
    entry = never_encoded(fields_[field].name) ? std::move(text) : readable(std::move(text));
    std::ranges::replace(*entry, '\n', ' ');  // an encoded line break is no line end of the field
  }
  return *entry;
}

std::vector<std::size_t> HeaderValues::numbers_of(std::string_view name) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (equals_ignoring_case(fields_[i].name, name)) out.push_back(i);
  }
  return out;
}

std::optional<std::string> HeaderValues::joined(const std::vector<std::size_t>& numbers,
                                                const HeaderSource& source) {
  if (numbers.empty()) return {};
  std::string out;
  for (const auto number : numbers) {
    const auto value = bounded(fields_[number].value);
    if (source.part == HeaderSource::Part::value) {
      out += source.raw ? raw_value(value) : decoded(number) + '\n';
      continue;
    }
    for (const auto& entry : parse_address_list(value)) {
      const bool names = source.part == HeaderSource::Part::names;
      if (names && entry.name.empty()) continue;
      if (!out.empty()) out += '\n';
      out += !names ? entry.address : source.raw ? entry.name : readable(entry.name);
    }
  }
  return out;
}

std::optional<std::string> HeaderValues::all(bool raw) {
  std::string out;
  for (std::size_t i = 0; i < fields_.size() && out.size() < longest_all; ++i) {
    out += fields_[i].name.substr(0, longest_key);
    out += ':';
    if (raw) {
      out += raw_value(bounded(fields_[i].value));
    } else {
      out += ' ' + decoded(i) + '\n';
    }
  }
  if (out.size() > longest_all) out.resize(longest_all);
  return out;
}

std::optional<std::string> HeaderValues::recipients(const HeaderSource& source) {
  auto numbers = numbers_of("to");
  const auto copies = numbers_of("cc");
  if (source.part != HeaderSource::Part::value) {
    numbers.insert(numbers.end(), copies.begin(), copies.end());
    return joined(numbers, source);
  }
  if (numbers.empty() && copies.empty()) return {};
  std::string out;
  numbers.insert(numbers.end(), copies.begin(), copies.end());
  for (const auto number : numbers) {
    const auto value = source.raw ? unfolded(bounded(fields_[number].value)) : decoded(number);
    if (value.empty()) continue;
    if (!out.empty()) out += ", ";
    out += value;
  }
  return out + '\n';
}

std::optional<std::string> HeaderValues::message_ids(bool raw) {
  std::string out;
  for (const auto name :
       {"x-message-id", "resent-message-id", "x-original-message-id", "message-id"}) {
    for (const auto number : numbers_of(name)) {
      out += raw ? unfolded(bounded(fields_[number].value)) : decoded(number);
      out += '\n';
    }
  }
  if (out.empty()) return {};
  return out;
}

std::optional<std::string> HeaderValues::envelope_sender() const {
  const auto bare = [](std::string_view address) {
    address = trim(address);
    while (address.starts_with('<')) address.remove_prefix(1);
    while (address.ends_with('>')) address.remove_suffix(1);
    return std::string(address) + '\n';
  };
  if (envelope_from_) return bare(*envelope_from_);
  // Only what our side wrote counts: a field below the first Received is the sender's own word.
  for (const auto name : {"x-envelope-from", "envelope-sender", "return-path"}) {
    for (const auto& field : fields_) {
      if (equals_ignoring_case(field.name, "received")) break;
      if (equals_ignoring_case(field.name, name)) return bare(unfolded(bounded(field.value)));
    }
  }
  return {};
}

std::optional<std::string> HeaderValues::get(const HeaderSource& source) {
  if (source.name == "all") return all(source.raw);
  if (source.name == "tocc") return recipients(source);
  if (source.name == "messageid") return message_ids(source.raw);
  if (source.name == "envelopefrom") return envelope_sender();
  return joined(numbers_of(source.name), source);
}

std::string HeaderValues::subject() {
  const auto numbers = numbers_of("subject");
  return numbers.empty() ? std::string() : decoded(numbers.back());
}

}  // namespace postern
