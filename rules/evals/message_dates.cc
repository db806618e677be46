#include "rules/evals/message_dates.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "gateway/base/bytes.h"
#include "gateway/base/clock.h"
#include "rules/evals/mail_date.h"

namespace postern {
namespace {

bool is_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

/// Where `phrase` begins a word of `text`, from `start` on.
std::size_t find_word(std::string_view text, std::string_view phrase, std::size_t start = 0) {
  auto at = text.find(phrase, start);
  while (at != std::string_view::npos && at > 0 && is_word(text[at - 1]))
    at = text.find(phrase, at + 1);
  return at;
}

std::size_t count_digits(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  return static_cast<std::size_t>(end - text.begin());
}

bool names_loopback(std::string_view word) {
  constexpr std::string_view loopback = "127.0.0.1";
  for (auto at = find_word(word, loopback); at != std::string_view::npos;
       at = find_word(word, loopback, at + 1)) {
    const auto end = at + loopback.size();
    if (end == word.size() || !is_word(word[end])) return true;
  }
  return false;
}

/// "from localhost …", or the loopback address in one of the two words behind the name.
bool is_from_here(std::string_view field) {
  for (auto at = find_word(field, "from "); at != std::string_view::npos;
       at = find_word(field, "from ", at + 1)) {
    auto rest = field.substr(at + 5);
    if (rest.starts_with("localhost") && rest.size() > 9 && is_space(rest[9])) return true;
    for (int word = 0; word < 3 && !rest.empty(); ++word) {
      const auto end = std::min(rest.find_first_of(" \t\r\n\f\v"), rest.size());
      if (word > 0 && names_loopback(rest.substr(0, end))) return true;
      if (end == 0 || end == rest.size() || rest[end] != ' ') break;
      rest.remove_prefix(end + 1);
    }
  }
  return false;
}

bool is_qmail_from_user(std::string_view field) {
  for (auto at = field.find("qmail "); at != std::string_view::npos;
       at = field.find("qmail ", at + 1)) {
    auto rest = field.substr(at + 6);
    const auto digits = count_digits(rest);
    rest.remove_prefix(digits);
    constexpr std::string_view invoked = " invoked by uid ";
    if (digits > 0 && rest.starts_with(invoked) && count_digits(rest.substr(invoked.size())) > 0)
      return true;
  }
  return false;
}

bool is_fetchmail(std::string_view field) {
  constexpr std::string_view by = "by localhost with ";
  for (auto at = find_word(field, by); at != std::string_view::npos;
       at = find_word(field, by, at + 1)) {
    auto rest = field.substr(at + by.size());
    const auto protocol =
        static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word) - rest.begin());
    rest.remove_prefix(protocol);
    constexpr std::string_view program = " (fetchmail-";
    if (protocol > 0 && rest.starts_with(program) && rest.size() > program.size() &&
        (is_digit(rest[program.size()]) || rest[program.size()] == '.'))
      return true;
  }
  return false;
}

std::optional<std::int64_t> time_in(std::string_view field) {
  const auto date = date_in_received(field);
  return date.empty() ? std::nullopt : parse_mail_date(date);
}

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::optional<std::int64_t> first_time(const std::vector<std::string>& fields) {
  for (const auto& field : fields) {
    if (const auto time = parse_mail_date(field)) return time;
  }
  return {};
}

}  // namespace

MessageDates::MessageDates(ScannedMessage& message) {
  auto& headers = message.headers();
  // A message sent on was written when it was sent on.
  written_ = first_time(headers.list("Resent-Date"));
  if (!written_) written_ = first_time(headers.list("Date"));
  read_received(headers);
  compare();
  choose_received();
}

void MessageDates::read_received(HeaderValues& headers) {
  std::vector<std::string_view> fields;
  for (const auto& field : headers.list("Received")) {
    if (!trim(field).empty()) fields.push_back(field);
  }
  // fetchmail's own hop, and one from this host above it, tell when mail was fetched.
  std::size_t fetching = 0;
  if (!fields.empty()) {
    const bool local = is_from_here(fields[0]) || is_qmail_from_user(fields[0]);
    const std::size_t next = local ? 1 : 0;
    if (next < fields.size() && is_fetchmail(fields[next])) fetching = next + 1;
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto time = time_in(fields[i]);
    if (!time) continue;
    if (i >= fetching) {
      hops_.push_back(*time);
    } else if (*time <= now()) {
      fetched_ = std::max(fetched_.value_or(*time), *time);
    }
  }
}

void MessageDates::compare() {
  if (!written_ || hops_.empty()) return;
  auto count = hops_.size();
  // The last hop often takes its time from Date itself.
  if (count > 1 && *written_ == hops_.back()) --count;
  difference_ = *written_ - hops_.front();
  for (std::size_t i = 1; i < count; ++i) {
    const auto difference = *written_ - hops_[i];
    if (std::abs(difference) < std::abs(difference_)) difference_ = difference;
  }
}

void MessageDates::choose_received() {
  std::vector<std::int64_t> known;
  if (written_) known.push_back(*written_);
  if (!hops_.empty()) known.push_back(hops_.front());
  if (fetched_) known.push_back(*fetched_);
  if (written_ && !hops_.empty()) known.push_back(*written_ - difference_);
  if (known.empty()) return;
  std::ranges::sort(known, std::greater<>());
  received_ = known[(known.size() - 1) / 2];
}

}  // namespace postern
