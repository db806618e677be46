// charset.h — from any charset that mail uses to UTF-8.
//
// A message that lies about its charset is still read: what cannot be converted is taken for
// ISO 8859-1, in which every octet means something, so that scanning always has text to look at.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// `octets` as valid UTF-8. `charset` as in a message: any case, unknown or empty allowed.
/// Octets that the charset does not have become U+FFFD.
std::string to_utf8(std::string_view octets, std::string_view charset);

/// Where a caller has decided which charset it is: `converter` is one of exact_converters. Nothing
/// where the octets are not of it; a character that is cut off at the end does not count, but in
/// UTF-16 and its like. Nothing for an unknown converter too.
std::optional<std::string> convert_strictly(std::string_view octets, std::string_view converter);

/// The same with U+FFFD for octets that are not of it.
std::optional<std::string> convert_leniently(std::string_view octets, std::string_view converter);

/// Opens every converter there is. A process that is about to lose its access to files (a scan
/// worker) calls this first, in the thread that will convert: iconv loads its tables from disk.
void preload_charsets();

}  // namespace postern
