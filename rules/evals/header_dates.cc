// HeaderEval.pm of SpamAssassin 4.0.1: what dates and message numbers made of dates say.
#include <array>
#include <cmath>
#include <cstdlib>

#include "gateway/base/bytes.h"
#include "gateway/base/clock.h"
#include "rules/evals/binding.h"
#include "rules/evals/mail_date.h"
#include "rules/evals/message_dates.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

/// Date is so many hours ahead of the time of arrival.
BindResult check_for_shifted_date(const EvalArguments& arguments, const RuleSettings&) {
  return [hours = open_range(arguments)](ScannedMessage& message) -> double {
    return hours.holds(static_cast<double>(message.memo<MessageDates>().difference()) / 3600);
  };
}

constexpr double month_seconds = 31'556'952.0 / 12;  // of a mean year, 365.2425 days

/// The message arrived so many months ago.
BindResult received_within_months(const EvalArguments& arguments, const RuleSettings&) {
  return [months = open_range(arguments)](ScannedMessage& message) -> double {
    const auto now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
    const auto age =
        std::floor(now.count()) - static_cast<double>(message.memo<MessageDates>().received());
    return months.holds(age / month_seconds);
  };
}

/// The digits in which Outlook Express writes the time: "<0001 01c2 … $". Nothing for others.
std::optional<double> outlook_time(std::string_view id) {
  constexpr std::string_view shape = "<hhhhHHHHHHHH$hhhhhhhh$hhhhhhhh@";
  if (id.size() < shape.size()) return {};
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char c = id[i];
    if (lower(shape[i]) != 'h') {
      if (c != shape[i]) return {};
      continue;
    }
    const bool letter = c >= 'a' && c <= 'f';
    if (!is_digit(c) && !letter) return {};
    if (shape[i] == 'H')
      time = time * 16 + static_cast<std::uint64_t>(letter ? c - 'a' + 10 : c - '0');
  }
  return static_cast<double>(time);
}

bool is_far(double time, std::string_view date) {
  // The digits count 429.5 seconds each, from 1601 on.
  constexpr double per_second = 0.0023283064365387;
  constexpr double at_1970 = 27111902.8329849;
  constexpr double tolerance = 250;  // a little more than a day
  const auto seconds = static_cast<double>(parse_mail_date(date).value_or(0));
  return std::abs(time - std::trunc(seconds * per_second + at_1970)) >= tolerance;
}

/// A message number like Outlook Express makes them, of another time than Date and arrival.
double check_outlook_message_id(ScannedMessage& message) {
  auto& headers = message.headers();
  const auto time = outlook_time(headers.get("MESSAGEID"));
  if (!time || !is_far(*time, headers.get("Date"))) return 0;
  // SpamAssassin looks for the date in all Received fields at once, and so do we.
  return is_far(*time, headers.get("Received"));
}

constexpr std::array functions{
    EvalFunction{"check_for_shifted_date", check_for_shifted_date},
    EvalFunction{"received_within_months", received_within_months},
    EvalFunction{"check_outlook_message_id", bind_plain<check_outlook_message_id>},
};

}  // namespace

EvalTable header_date_evals() { return functions; }

}  // namespace postern
