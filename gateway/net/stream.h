// stream.h — lines and octets over a socket, plain or TLS, with bounded buffers and deadlines.
//
// Used by both sides of SMTP. Writes gather in a buffer and leave with flush(), so that a group of
// pipelined replies is one segment (RFC 2920 §3.2). Reading never buffers more than the limit of
// what is asked for.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/net/socket.h"
#include "gateway/net/tls.h"

namespace postern {

class Stream {
 public:
  explicit Stream(Socket socket);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// How reading a line ended. too_long: the rest up to the line's end was read and dropped.
  enum class Line { complete, bare_lf, too_long, closed, timed_out };

  /// The next line without its line end, valid until the next read. `bare_lf`: it ended in LF
  /// alone. A CR inside the line is part of it. At most `limit` octets are kept.
  struct LineResult {
    Line how;
    std::string_view text;
  };
  Soon<LineResult> read_line(std::size_t limit, SteadyTime deadline);

  /// What has arrived: at least one octet, at most what fits the buffer (64 KiB); consume() what
  /// was used. Empty: closed or timed out (see last_wait()).
  Soon<std::string_view> read_some(SteadyTime deadline);
  void consume(std::size_t octets);
  Wait last_wait() const { return last_wait_; }

  /// Octets that wait in our buffer, unread: pipelined input, or an attack around STARTTLS.
  std::string_view buffered() const { return std::string_view(input_).substr(start_); }
  void drop_buffered() { start_ = input_.size(); }

  void write(std::string_view octets) { output_ += octets; }
  std::size_t unsent() const { return output_.size(); }
  Soon<Result<>> flush(SteadyTime deadline);
  /// flush() before the stream ends. For when the peer has nothing more to say: closing over unread
  /// octets resets the connection, and that would take these with it.
  Task<Result<>> flush_and_end(SteadyTime deadline);
  /// Sends `octets` after what is buffered, without copying large pieces.
  Task<Result<>> send(std::string_view octets, SteadyTime deadline);

  Task<Result<>> start_tls_server(const TlsContext& context, SteadyTime deadline);
  /// `server_name` for SNI.
  Task<Result<>> start_tls_client(const TlsContext& context, const std::string& server_name,
                                  SteadyTime deadline);
  bool tls() const { return tls_ != nullptr; }
  std::string tls_protocol() const;  // "TLSv1.3"
  std::string tls_cipher() const;

  Socket& socket() { return socket_; }
  /// A waiting reader, or the next, is told `closed`; writing goes on.
  void stop_reading() { socket_.stop_reading(); }
  /// Wakes a waiting reader with `closed`; the stream is dead from here on.
  void shut() { socket_.shut(); }

 private:
  struct Tls;
  /// A line that is looked for: where to go on, and whether its beginning was dropped already.
  struct Search {
    std::size_t limit;
    std::size_t looked;
    bool too_long = false;
  };
  std::optional<LineResult> find_line(Search& search);
  Task<LineResult> wait_for_line(Search search, SteadyTime deadline);
  Task<std::string_view> wait_for_some(SteadyTime deadline);
  std::optional<Wait> try_fill(bool& wants_write);
  auto input(bool wants_write, SteadyTime deadline) {
    return wants_write ? socket_.writable(deadline) : socket_.readable(deadline);
  }
  Task<Result<>> push_rest(std::size_t sent, SteadyTime deadline);
  void forget_output();
  Task<Result<>> handshake(SteadyTime deadline);
  Task<Result<>> push(std::string_view octets, SteadyTime deadline, bool closing = false);

  Socket socket_;
  std::unique_ptr<Tls> tls_;
  std::string input_;
  std::size_t start_ = 0;
  std::string output_;
  Wait last_wait_ = Wait::ready;
};

}  // namespace postern
