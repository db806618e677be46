// render_fuzz.cc — any octets are a message: parts form a tree, texts keep their limits, URIs are
// distinct, relays are sorted into those that are trusted and those that are not, and a second look
// at the same octets sees the same.
#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "gateway/mail/address.h"
#include "rules/headers/address_list.h"
#include "rules/message/scanned_message.h"
#include "rules/text/charset_decision.h"
#include "rules/text/transfer_encoding.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

constexpr std::size_t longest_message = 64 * 1024;

RuleSettings fresh_settings() {
  RuleSettings settings;
  for (const auto* const top : {"com", "org", "example"}) settings.domains.boundaries.add_top(top);
  return settings;
}

void check_tree(const MessageParts& parts) {
  const auto& all = parts.all();
  require(!all.empty() && all.size() <= 10'000 + 1, "the number of parts");
  require(all[0].parent == 0 && all[0].depth == 0, "the first part is the message");
  for (std::size_t i = 1; i < all.size(); ++i) {
    const auto& parent = all[all[i].parent];
    require(all[i].parent < i, "a part stands behind its parent");
    require(all[i].depth == parent.depth + 1 && all[i].depth <= 20, "the depth of a part");
    require(std::ranges::find(parent.children, i) != parent.children.end(), "a parent knows it");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    require(std::ranges::is_sorted(all[i].children), "children are in order");
    require(all[i].is_leaf || all[i].decoded().empty(), "what has parts has no text");
  }
  require(std::ranges::is_sorted(parts.leaves()), "leaves are in order");
}

void check_texts(ScannedMessage& message) {
  for (const auto& element : message.body()) {
    require(!element.empty() && element.size() <= 2049, "the length of a paragraph");
    require(element.find('\n') >= element.size() - 1, "a line end only at the end");
  }
  for (const auto& piece : message.rawbody())
    require(piece.size() <= 4096, "the length of a piece");
  const auto& text = message.settings().text;
  visible_body_text(message.parts(), message.headers().subject(), text);
  invisible_body_text(message.parts(), text);
}

void check_uris(ScannedMessage& message) {
  const auto& uris = message.uris();
  require(uris.detailed().size() <= 8192, "the number of URIs");
  require(std::set(uris.unique().begin(), uris.unique().end()).size() == uris.unique().size(),
          "each URI is looked at once");
  for (const auto& uri : uris.detailed()) {
    require(std::ranges::is_sorted(uri.domains) && std::ranges::is_sorted(uri.hosts),
            "domains and hosts are sorted");
  }
}

void check_relays(const Relays& relays) {
  const auto hops = relays.trusted().size() + relays.untrusted().size();
  require(hops == relays.internal().size() + relays.external().size(), "each hop is counted twice");
  for (const auto& relay : relays.internal()) require(relay.internal, "internal ones say so");
  for (const auto& relay : relays.external()) require(!relay.internal, "external ones do not");
}

void check_headers(HeaderValues& headers) {
  for (const auto* const source :
       {"ALL", "ALL:raw", "ALL-TRUSTED", "ALL-EXTERNAL", "Subject", "Subject:raw", "From:addr",
        "From:name", "Reply-To:addr:domain", "Received:ip", "ToCc", "MESSAGEID", "EnvelopeFrom",
        "X-Spam-Relays-Untrusted", "X-Spam-Relays-Internal", "Content-Type:first:host"}) {
    const auto& value = headers.get(*parse_header_source(source));
    require(!value || value->size() <= 65'536 + 2000 * 3 * 8200, "the length of a value");
    const bool decoded = std::string_view(source) == "Subject";
    require(!value || !decoded || valid_utf8(*value), "a decoded value is UTF-8");
  }
}

/// Without a message around it: quoted-printable, base64 and charsets.
void check_decoding(std::string_view input) {
  static constexpr std::array<std::string_view, 12> charsets{
      "utf-8",    "us-ascii", "iso-8859-1", "iso-8859-15", "iso-2022-jp", "utf-16",
      "utf-16le", "utf-7",    "gb18030",    "big5",        "shift_jis",   "windows-1251"};
  require(undo_quoted_printable(input).size() <= input.size(), "quoted-printable only shrinks");
  require(undo_base64(input).size() <= input.size(), "base64 only shrinks");
  const auto charset = charsets.at(input.size() % charsets.size());
  require(text_as_utf8(input, charset).size() <= 8 * input.size() + 16, "the size of a text");
  require(word_as_utf8(input, charset).size() <= 8 * input.size() + 16, "the size of a word");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  if (input.size() > longest_message) return 0;
  static Matcher matcher;
  const auto settings = fresh_settings();
  const ScanInput scanned{.octets = input};
  ScannedMessage message(scanned, settings, matcher);
  check_tree(message.parts());
  check_texts(message);
  check_uris(message);
  check_relays(message.relays());
  check_headers(message.headers());
  check_decoding(input);
  require(parse_address_list(input).size() <= 1000, "the number of addresses");

  const auto other_settings = fresh_settings();
  ScannedMessage again(scanned, other_settings, matcher);
  require(again.uris().unique() == message.uris().unique() && again.body() == message.body() &&
              again.rawbody() == message.rawbody(),
          "two looks see the same");
  return 0;
}
