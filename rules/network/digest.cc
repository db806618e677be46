#include "rules/network/digest.h"

#include <openssl/evp.h>

#include <array>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

std::string base32(std::string_view octets) {
  constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : octets) {
    bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xFFFF;
    for (count += 8; count >= 5; count -= 5) out += digits[bits >> (count - 5) & 31U];
  }
  if (count > 0) out += digits[bits << (5 - count) & 31U];
  return out;
}

}  // namespace

std::string digest_label(DigestKind kind, std::string_view octets) {
  if (kind == DigestKind::none) return std::string(octets);
  const EVP_MD* const algorithm = kind == DigestKind::md5    ? EVP_md5()
                                  : kind == DigestKind::sha1 ? EVP_sha1()
                                                             : EVP_sha256();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(octets.data(), octets.size(), digest.data(), &size, algorithm, nullptr);
  const std::string_view result(reinterpret_cast<const char*>(digest.data()), size);
  return kind == DigestKind::sha256 ? base32(result) : hex(result);
}

}  // namespace postern
