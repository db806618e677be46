// public_key.h — digests and the verification of signatures, over OpenSSL's EVP.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/base/result.h"

struct evp_pkey_st;
struct evp_md_ctx_st;

namespace postern::dkim {

/// SHA-256 of what is added; of at most `limit` octets of it.
class Digest {
 public:
  explicit Digest(std::uint64_t limit = UINT64_MAX);
  void add(std::string_view octets);
  std::string finish();
  std::uint64_t added() const { return added_; }

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
  std::uint64_t limit_;
  std::uint64_t added_ = 0;
};

class PublicKey {
 public:
  /// RSA: SubjectPublicKeyInfo in DER as everyone publishes it, or RSAPublicKey as RFC 6376 §3.6.1
  /// says. Bounded in size: the time to verify grows with it.
  static Result<PublicKey> rsa(std::string_view der);
  /// RFC 8463 §4: 32 octets.
  static Result<PublicKey> ed25519(std::string_view octets);

  unsigned bits() const;
  /// `digest` is SHA-256 of what was signed (RFC 8463 §3: Ed25519 signs the digest, too).
  bool verifies(std::string_view digest, std::string_view signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using Pointer = std::unique_ptr<evp_pkey_st, Free>;
  explicit PublicKey(Pointer key) : key_(std::move(key)) {}
  bool rsa_verifies(std::string_view digest, std::string_view signature) const;
  bool ed25519_verifies(std::string_view digest, std::string_view signature) const;

  Pointer key_;
};

}  // namespace postern::dkim
