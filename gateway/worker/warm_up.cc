#include "gateway/worker/warm_up.h"

#include <openssl/evp.h>
#include <time.h>

#include <string_view>

#include "gateway/mail/charset.h"

namespace postern {

void warm_up() {
  preload_charsets();
  ::tzset();
  // The first digest reads openssl.cnf, and each algorithm is looked up in providers once.
  constexpr std::string_view something = "postern";
  unsigned char digest[EVP_MAX_MD_SIZE];
  for (const EVP_MD* algorithm : {EVP_sha256(), EVP_sha1(), EVP_md5()}) {
    EVP_Digest(something.data(), something.size(), digest, nullptr, algorithm, nullptr);
  }
}

}  // namespace postern
