// rows.h — a message as one row of a table, and as one line of JSON.
//
// Columns are separated by TAB and cells never hold one: what came from outside is escaped. Empty
// cells are "-", times UTC.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/control/standing.h"

namespace postern {

inline constexpr std::string_view message_heading =
    "#id\tstate\tarrival\tsize\tattempts\tnext\tsender\trecipients\treason\tlast_reply\n";

void append_message_row(std::string& out, const MessageSummary& message, const Standing& standing);
void append_message_json(std::string& out, const MessageSummary& message, const Standing& standing);

// For other tables.

/// A cell with its TAB, or with the row's end.
void append_cell(std::string& out, std::string_view text, char after = '\t');
void append_number(std::string& out, std::uint64_t number, char after = '\t');
/// "2026-11-24T08:15:02Z".
void append_time(std::string& out, WallTime time, char after = '\t');
std::int64_t epoch_seconds(WallTime time);
/// JSON is UTF-8; mail is not always.
std::string utf8_or_escaped(std::string_view text);

}  // namespace postern
