#include "gateway/mail/dsn.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/mail/date.h"
#include "gateway/mail/dsn_text.h"
#include "gateway/mail/header.h"

namespace postern {

namespace {

constexpr std::size_t longest_value = 1000;  // of what a peer said; enough for any real reply

bool is_eight_bit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

/// RFC 3464 §2.1: the fields are ASCII. make_field takes care of controls.
std::string ascii(std::string_view text) {
  std::string out(text.substr(0, longest_value));
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

/// RFC 6533 §3 utf-8-addr-unitext: the form of such an address that a 7-bit report can hold.
std::string unitext(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      out += text[i] == '\\' ? "\\x{5C}" : std::string(1, text[i]);
      continue;
    }
    const unsigned more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    unsigned point = lead & (0x3fU >> more);
    for (unsigned k = 0; k < more; ++k)
      point = point << 6 | (static_cast<unsigned char>(text[++i]) & 0x3fU);
    fmt::format_to(std::back_inserter(out), "\\x{{{:X}}}", point);
  }
  return out;
}

std::string typed_address(std::string_view address) {
  if (!is_eight_bit(address)) return "rfc822; " + std::string(address.substr(0, longest_value));
  return valid_utf8(address) ? "utf-8; " + unitext(address) : "rfc822; " + ascii(address);
}

/// RFC 3464 §2.3.1: what the sender wrote, with the xtext taken off.
std::string original_recipient(std::string_view orcpt) {
  const auto semicolon = orcpt.find(';');
  if (semicolon == std::string_view::npos) return "";
  const auto type = orcpt.substr(0, semicolon);
  const auto encoded = orcpt.substr(semicolon + 1);
  const auto decoded = decode_xtext(encoded);
  const std::string text = decoded ? *decoded : std::string(encoded);
  if (is_eight_bit(text) && valid_utf8(text)) return ascii(type) + "; " + unitext(text);
  return ascii(type) + "; " + ascii(text);
}

std::string_view action_word(DsnAction action) {
  switch (action) {
    case DsnAction::failed:
      return "failed";
    case DsnAction::delayed:
      return "delayed";
    case DsnAction::delivered:
      return "delivered";
    case DsnAction::relayed:
      return "relayed";
    case DsnAction::expanded:
      return "expanded";
  }
  return "failed";
}

EnhancedCode status_of(const DsnRecipient& recipient) {
  if (recipient.status.present()) return recipient.status;
  switch (recipient.action) {
    case DsnAction::failed:
      return {5, 0, 0};
    case DsnAction::delayed:
      return {4, 0, 0};
    case DsnAction::delivered:
    case DsnAction::relayed:
    case DsnAction::expanded:
      return {2, 0, 0};
  }
  return {5, 0, 0};
}

/// RFC 3464 §2.3.6: "smtp" for what a server said; ours is of a type of its own.
std::string_view diagnostic_type(std::string_view text) {
  const bool reply = text.size() >= 3 && text[0] >= '2' && text[0] <= '5' && is_digit(text[1]) &&
                     is_digit(text[2]) && (text.size() == 3 || text[3] == ' ' || text[3] == '-');
  return reply ? "smtp; " : "x-postern; ";
}

std::string status_part(const DsnRequest& request) {
  std::string out = make_field("Reporting-MTA", "dns; " + ascii(request.reporting_mta));
  if (!request.envid.empty()) {
    if (const auto envid = decode_xtext(request.envid)) {
      out += make_field("Original-Envelope-Id", ascii(*envid));
    }
  }
  out += make_field("Arrival-Date", format_date(request.arrival));
  for (const auto& recipient : request.recipients) {
    out += "\r\n";
    if (const auto original = original_recipient(recipient.orcpt); !original.empty()) {
      out += make_field("Original-Recipient", original);
    }
    out += make_field("Final-Recipient", typed_address(recipient.address));
    out += make_field("Action", action_word(recipient.action));
    out += make_field("Status", status_of(recipient).text());
    if (!recipient.remote_mta.empty()) {
      out += make_field("Remote-MTA", "dns; " + ascii(recipient.remote_mta));
    }
    if (!recipient.diagnostic.empty()) {
      out += make_field("Diagnostic-Code", std::string(diagnostic_type(recipient.diagnostic)) +
                                               ascii(recipient.diagnostic));
    }
    if (recipient.last_attempt) {
      out += make_field("Last-Attempt-Date", format_date(*recipient.last_attempt));
    }
    if (!request.queue_id.empty()) out += make_field("Final-Log-ID", ascii(request.queue_id));
    if (recipient.action == DsnAction::delayed && recipient.retry_until) {
      out += make_field("Will-Retry-Until", format_date(*recipient.retry_until));
    }
  }
  return out;
}

/// The third part's octets and type.
struct Returned {
  std::string_view octets;
  std::string_view type;
};

Returned returned_part(const DsnRequest& request) {
  if (request.full && request.original.size() <= request.original_limit) {
    return {request.original, "message/rfc822"};
  }
  std::string_view header = split_message(request.original).header;
  if (header.size() > request.original_limit) {
    // Cut at a line's end. A field may lose its continuation; it is for looking at.
    header = header.substr(0, request.original_limit);
    header = header.substr(0, header.rfind('\n') + 1);
  }
  return {header, "text/rfc822-headers"};
}

/// RFC 2047 §4.2: words in UTF-8 for a field, none above 75 octets and no character cut in two.
std::string encoded_words(std::string_view text) {
  constexpr std::size_t room = 75 - 12;  // without =?utf-8?Q? and ?=
  std::string out, word;
  const auto finish = [&] {
    if (!word.empty()) out += (out.empty() ? "=?utf-8?Q?" : " =?utf-8?Q?") + word + "?=";
    word.clear();
  };
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80)
      ++length;
    std::string character;
    for (const char c : text.substr(0, length)) {
      const bool plain = is_alpha(c) || is_digit(c);
      character +=
          plain ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c));
    }
    if (word.size() + character.size() > room) finish();
    word += character;
    text.remove_prefix(length);
  }
  finish();
  return out;
}

