// field_text.h — a part's header field in plain words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/header.h"

namespace postern {

/// Unfolded and decoded, without white space at its ends.
std::string field_text(const HeaderField& field);

/// The last field of that name (any case); nothing where there is none.
std::optional<std::string> last_field_text(const std::vector<HeaderField>& fields,
                                           std::string_view name);

}  // namespace postern
