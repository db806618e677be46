// charset_names.h — the names by which Perl's Encode 3.17 knows a charset, and the converter that
// gives the same characters. What Encode does not know SpamAssassin does not decode.
#pragma once

#include <string_view>

namespace postern {

/// For convert_strictly and convert_leniently; "" for a charset that is not known. `charset` in
/// lower case.
std::string_view converter_of(std::string_view charset);

}  // namespace postern
