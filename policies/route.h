// route.h — where a recipient's mail goes next: one result of a transport table, understood.
//
//   smtp:[192.0.2.1]:2525  smtp:[store.example.org]   that host, without asking for MX records
//   smtp:example.org       smtp:example.org:587       the MX hosts of that domain
//   smtp:                                             the MX hosts of the recipient's domain
//   relay:...                                         another word for smtp:
//   lmtp:unix:/run/dovecot/lmtp   lmtp:inet:host:24   lmtp:host:24   lmtp:[host]
//   maildir:/var/mail/%d/%n                           a Maildir; %u address, %d domain, %n local
//   part discard: [text]                                   accepted, then thrown away error:5.1.1
//   text                                  bounced; error:4.x.y and retry: are retried
//
// Within a Maildir path the address is in lower case and without its extension, and every octet
// that a path could give a meaning (and "=") is written as =HH: no address leaves the folder, and
// no two addresses share one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/mail/reply.h"

namespace postern {

struct Route {
  enum class Transport : std::uint8_t { smtp, lmtp, maildir, discard, error };

  Transport transport = Transport::smtp;
  bool use_mx = false;     // smtp: `host` is a domain whose MX records are to be asked
  std::uint16_t port = 0;  // smtp, lmtp over TCP
  std::string host;        // a name in lower case, or an IP address without brackets
  std::string path;        // lmtp: the Unix socket; maildir: the folder
  std::string text;        // discard, error

  /// As it is written in a transport table: "smtp:[192.0.2.1]:2525". For logs and for the queue.
  std::string name() const;
  /// The next hop that mail is queued for: what fails together and is throttled together.
  std::string destination_key() const;
  /// For the transport error: what the bounce says, 4yz where the text begins with 4.x.y.
  Reply error_reply() const;

  bool operator==(const Route&) const = default;
};

/// Understands a table's result for that recipient ("user@example.org"); `delimiters` is
/// recipient_delimiter. A result without a transport (":host", "host") is an error: see RouteTable.
Result<Route> parse_route(std::string_view value, std::string_view recipient,
                          std::string_view delimiters);

/// The next hop as relayhost writes it: "[host]:port" or "domain", for smtp.
Result<Route> parse_relayhost(std::string_view value);

/// The MX hosts of the recipient's domain, or the host that its address literal names.
Result<Route> mx_route(std::string_view recipient);

}  // namespace postern
