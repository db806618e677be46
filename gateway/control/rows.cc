#include "gateway/control/rows.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

namespace json = boost::json;

/// Of a thousand recipients a table shows the first; `show` has them all.
constexpr std::size_t longest_cell = 500;

// Without an early exit, so that it goes by many octets at once: most cells are plain.
bool plain(std::string_view text) {
  bool odd = text.size() > longest_cell;
  for (const char c : text.substr(0, longest_cell))
    odd |= (c < ' ') | (c > '~') | (c == '"') | (c == '\\');
  return !odd;
}

void append_digits(std::string& out, unsigned value, int digits) {
  char text[4];
  for (int i = digits; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text, static_cast<std::size_t>(digits));
}

/// "a@b,c@d" from addresses that are each followed by LF.
void append_recipients(std::string& out, std::string_view addresses) {
  if (addresses.ends_with('\n')) addresses.remove_suffix(1);
  if (addresses.find('\n') == std::string_view::npos) return append_cell(out, addresses);
  std::string joined(addresses.substr(0, 2 * longest_cell));
  std::ranges::replace(joined, '\n', ',');
  append_cell(out, joined);
}

}  // namespace

void append_cell(std::string& out, std::string_view text, char after) {
  if (text.empty()) {
    out += '-';
  } else if (plain(text)) {
    out += text;
  } else {
    out += printable(text, longest_cell);
  }
  out += after;
}

void append_number(std::string& out, std::uint64_t number, char after) {
  char text[24];
  const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  out.append(text, end);
  out += after;
}

void append_time(std::string& out, WallTime time, char after) {
  if (time == WallTime{}) {
    out += '-';
    out += after;
    return;
  }
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += 'Z';
  out += after;
}

std::int64_t epoch_seconds(WallTime time) {
  return std::chrono::floor<seconds>(time.time_since_epoch()).count();
}

std::string utf8_or_escaped(std::string_view text) {
  return valid_utf8(text) ? std::string(text) : printable(text, 1000);
}

void append_message_row(std::string& out, const MessageSummary& message, const Standing& standing) {
  out += message.id.text();
  out += '\t';
  out += name_of(standing.state);
  out += '\t';
  append_time(out, message.arrival);
  append_number(out, message.size);
  append_number(out, message.attempts);
  append_time(out, standing.next);
  append_cell(out, message.sender.empty() ? "<>" : message.sender);
  append_recipients(out, message.recipients);
  append_cell(out, standing.reason);
  append_cell(out, message.last_reply, '\n');
}

void append_message_json(std::string& out, const MessageSummary& message,
                         const Standing& standing) {
  json::object line;
  line["id"] = message.id.text();
  line["state"] = name_of(standing.state);
  line["arrival"] = epoch_seconds(message.arrival);
  line["size"] = message.size;
  line["sender"] = utf8_or_escaped(message.sender);
  json::array recipients;
  std::string_view rest = message.recipients;
  while (!rest.empty()) {
    const auto address = rest.substr(0, rest.find('\n'));
    recipients.emplace_back(utf8_or_escaped(address));
    rest.remove_prefix(std::min(rest.size(), address.size() + 1));
  }
  line["recipients"] = std::move(recipients);
  line["client"] = message.client;
  line["attempts"] = message.attempts;
  line["next"] = epoch_seconds(standing.next);
  line["reason"] = utf8_or_escaped(standing.reason);
  line["last_reply"] = utf8_or_escaped(message.last_reply);
  if (!message.route.empty()) line["route"] = utf8_or_escaped(message.route);
  out += json::serialize(line);
  out += '\n';
}

}  // namespace postern
