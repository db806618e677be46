#include "tests/support/scripted_server.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace postern::test {
namespace {

constexpr int patience = 10000;  // milliseconds; only a client that fails makes us wait so long

/// A certificate that nobody vouches for: opportunistic TLS does not ask.
std::shared_ptr<SSL_CTX> make_context() {
  const std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::shared_ptr<X509> certificate(X509_new(), X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  return context;
}

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    ++i;
    out += text[i] == 'r' ? '\r' : text[i] == 'n' ? '\n' : text[i] == '0' ? '\0' : text[i];
  }
  return out;
}

bool matches(const std::string& wanted, const std::string& line) {
  if (wanted.ends_with('*')) return line.starts_with(wanted.substr(0, wanted.size() - 1));
  return wanted == line;
}

}  // namespace

struct ScriptedServer::Connection {
  explicit Connection(UniqueFd socket) : fd(std::move(socket)) {}

  bool readable(int timeout) const {
    pollfd wait{fd.get(), POLLIN, 0};
    return ::poll(&wait, 1, timeout) > 0;
  }
  bool read_more() {
    if (!(tls && SSL_pending(tls.get()) > 0) && !readable(patience)) return false;
    char octets[16384];
    const auto n = tls ? SSL_read(tls.get(), octets, sizeof octets)
                       : ::recv(fd.get(), octets, sizeof octets, 0);
    if (n <= 0) return false;
    input.append(octets, static_cast<std::size_t>(n));
    return true;
  }
  bool send(const std::string& octets) {
    std::size_t sent = 0;
    while (sent < octets.size()) {
      const auto left = octets.size() - sent;
      const auto n = tls ? SSL_write(tls.get(), octets.data() + sent, static_cast<int>(left))
                         : ::send(fd.get(), octets.data() + sent, left, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }
  bool take_until(const std::string& mark, std::string& out) {
    std::size_t at = 0;
    while ((at = input.find(mark)) == std::string::npos) {
      if (!read_more()) return false;
    }
    out = input.substr(0, at + mark.size());
    input.erase(0, at + mark.size());
    return true;
  }

  UniqueFd fd;
  std::shared_ptr<SSL> tls;
  std::string input;
};

ScriptedServer::ScriptedServer(std::vector<std::string> transcripts, Endpoint endpoint) {
  auto listener = listen_on(endpoint, 16, false);
  if (!listener) throw std::runtime_error(listener.error().what);
  listener_ = std::move(*listener);
  endpoint_ = endpoint.is_unix() ? endpoint : local_endpoint(listener_.get());
  thread_ = std::thread([this, transcripts = std::move(transcripts)] { serve(transcripts); });
}

ScriptedServer::~ScriptedServer() {
  if (thread_.joinable()) thread_.join();
}

std::string ScriptedServer::finish() {
  if (thread_.joinable()) thread_.join();
  return complaints_;
}

void ScriptedServer::complain(std::string what) { complaints_ += what + "\n"; }

void ScriptedServer::serve(std::vector<std::string> transcripts) {
  for (const std::string& transcript : transcripts) {
    pollfd wait{listener_.get(), POLLIN, 0};
    if (::poll(&wait, 1, patience) <= 0) return complain("no connection came for:\n" + transcript);
    Connection connection(UniqueFd(::accept(listener_.get(), nullptr, nullptr)));
    play(connection, transcript);
  }
}

void ScriptedServer::play(Connection& connection, const std::string& transcript) {
  std::string line;
  for (const std::string& step : transcript_lines(transcript)) {
    const std::string text = step.size() > 3 ? step.substr(3) : "";
    if (step.starts_with("S: ")) {
      connection.send(text + "\r\n");
    } else if (step.starts_with("S= ")) {
      connection.send(unescaped(text));
    } else if (step.starts_with("C:")) {
      if (!connection.take_until("\r\n", line)) return complain("nothing came for " + step);
      line.resize(line.size() - 2);
      if (!matches(text, line)) return complain("wanted " + step + "\ncame   C: " + line);
    } else if (step.starts_with("D:")) {
      connection.input.insert(0, "\r\n");  // the line end of DATA: content may be a lone dot
      if (!connection.take_until("\r\n.\r\n", line)) return complain("the content did not end");
      received_.push_back(line.substr(2));
    } else if (step.starts_with("Q:")) {
      if (!connection.input.empty()) return complain("the client ran ahead: " + connection.input);
      if (connection.readable(0)) return complain("the client ran ahead");
    } else if (step.starts_with("F")) {
      const std::string again = step[1] == '=' ? unescaped(text) : text + "\r\n";
      std::string much;
      while (much.size() < (1 << 16)) much += again;
      int left = 1024;
      while (left > 0 && connection.send(much)) --left;
      if (left == 0) complain("the client never hung up");
    } else if (step.starts_with("T:")) {
      const auto context = make_context();
      connection.tls.reset(SSL_new(context.get()), SSL_free);
      SSL_set_fd(connection.tls.get(), connection.fd.get());
      if (SSL_accept(connection.tls.get()) != 1) return complain("the TLS handshake failed");
    } else if (step.starts_with("W:")) {
      waiting_ = true;
      while (connection.read_more()) connection.input.clear();
    } else if (step.starts_with("X:")) {
      return;
    } else {
      return complain("no such step: " + step);
    }
  }
}

std::vector<std::string> transcript_lines(const std::string& transcript) {
  std::vector<std::string> out;
  std::size_t from = 0;
  while (from < transcript.size()) {
    const std::size_t end = std::min(transcript.find('\n', from), transcript.size());
    if (end > from) out.push_back(transcript.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

std::string transcript_of(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

std::string unstuffed(const std::string& received) {
  std::string out;
  std::size_t from = 0;
  while (from < received.size()) {
    const std::size_t end = received.find("\r\n", from) + 2;
    std::string line = received.substr(from, end - from);
    from = end;
    if (line == ".\r\n") break;
    out += line.starts_with('.') ? line.substr(1) : line;
  }
  return out;
}

}  // namespace postern::test
