#include "gateway/net/pyzor_message.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::uint64_t most_reports = 1'000'000'000'000;
constexpr std::uint64_t success = 200;

struct Field {
  std::string_view name;
  std::uint64_t most;
  std::optional<std::uint64_t> value = {};
};

std::unexpected<Error> garbled(std::string what) {
  return fail(std::errc::bad_message, std::move(what));
}

}  // namespace

bool is_pyzor_digest(std::string_view text) {
  constexpr std::size_t digits = 40;
  return text.size() == digits &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::string encode_pyzor_check(std::string_view digest, std::uint16_t thread, std::int64_t now) {
  return fmt::format("Op: check\nOp-Digest: {}\nThread: {}\nPV: 2.1\nUser: anonymous\nTime: {}\n\n",
                     digest, thread, now);
}

Result<DigestCount> decode_pyzor_answer(std::string_view packet, std::uint16_t thread) {
  if (packet.size() > largest_pyzor_packet) return garbled("too long a packet");
  std::array fields{Field{"Code", 999}, Field{"Thread", 65535}, Field{"Count", most_reports},
                    Field{"WL-Count", most_reports}};
  for (auto line : split(packet, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return garbled("a line that is no field");
    const auto named = std::ranges::find_if(fields, [&](const Field& field) {
      return equals_ignoring_case(field.name, line.substr(0, colon));
    });
    if (named == fields.end()) continue;
    const auto value = parse_number(trim(line.substr(colon + 1)), named->most);
    if (!value || named->value)
      return garbled(fmt::format("{} is no number, or comes twice", named->name));
    named->value = value;
  }
  const auto& [code, answered, count, welcome] = fields;
  if (answered.value != std::uint64_t{thread}) return garbled("an answer to another question");
  if (code.value != success)
    return garbled(fmt::format("the server answers with code {}", code.value.value_or(0)));
  if (!count.value || !welcome.value) return garbled("counts are missing");
  return DigestCount{*count.value, *welcome.value};
}

}  // namespace postern
