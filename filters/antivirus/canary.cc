#include "filters/antivirus/canary.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include <cstdint>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t canary_size = 64;

// CRC-32 as zip wants it (ISO 3309), reflected; ours elsewhere is Castagnoli's.
std::uint32_t zip_checksum(std::string_view octets) {
  std::uint32_t value = 0xffffffffU;
  for (const char c : octets) {
    value ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~value;
}

void put(std::string& out, std::uint64_t value, int width) {
  for (int i = 0; i < width; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

// What the local header and the central directory have in common.
void put_member(std::string& out, std::string_view name, std::string_view content) {
  put(out, 20, 2);    // version needed
  put(out, 0, 2);     // flags
  put(out, 0, 2);     // method: stored
  put(out, 0, 2);     // time
  put(out, 0x21, 2);  // date: 1 January 1980
  put(out, zip_checksum(content), 4);
  put(out, content.size(), 4);
  put(out, content.size(), 4);
  put(out, name.size(), 2);
  put(out, 0, 2);  // extra field
}

}  // namespace

std::string zip_stored(std::string_view name, std::string_view content) {
  std::string out;
  put(out, 0x04034b50, 4);
  put_member(out, name, content);
  out += name;
  out += content;
  const std::size_t directory = out.size();
  put(out, 0x02014b50, 4);
  put(out, 20, 2);  // version made by
  put_member(out, name, content);
  put(out, 0, 2);  // comment
  put(out, 0, 2);  // disk
  put(out, 0, 2);  // internal attributes
  put(out, 0, 4);  // external attributes
  put(out, 0, 4);  // offset of the local header
  out += name;
  const std::size_t size = out.size() - directory;
  put(out, 0x06054b50, 4);
  put(out, 0, 4);  // disks
  put(out, 1, 2);
  put(out, 1, 2);
  put(out, size, 4);
  put(out, directory, 4);
  put(out, 0, 2);  // comment
  return out;
}

Result<Canary> make_canary() {
  std::string octets(canary_size, '\0');
  if (::getrandom(octets.data(), octets.size(), 0) != static_cast<ssize_t>(octets.size())) {
    return fail_errno("getrandom");
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(octets.data(), octets.size(), digest, &length, EVP_sha256(), nullptr) != 1) {
    return fail(std::errc::not_supported, "OpenSSL has no SHA-256");
  }
  Canary canary;
  canary.signature = hex(std::string_view(reinterpret_cast<const char*>(digest), length)) + ":" +
                     std::to_string(octets.size()) + ":" + std::string(canary_name) + "\n";
  canary.archive = zip_stored("outer.zip", zip_stored("canary.bin", octets));
  return canary;
}

}  // namespace postern
