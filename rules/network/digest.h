// digest.h — how lists want to be asked: MD5 and SHA-1 in hexadecimal digits, SHA-256 in base32
// (RFC 4648 §6, lower case, without padding: 52 characters fit into a label of the DNS, 64 do not).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

enum class DigestKind : std::uint8_t { none, md5, sha1, sha256 };

/// `none` gives the octets themselves.
std::string digest_label(DigestKind kind, std::string_view octets);

}  // namespace postern
