// mail_date.h — the dates that mail is written with, read as leniently as SpamAssassin reads them:
// Util.pm, parse_rfc822_date. gateway/mail/date.h only writes dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern {

/// Seconds since 1970 of the first date, time and zone found in `text`; nothing without a day,
/// month and year. Years end at 1970 and 2037; hours, minutes and seconds at their maximum; a day
/// that the month does not have is the first of the next month. An unknown zone is UTC. Linear.
std::optional<std::int64_t> parse_mail_date(std::string_view text);

/// " 21 Nov 2026 08:15:02 +0000" within a Received field, with the octet before the day; "" where
/// there is none.
std::string_view date_in_received(std::string_view field);

}  // namespace postern
