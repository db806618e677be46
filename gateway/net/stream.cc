#include "gateway/net/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <span>

namespace postern {
namespace {
constexpr std::size_t buffer_size = 64 << 10;

// Octets arrive here first, so that a read never asks for less than may have come (a short read
// says that nothing more has) and an idle session keeps no room for what it does not get.
std::span<char> arrival_room() {
  thread_local const auto room = std::make_unique_for_overwrite<char[]>(buffer_size);
  return {room.get(), buffer_size};
}
}  // namespace

struct Stream::Tls {
  explicit Tls(ssl_ctx_st* context) : ssl(SSL_new(context), SSL_free) {}
  std::unique_ptr<ssl_st, decltype(&SSL_free)> ssl;
};

Stream::Stream(Socket socket) : socket_(std::move(socket)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

// Reads once into the buffer; nothing where the peer must be waited for first.
std::optional<Wait> Stream::try_fill(bool& wants_write) {
  if (start_ == input_.size()) {
    input_.clear();
    start_ = 0;
  } else if (start_ > buffer_size / 2) {
    input_.erase(0, start_);
    start_ = 0;
  }
  const std::span<char> room = arrival_room();
  std::optional<std::size_t> got;
  wants_write = false;
  if (tls_) {
    ERR_clear_error();
    const int n = SSL_read(tls_->ssl.get(), room.data(), static_cast<int>(room.size()));
    if (n > 0) {
      got = static_cast<std::size_t>(n);
    } else {
      const int error = SSL_get_error(tls_->ssl.get(), n);
      wants_write = error == SSL_ERROR_WANT_WRITE;
      if (error != SSL_ERROR_WANT_READ && !wants_write) return Wait::closed;
    }
  } else if (const auto read = socket_.try_read(room)) {
    got = *read;
  } else {
    return Wait::closed;
  }
  if (!got) return std::nullopt;
  if (*got == 0) return Wait::closed;
  input_.append(room.data(), *got);
  return Wait::ready;
}

std::optional<Stream::LineResult> Stream::find_line(Search& search) {
  const std::size_t at = input_.find('\n', search.looked);
  if (at != std::string::npos) {
    const std::size_t from = start_;
    start_ = at + 1;
    const bool crlf = at > from && input_[at - 1] == '\r';
    const std::string_view text(input_.data() + from, at - from - (crlf ? 1 : 0));
    if (search.too_long || text.size() > search.limit)
      return LineResult{Line::too_long, text.substr(0, search.limit)};
    return LineResult{crlf ? Line::complete : Line::bare_lf, text};
  }
  if (input_.size() - start_ > search.limit + 1) {
    search.too_long = true;  // keep only the last octet: a CR may wait there for its LF
    start_ = input_.size() - 1;
  }
  search.looked = input_.size();
  return std::nullopt;
}

Soon<Stream::LineResult> Stream::read_line(std::size_t limit, SteadyTime deadline) {
  Search search{limit, start_};
  if (const auto line = find_line(search)) return *line;
  return wait_for_line(search, deadline);
}

Task<Stream::LineResult> Stream::wait_for_line(Search search, SteadyTime deadline) {
  for (;;) {
    const std::size_t unread = input_.size() - start_;
    bool wants_write = false;
    const auto filled = try_fill(wants_write);
    last_wait_ = filled.value_or(Wait::ready);
    if (!filled) last_wait_ = co_await input(wants_write, deadline);
    if (last_wait_ != Wait::ready) {
      co_return LineResult{last_wait_ == Wait::timed_out ? Line::timed_out : Line::closed, {}};
    }
    search.looked = start_ + unread;
    if (const auto line = find_line(search)) co_return *line;
  }
}

Soon<std::string_view> Stream::read_some(SteadyTime deadline) {
  if (start_ < input_.size()) return buffered();
  return wait_for_some(deadline);
}

Task<std::string_view> Stream::wait_for_some(SteadyTime deadline) {
  while (start_ == input_.size()) {
    bool wants_write = false;
    const auto filled = try_fill(wants_write);
    last_wait_ = filled.value_or(Wait::ready);
    if (!filled) last_wait_ = co_await input(wants_write, deadline);
    if (last_wait_ != Wait::ready) co_return std::string_view{};
  }
  co_return buffered();
}

void Stream::consume(std::size_t octets) { start_ += octets; }

Task<Result<>> Stream::push(std::string_view octets, SteadyTime deadline, bool closing) {
  while (!octets.empty()) {
    bool wants_read = false;
    if (tls_) {
      ERR_clear_error();
      const std::size_t piece = std::min<std::size_t>(octets.size(), 1 << 20);
      const int n = SSL_write(tls_->ssl.get(), octets.data(), static_cast<int>(piece));
      if (n > 0) {
        octets.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      const int error = SSL_get_error(tls_->ssl.get(), n);
      wants_read = error == SSL_ERROR_WANT_READ;
      if (error != SSL_ERROR_WANT_WRITE && !wants_read) {
        co_return fail(std::errc::connection_reset, "TLS connection lost");
      }
    } else {
      CO_TRY(auto sent, socket_.try_write(octets, closing));
      if (sent) {
        octets.remove_prefix(*sent);
        continue;
      }
    }
    const Wait how =
        wants_read ? co_await socket_.readable(deadline) : co_await socket_.writable(deadline);
    last_wait_ = how;
    if (how == Wait::timed_out) co_return fail(std::errc::timed_out, "the peer does not read");
    if (how == Wait::closed) co_return fail(std::errc::connection_reset, "connection closed");
  }
  co_return Result<>{};
}

Soon<Result<>> Stream::flush(SteadyTime deadline) {
  if (output_.empty()) return Result<>{};
  std::size_t sent = 0;
  if (!tls_) {
    const auto now = socket_.try_write(output_);
    if (!now) {
      forget_output();
      return Result<>(std::unexpected(now.error()));
    }
    sent = now->value_or(0);
  }
  if (sent < output_.size()) return push_rest(sent, deadline);
  forget_output();
  return Result<>{};
}

Task<Result<>> Stream::push_rest(std::size_t sent, SteadyTime deadline) {
  auto done = co_await push(std::string_view(output_).substr(sent), deadline);
  forget_output();
  co_return done;
}

void Stream::forget_output() {
  output_.clear();
  if (output_.capacity() > buffer_size) output_.shrink_to_fit();
}

Task<Result<>> Stream::flush_and_end(SteadyTime deadline) {
  const std::string last = std::exchange(output_, {});
  co_return co_await push(last, deadline, true);
}

Task<Result<>> Stream::send(std::string_view octets, SteadyTime deadline) {
  // Small pieces join what waits; a large one goes out by itself, uncopied.
  if (output_.size() + octets.size() <= buffer_size) {
    output_ += octets;
    co_return co_await flush(deadline);
  }
  auto before = co_await flush(deadline);
  if (!before) co_return before;
  co_return co_await push(octets, deadline);
}

Task<Result<>> Stream::handshake(SteadyTime deadline) {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(tls_->ssl.get());
    if (done == 1) co_return Result<>{};
    const int error = SSL_get_error(tls_->ssl.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      char text[256] = "connection closed";
      if (const auto code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
      co_return fail(std::errc::protocol_error, std::string("TLS handshake failed: ") + text);
    }
    const Wait how = error == SSL_ERROR_WANT_READ ? co_await socket_.readable(deadline)
                                                  : co_await socket_.writable(deadline);
    if (how != Wait::ready)
      co_return fail(std::errc::timed_out, "TLS handshake: the peer is silent");
  }
}

Task<Result<>> Stream::start_tls_server(const TlsContext& context, SteadyTime deadline) {
  tls_ = std::make_unique<Tls>(context.get());
  SSL_set_fd(tls_->ssl.get(), socket_.fd());
  SSL_set_accept_state(tls_->ssl.get());
  co_return co_await handshake(deadline);
}

Task<Result<>> Stream::start_tls_client(const TlsContext& context, const std::string& server_name,
                                        SteadyTime deadline) {
  tls_ = std::make_unique<Tls>(context.get());
  SSL_set_fd(tls_->ssl.get(), socket_.fd());
  if (!server_name.empty()) SSL_set_tlsext_host_name(tls_->ssl.get(), server_name.c_str());
  SSL_set_connect_state(tls_->ssl.get());
  co_return co_await handshake(deadline);
}

std::string Stream::tls_protocol() const { return tls_ ? SSL_get_version(tls_->ssl.get()) : ""; }
std::string Stream::tls_cipher() const { return tls_ ? SSL_get_cipher(tls_->ssl.get()) : ""; }

}  // namespace postern
