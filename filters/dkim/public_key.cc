#include "filters/dkim/public_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

namespace postern::dkim {
namespace {

constexpr std::size_t largest_der = 1100;  // RSA of 8192 bits
constexpr int most_bits = 8192;            // RFC 8301 §3.2 asks for 4096

const unsigned char* octets_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL keeps a list of what went wrong; that of a stranger's key is nobody's business.
struct ForgetErrors {
  ~ForgetErrors() { ERR_clear_error(); }
};

}  // namespace

Digest::Digest(std::uint64_t limit) : context_(EVP_MD_CTX_new()), limit_(limit) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Digest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void Digest::add(std::string_view octets) {
  octets = octets.substr(
      0, static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), limit_ - added_)));
  added_ += octets.size();
  EVP_DigestUpdate(context_.get(), octets.data(), octets.size());
}

std::string Digest::finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(context_.get(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

void PublicKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<PublicKey> PublicKey::rsa(std::string_view der) {
  const ForgetErrors forget;
  if (der.size() > largest_der) return fail(std::errc::message_size, "the key is too large");
  const unsigned char* at = octets_of(der);
  Pointer key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!key) {
    at = octets_of(der);
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
  }
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return fail(std::errc::invalid_argument, "the key's p= is no RSA key");
  if (EVP_PKEY_get_bits(key.get()) > most_bits)
    return fail(std::errc::message_size, "the key is too large");
  return PublicKey(std::move(key));
}

Result<PublicKey> PublicKey::ed25519(std::string_view octets) {
  const ForgetErrors forget;
  Pointer key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets_of(octets), octets.size()));
  if (!key) return fail(std::errc::invalid_argument, "the key's p= is no Ed25519 key");
  return PublicKey(std::move(key));
}

unsigned PublicKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get())); }

bool PublicKey::verifies(std::string_view digest, std::string_view signature) const {
  const ForgetErrors forget;
  return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA ? rsa_verifies(digest, signature)
                                                          : ed25519_verifies(digest, signature);
}

bool PublicKey::rsa_verifies(std::string_view digest, std::string_view signature) const {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
  return context && EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
         EVP_PKEY_verify(context.get(), octets_of(signature), signature.size(), octets_of(digest),
                         digest.size()) == 1;
}

bool PublicKey::ed25519_verifies(std::string_view digest, std::string_view signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(digest),
                          digest.size()) == 1;
}

}  // namespace postern::dkim
