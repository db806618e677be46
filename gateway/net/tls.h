// tls.h — OpenSSL's contexts, made once per configuration.
#pragma once

#include <memory>
#include <string>

#include "gateway/base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace postern {

/// A server's or a client's TLS settings; immutable, shared by all sessions.
class TlsContext {
 public:
  /// PEM files: the certificate chain (own certificate first) and its key. TLS 1.2 and later.
  static Result<std::shared_ptr<const TlsContext>> server(const std::string& chain_file,
                                                          const std::string& key_file);
  /// Opportunistic (RFC 7435): any certificate is taken, since the alternative is plain text.
  static Result<std::shared_ptr<const TlsContext>> opportunistic_client();

  ssl_ctx_st* get() const { return context_.get(); }

 private:
  explicit TlsContext(ssl_ctx_st* context);
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace postern
