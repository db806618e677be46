// received_formats.h — how mail programs write their Received fields, as tables.
//
// A format is a regular expression over what stands behind "from ", anchored there, in which
//   {helo} {rdns} {by} {ident} {ip} {id}   are words that the relay gets (\S+, or an IP address);
//   {name}                                 is rdns and helo at once;
//   {helo?} …                              may be empty;
//   {IP} {localhost}                       are such addresses, and are not kept;
//   {behind_qmail}                         is what qmail and its patched versions write behind it.
// The first format that fits decides, so the order is part of the meaning; it is that of
// Message/Metadata/Received.pm of SpamAssassin 4.0.1. Formats of a program that names itself are a
// family, and only looked at where the program is named.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rules/headers/capture_pattern.h"
#include "rules/headers/relays.h"

namespace postern {

/// A Received field while it is read.
struct ReceivedDraft {
  Relay relay;
  bool looked_up_dns = false;  // the MTA asks for reverse DNS, so none given is none there
};

struct ReceivedFormat {
  enum class Meaning : std::uint8_t {
    hop,      // a handover with what is needed to tell from whom
    ignored,  // none over a network, or one that says too little; not an error
    fetched,  // by POP3 or IMAP: what came before it is the fetcher's business
    scanned,  // by qmail-scanner, whose envelope sender belongs to the next hop
  };
  /// Words without which the format cannot fit; "" where there are none.
  std::string_view words = {};
  std::string_view pattern = {};
  Meaning meaning = Meaning::hop;
  bool looks_up_dns = false;
  /// What the words do not say by themselves. `detail` is the group of that name, `text` what
  /// stands behind "from ". False: this was no hop yet, but what was found stays.
  bool (*finish)(ReceivedDraft& draft, std::string_view text, std::string_view detail) = nullptr;
};

using ReceivedFormats = std::span<const ReceivedFormat>;

struct ReceivedFamily {
  std::string_view words;    // in the field when the program wrote it
  std::string_view pattern;  // …and, where that is not enough, this
  ReceivedFormats formats;
};

/// "helo=… ident=…" in brackets behind the address, as Exim writes it, and others after it.
bool exim_comment(ReceivedDraft& draft, std::string_view text, std::string_view detail);

/// Programs that name themselves; the first family that is named is asked.
std::span<const ReceivedFamily> received_families();
/// What is asked before the families, and behind them.
ReceivedFormats web_mail_formats();
ReceivedFormats common_formats();
/// What a field says when it is no hop.
ReceivedFormats ignored_formats();
/// Fields that begin with "FROM ", and with "(from ".
ReceivedFormats capital_formats();
ReceivedFormats bracketed_formats();

}  // namespace postern
