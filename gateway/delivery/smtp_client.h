// smtp_client.h — one connection to a next hop, speaking SMTP or LMTP as a client.
//
// RFC 5321, RFC 2033 (LMTP), 2920 (pipelining), 1870, 6152, 6531, 3461, 3207. Where the server
// offers PIPELINING, MAIL, RCPT and DATA leave as one write and the content with its final dot as
// the next; the next message follows on the same connection at once.
//
// Nothing here throws or fails as a call: what goes wrong with the peer is a Reply, the server's or
// one of ours with a class-4 code. What the peer may send is bounded (ReplyReader) and so is every
// wait.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/delivery/settings.h"
#include "gateway/mail/reply.h"
#include "gateway/net/stream.h"
#include "gateway/queue/envelope.h"

namespace postern {

enum class Dialect : std::uint8_t { smtp, lmtp };

/// Whom we talk to; the key of kept connections.
struct Peer {
  Dialect dialect = Dialect::smtp;
  std::string name;  // host name: for SNI and the log; may be the address again
  Endpoint endpoint;

  std::string text() const;  // "mx.example.org[192.0.2.1]:25", "unix:/run/lmtp"
  bool operator==(const Peer&) const = default;
};

/// What EHLO or LHLO told.
struct Capabilities {
  std::string name;  // what the server calls itself
  bool pipelining = false;
  bool eight_bit = false;
  bool utf8 = false;
  bool starttls = false;
  bool dsn = false;
  bool size = false;
  std::uint64_t size_limit = 0;  // 0: none told
};
Capabilities parse_capabilities(const Reply& hello);

/// How opening a connection ended. no_connection: TCP or Unix connect. tls_failed: the handshake;
/// trying again without is for the caller. refused: greeting or hello were negative or missing.
struct Opening {
  enum class How : std::uint8_t { ready, no_connection, tls_failed, refused };
  How how = How::ready;
  Reply reply;  // what to say of recipients, unless ready
};

/// One message for some of its recipients. Prefix and body each begin at the start of a line.
struct Transaction {
  const Envelope& envelope;
  std::span<const std::uint32_t> recipients;  // indices in the envelope
  std::string_view prefix;
  std::string_view body;
};

struct TransactionResult {
  std::vector<Reply> replies;  // one for each recipient of the transaction, in its order
  bool unanswered = false;     // ended before the server answered anything: surely not delivered
  bool ambiguous = false;      // the final dot left us and an answer is missing: maybe delivered
};

class SmtpClient {
 public:
  /// `helo` and `settings` outlive the client.
  SmtpClient(Loop& loop, const DeliverySettings& settings, const std::string& helo, Peer peer);

  /// Connects, reads the greeting, says EHLO, HELO or LHLO, and STARTTLS where `tls` is given and
  /// the server offers it.
  Task<Opening> open(const TlsContext* tls);
  /// The transaction's referents live until this returns. Afterwards see keepable().
  Task<TransactionResult> transact(const Transaction& transaction);
  /// Says QUIT and does not wait for the answer, as no answer would change anything.
  Task<> quit();
  /// Wakes whoever waits here: everything unanswered ends as a lost connection.
  void shut();

  /// Whether a further message may be sent: in step, not told to leave, within the reuse limits.
  bool keepable() const;
  /// For a connection that lay idle: whether the server has said anything (421) or closed it.
  bool went_away();

  const Peer& peer() const { return peer_; }
  std::string tls() const;  // "TLSv1.3 TLS_AES_256_GCM_SHA384", "" for plain text
  const Capabilities& capabilities() const { return capabilities_; }

 private:
  struct Dialogue;

  Task<Opening> hello();
  Task<Opening> start_tls(const TlsContext& context);
  Task<Reply> command(const char* verb, std::string argument);
  Task<Reply> read_reply(const char* stage, milliseconds patience);
  std::optional<std::string> next_line();
  Reply lose(const char* stage, const std::string& why);
  Opening refused(const Reply& reply) const;
  SteadyTime after(milliseconds patience) const { return loop_.now() + patience; }
  bool usable() const { return stream_ && !broken_ && !leaving_; }

  void write_command(const Dialogue& dialogue, std::size_t index);
  void write_mail(const Dialogue& dialogue);
  void write_recipient(const QueuedRecipient& recipient);
  Task<> negotiate(Dialogue& dialogue);
  Task<> read_answer(Dialogue& dialogue, std::size_t index);
  Task<> abandon();
  Task<> hand_over(Dialogue& dialogue);

  Loop& loop_;
  const DeliverySettings& settings_;
  const std::string& helo_;
  Peer peer_;
  std::optional<Stream> stream_;
  Capabilities capabilities_;
  std::string partial_;   // of a reply line that has not ended yet
  Reply last_;            // after broken_ or leaving_: what to say of all that is unanswered
  bool broken_ = false;   // no further reply can be had, or none can be trusted
  bool leaving_ = false;  // the server said 421
  bool shut_ = false;
  bool ready_ = false;             // open() ended well: messages may be sent
  bool needs_reset_ = false;       // a transaction was begun and not ended by a dot
  std::int64_t transactions_ = 0;  // that got as far as the final dot
  SteadyTime opened_{};
};

}  // namespace postern
