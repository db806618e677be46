#include "gateway/mail/received.h"

#include <string_view>

#include "gateway/base/bytes.h"
#include "gateway/mail/date.h"

namespace postern {

namespace {

constexpr std::size_t longest_name = 255;  // RFC 5321 §4.5.3.1.2

/// The characters of domains and address literals; nothing that ends a comment or a clause.
std::string name_only(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, longest_name)) {
    const bool fits =
        is_alpha(c) || is_digit(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
    out += fits ? c : '?';
  }
  return out.empty() ? "unknown" : out;
}

/// Text within a comment: its brackets would end it, or nest.
std::string comment_only(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, longest_name))
    out += c == '(' || c == ')' || c == '\\' ? '?' : c;
  return out;
}

std::string literal(const std::string& address) {
  const std::string clean = name_only(address);
  return clean.find(':') == std::string::npos ? "[" + clean + "]" : "[IPv6:" + clean + "]";
}

}  // namespace

std::string transmission_type(const Trace& trace) {
  std::string out = trace.utf8 ? "UTF8" : "";
  if (trace.lmtp) {
    out += "LMTP";
  } else if (trace.utf8) {
    out += "SMTP";  // RFC 6531 §4.3: UTF8SMTP implies the extensions
  } else {
    out += trace.extended ? "ESMTP" : "SMTP";
  }
  // RFC 3848 has the suffixes for the extended protocols only.
  if (!trace.extended && !trace.lmtp) return out;
  if (!trace.tls.empty()) out += 'S';
  if (trace.authenticated) out += 'A';
  return out;
}

std::string received_field(const Trace& trace) {
  std::string value = "from " + name_only(trace.helo) + " (" + name_only(trace.client_name) + " " +
                      literal(trace.client_address) + ")";
  if (!trace.tls.empty()) value += "\r\n\t(using " + comment_only(trace.tls) + ")";
  value += "\r\n\tby " + name_only(trace.host) + " with " + transmission_type(trace) + " id " +
           name_only(trace.queue_id);
  if (!trace.recipient.empty()) value += "\r\n\tfor <" + trace.recipient + ">";
  value += ";\r\n\t" + format_date(trace.time);
  return make_field("Received", value);
}

std::size_t count_hops(const SplitMessage& message) { return count_fields(message, "Received"); }

}  // namespace postern
