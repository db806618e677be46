// field_text.h — a part's header field in plain words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/header.h"

namespace postern {

/// The last field of that name (any case), unfolded and decoded; nothing where there is none.
std::optional<std::string> last_field_text(const std::vector<HeaderField>& fields,
                                           std::string_view name);

}  // namespace postern
