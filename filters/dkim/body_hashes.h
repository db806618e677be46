// body_hashes.h — the hash of a body in the forms that signatures ask for, each worked out once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "filters/dkim/signature.h"

namespace postern::dkim {

class BodyHashes {
 public:
  /// Looked at, not copied.
  explicit BodyHashes(std::string_view body) : body_(body) {}

  /// Open where the body is the one that was signed.
  Judgement judge(const Signature& signature);

 private:
  struct Hash {
    std::string octets;
    std::uint64_t length = 0;  // of what was hashed
  };
  std::string_view body_;
  std::map<std::pair<Canon, std::uint64_t>, Hash> hashes_;  // by form and l=
};

}  // namespace postern::dkim