/// A boundary that stands in none of the parts. Whoever wrote the original does not know our
/// message id, and guessing costs one more round.
std::string choose_boundary(std::string_view seed, std::initializer_list<std::string_view> parts) {
  for (std::uint32_t round = 0;; ++round) {
    const std::string boundary = fmt::format("=_postern-report-{:08x}-{}", crc32c(seed), round);
    const auto contains = [&](std::string_view part) {
      return part.find(boundary) != std::string_view::npos;
    };
    if (std::ranges::none_of(parts, contains)) return boundary;
  }
}

std::string part_header(std::string_view type, std::string_view description, bool eight_bit) {
  std::string out =
      make_field("Content-Type", type) + make_field("Content-Description", description);
  if (eight_bit) out += "Content-Transfer-Encoding: 8bit\r\n";
  return out + "\r\n";
}

}  // namespace

std::string make_dsn(const DsnRequest& request) {
  const std::string text = dsn_text(request);
  const std::string status = status_part(request);
  const Returned returned = returned_part(request);
  const std::string boundary = choose_boundary(request.message_id, {text, status, returned.octets});
  const bool eight_bit = is_eight_bit(text) || is_eight_bit(returned.octets);

  std::string out = make_field("From", "Mail Delivery System <" + request.postmaster + ">");
  out += make_field("To", "<" + request.sender + ">");
  const std::string subject = dsn_subject(request);
  out += make_field("Subject", is_eight_bit(subject) ? encoded_words(subject) : subject);
  out += make_field("Date", format_date(request.date));
  out += make_field("Message-ID", "<" + request.message_id + ">");
  // RFC 3834 §5: so that no vacation program answers.
  out += "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"" + boundary +
         "\"\r\n";
  if (eight_bit) out += "Content-Transfer-Encoding: 8bit\r\n";

  out += "\r\n--" + boundary + "\r\n";
  out += part_header("text/plain; charset=utf-8", "What happened", is_eight_bit(text)) + text;
  out += "\r\n--" + boundary + "\r\n";
  out += part_header("message/delivery-status", "Delivery report", false) + status;
  out += "\r\n--" + boundary + "\r\n";
  out += part_header(returned.type, "Your message", is_eight_bit(returned.octets));
  out += returned.octets;
  out += "\r\n--" + boundary + "--\r\n";
  return out;
}

}  // namespace postern
