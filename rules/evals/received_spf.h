// received_spf.h — SPF results that relays of our own have written into a message: SPF.pm of
// SpamAssassin 4.0.1, on Received-SPF and Authentication-Results.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/message/authentication_results.h"

namespace postern {

struct WrittenSpf {
  std::optional<SpfResult> sender;
  std::optional<SpfResult> helo;
};

/// Of whole fields, "Name: value", as internal relays wrote them, in the order in which they are
/// to be believed: the first of each kind counts.
WrittenSpf read_written_spf(const std::vector<std::string>& fields);

}  // namespace postern
