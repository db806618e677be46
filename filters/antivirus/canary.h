// canary.h — a virus of our own, to know that the scanner still finds what is packed.
//
// Random octets that no other file has, their hash as a signature, and the octets in a zip in a
// zip: the hash matches nothing but the unpacked file, so a scanner that cannot unpack (no scratch
// space, no descriptors) misses it, which is what it is for.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.h"

namespace postern {

struct Canary {
  std::string signature;  // a line of a .hsb file
  std::string archive;    // what a scan must find it in
};
Result<Canary> make_canary();

constexpr std::string_view canary_name = "Postern.Canary";

/// A zip archive with one member, stored (PKWARE APPNOTE 4.3).
std::string zip_stored(std::string_view name, std::string_view content);

}  // namespace postern
