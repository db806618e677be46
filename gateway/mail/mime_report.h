// mime_report.h — the tree of a message for people and scripts: what `postern mime` prints.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// One line a part, columns between TABs:
/// number ("1", "1.2"), type, encoding, charset, filename, size, SHA-256.
/// Size and hash are those of the decoded body of a leaf; "-" stands for what a part does not have.
/// In a column, control characters appear as \xHH and a backslash as two.
///
/// As JSON: {"anomalies": […], "root": part}, a part having the same and "children".
std::string mime_report(std::string_view octets, bool json);

}  // namespace postern
