#include "gateway/delivery/smtp_client.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>

#include "gateway/base/bytes.h"
#include "gateway/delivery/smtp_reply.h"

namespace postern {
namespace {

constexpr std::size_t longest_reply_line = 2048;  // ReplyReader's limit too
constexpr milliseconds quit_patience = seconds(2);

/// The address to connect from; it only fits its own family.
std::string source_for(const DeliverySettings& settings, const Peer& peer) {
  if (peer.dialect == Dialect::lmtp || peer.endpoint.is_unix()) return "";
  const bool v6 = peer.endpoint.host.find(':') != std::string::npos;
  return v6 ? settings.smtp_bind_address6 : settings.smtp_bind_address;
}

}  // namespace

std::string Peer::text() const {
  if (endpoint.is_unix()) return endpoint.text();
  if (name.empty() || name == endpoint.host) return endpoint.text();
  return fmt::format("{}[{}]:{}", name, endpoint.host, endpoint.port);
}

Capabilities parse_capabilities(const Reply& hello) {
  Capabilities out;
  const auto lines = split(hello.text, '\n');
  const auto greeting = words(lines[0]);
  if (!greeting.empty()) out.name = greeting[0];
  for (std::size_t i = 1; i < lines.size(); ++i) {  // the first is the server's greeting
    const auto parts = words(lines[i]);
    if (parts.empty()) continue;
    const std::string keyword = to_lower(parts[0]);
    if (keyword == "pipelining") out.pipelining = true;
    if (keyword == "8bitmime") out.eight_bit = true;
    if (keyword == "smtputf8") out.utf8 = true;
    if (keyword == "starttls") out.starttls = true;
    if (keyword == "dsn") out.dsn = true;
    if (keyword == "size") {
      out.size = true;
      if (parts.size() > 1) out.size_limit = parse_number(parts[1]).value_or(0);
    }
  }
  return out;
}

SmtpClient::SmtpClient(Loop& loop, const DeliverySettings& settings, const std::string& helo,
                       Peer peer)
    : loop_(loop), settings_(settings), helo_(helo), peer_(std::move(peer)) {}

Task<Opening> SmtpClient::open(const TlsContext* tls) {
  const std::string source = source_for(settings_, peer_);
  const SteadyTime deadline = after(settings_.smtp_connect_timeout);
  auto socket = co_await connect_to(loop_, peer_.endpoint, source, deadline);
  if (!socket) {
    co_return Opening{Opening::How::no_connection, reply(451, {4, 4, 1}, socket.error().what)};
  }
  stream_.emplace(std::move(*socket));
  opened_ = loop_.now();
  if (shut_) co_return refused(lose("the connection", "given up"));

  const Reply greeting = co_await read_reply("the greeting", settings_.smtp_helo_timeout);
  if (!succeeded(greeting)) {
    // What a server says before it knows of the message cannot be final for the message: another
    // one may take it, or this one tomorrow.
    co_return refused(softened(greeting));
  }
  Opening opening = co_await hello();
  if (opening.how == Opening::How::ready && tls && capabilities_.starttls) {
    opening = co_await start_tls(*tls);
  }
  ready_ = opening.how == Opening::How::ready;
  co_return opening;
}

Task<Opening> SmtpClient::hello() {
  const bool lmtp = peer_.dialect == Dialect::lmtp;
  capabilities_ = {};
  Reply answer = co_await command(lmtp ? "LHLO" : "EHLO", helo_);
  if (succeeded(answer)) {
    capabilities_ = parse_capabilities(answer);
    co_return Opening{};
  }
  // RFC 5321 §3.2: a server that does not know EHLO is asked with HELO. LMTP has nothing older.
  if (!lmtp && answer.permanent() && usable()) {
    answer = co_await command("HELO", helo_);
    if (succeeded(answer)) {
      capabilities_.name = parse_capabilities(answer).name;
      co_return Opening{};
    }
  }
  co_return refused(answer);
}

Task<Opening> SmtpClient::start_tls(const TlsContext& context) {
  const Reply answer = co_await command("STARTTLS", "");
  if (!usable()) co_return refused(answer);
  if (answer.code != 220) co_return Opening{};  // opportunistic: plain text is the alternative
  // RFC 3207 §4.2: what came in plain text after the 220 is not the server's word under TLS; it may
  // have been put there by someone on the way.
  stream_->drop_buffered();
  // RFC 6066 §3: SNI is for names; a peer known by its address has none.
  const std::string name = peer_.name == peer_.endpoint.host ? "" : peer_.name;
  const SteadyTime deadline = after(settings_.smtp_helo_timeout);
  const auto done = co_await stream_->start_tls_client(context, name, deadline);
  if (!done) {
    co_return Opening{Opening::How::tls_failed, lose("STARTTLS", done.error().what)};
  }
  co_return co_await hello();
}

Task<Reply> SmtpClient::command(const char* verb, std::string argument) {
  stream_->write(verb);
  if (!argument.empty()) stream_->write(" " + argument);
  stream_->write("\r\n");
  const auto sent = co_await stream_->flush(after(settings_.smtp_helo_timeout));
  if (!sent) co_return lose(verb, sent.error().what);
  co_return co_await read_reply(verb, settings_.smtp_helo_timeout);
}

/// A line that has arrived whole, without its line end. What has arrived of the next one is kept.
std::optional<std::string> SmtpClient::next_line() {
  const std::string_view octets = stream_->buffered();
  const std::size_t end = octets.find('\n');
  partial_ += octets.substr(0, end);
  stream_->consume(end == std::string_view::npos ? octets.size() : end + 1);
  if (end == std::string_view::npos) return std::nullopt;
  if (partial_.ends_with('\r')) partial_.pop_back();
  return std::exchange(partial_, {});
}

// One deadline for the whole reply: a server that drips lines must not hold us for ever. The lines
// are gathered here and not by read_line(), which would read an endless one to its end.
Task<Reply> SmtpClient::read_reply(const char* stage, milliseconds patience) {
  if (broken_) co_return last_;
  ReplyReader reader;
  const SteadyTime deadline = after(patience);
  for (;;) {
    while (const auto line = next_line()) {
      const auto state = reader.feed(*line);
      if (state == ReplyReader::State::malformed) {
        co_return lose(stage, "the server's reply is not SMTP: " + printable(*line, 80));
      }
      if (state == ReplyReader::State::complete) {
        Reply answer = reader.take();
        if (answer.code == 421 && !leaving_) {
          leaving_ = true;
          last_ = bounded(answer);
        }
        co_return answer;
      }
    }
    if (partial_.size() > longest_reply_line)
      co_return lose(stage, "the server's reply is endless");
    const std::string_view octets = co_await stream_->read_some(deadline);
    if (octets.empty()) {
      const bool silent = stream_->last_wait() == Wait::timed_out;
      co_return lose(stage, silent ? "the server did not answer in time" : "connection lost");
    }
  }
}

/// The connection is of no further use. A 421 that was said before stays the reason.
Reply SmtpClient::lose(const char* stage, const std::string& why) {
  broken_ = true;
  if (!leaving_)
    last_ = reply(451, {4, 4, 2}, fmt::format("{}: {} (at {})", peer_.text(), why, stage));
  if (stream_) stream_->shut();
  return last_;
}

Opening SmtpClient::refused(const Reply& answer) const {
  return {Opening::How::refused, failed(bounded(answer), peer_.text())};
}

Task<> SmtpClient::quit() {
  if (!usable()) co_return;
  stream_->write("QUIT\r\n");
  static_cast<void>(co_await stream_->flush(after(quit_patience)));  // it may have left already
  broken_ = true;
}

void SmtpClient::shut() {
  shut_ = true;
  if (stream_) stream_->shut();
}

bool SmtpClient::keepable() const {
  return ready_ && usable() && !shut_ && partial_.empty() && stream_->buffered().empty() &&
         transactions_ < settings_.smtp_connection_reuse_count_limit &&
         loop_.now() - opened_ < settings_.smtp_connection_reuse_time_limit;
}

bool SmtpClient::went_away() {
  char octet = 0;
  const ssize_t n = ::recv(stream_->socket().fd(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  // Under TLS octets may be a session ticket; in plain text they can only be a farewell.
  if (n > 0) return !stream_->tls();
  return n == 0 || (errno != EAGAIN && errno != EINTR);
}

std::string SmtpClient::tls() const {
  if (!stream_ || !stream_->tls()) return "";
  return stream_->tls_protocol() + " " + stream_->tls_cipher();
}

}  // namespace postern
