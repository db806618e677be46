// link_target.h — where a link in HTML leads, seen from the <base> in force where it stands.
//
// HTML.pm's target_uri of SpamAssassin 4.0.1: RFC 3986 §5.2.2 without strictness (a scheme that is
// the base's own counts as none), and with "http:" or "ftp:" put in front of "//www." and "//ftp.".
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// `base` is "" where there is none. Linear.
std::string link_target(std::string_view base, std::string_view link);

}  // namespace postern
