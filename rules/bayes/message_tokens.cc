#include "rules/bayes/message_tokens.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/bayes/header_tokens.h"
#include "rules/parts/header_section.h"

namespace postern {
namespace {

constexpr std::size_t most_text_tokens = 50000;
constexpr std::size_t most_uri_tokens = 10000;

std::string sha1_hex(std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

struct Origin {
  std::string_view prefix;
  Region region;
  std::size_t most;
};

void add_lines(const std::vector<std::string>& lines, const Origin& origin, LineTokens& tokens,
               TokenBag& bag) {
  const auto most = bag.size() + origin.most;
  for (const auto& line : lines) {
    tokens.add(line, origin.prefix, origin.region);
    if (bag.size() >= most) return;
  }
}

/// "From: Joe\n" parted; the line outlives the views.
HeaderText field_of(std::string_view line) {
  const auto colon = std::min(line.find(':'), line.size());
  auto value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (value.ends_with('\n')) value.remove_suffix(1);
  return {line.substr(0, colon), value};
}

void add_header(ScannedMessage& message, TokenBag& bag) {
  std::vector<HeaderText> fields;
  for (const std::string& line : message.headers().list("ALL")) fields.push_back(field_of(line));
  const Relays& relays = message.relays();
  const std::array<std::string, 4> texts{
      Relays::text_of(relays.external()), Relays::text_of(relays.internal()),
      Relays::text_of(relays.trusted()), Relays::text_of(relays.untrusted())};
  const std::array<HeaderText, 4> relay_fields{{{"x-spam-relays-external", texts[0]},
                                                {"x-spam-relays-internal", texts[1]},
                                                {"x-spam-relays-trusted", texts[2]},
                                                {"x-spam-relays-untrusted", texts[3]}}};
  add_header_tokens(fields, relay_fields, message.settings().bayes, message.matcher(), bag);
}

/// Digests of what parts hold; the commonest have names.
void add_mime_parts(ScannedMessage& message, TokenBag& bag) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> common{{
      {"da39a3ee5e6b4b0d3255bfef95601890afd80709:text/plain", "Empty-Plaintext"},
      {"da39a3ee5e6b4b0d3255bfef95601890afd80709:text/html", "Empty-HTML"},
      {"da39a3ee5e6b4b0d3255bfef95601890afd80709:text/xml", "Empty-XML"},
      {"adc83b19e793491b1c6ea0fd8b46cd9f32e592fc:text/plain", "OneNL-Plaintext"},
      {"adc83b19e793491b1c6ea0fd8b46cd9f32e592fc:text/html", "OneNL-HTML"},
      {"71853c6197a6a7f222db0f1978c7cb232b87c5ee:text/plain", "TwoNL-Plaintext"},
      {"71853c6197a6a7f222db0f1978c7cb232b87c5ee:text/html", "TwoNL-HTML"},
  }};
  for (const auto& part : message.parts().all()) {
    if (!part.is_leaf) continue;
    const std::string name = sha1_hex(part.decoded()) + ":" + part.type;
    const auto known = std::ranges::find(common, name, [](const auto& pair) { return pair.first; });
    bag.add("MIME:", known == common.end() ? std::string_view(name) : known->second);
  }
}

void collect(ScannedMessage& message, TokenBag& bag) {
  const auto& settings = message.settings();
  const auto& sources = settings.bayes.sources;
  LineTokens lines(settings.bayes, message.matcher(), bag);
  if (sources.visible) {
    const auto visible =
        visible_body_text(message.parts(), message.headers().subject(), settings.text);
    add_lines(visible, {"", Region::body, most_text_tokens}, lines, bag);
  }
  if (sources.uri)
    add_lines(message.uris().unique(), {"", Region::uri, most_uri_tokens}, lines, bag);
  if (sources.invisible) {
    const auto hidden = invisible_body_text(message.parts(), settings.text);
    add_lines(hidden, {"I*:", Region::body, most_text_tokens}, lines, bag);
  }
  if (sources.mime_part) add_mime_parts(message, bag);
  if (sources.header) add_header(message, bag);
}

/// As the body's digest is made: with LF line ends where the message has CRLF ones.
std::string unified_body(ScannedMessage& message) {
  std::string header;
  std::string body(message.parts().body());
  if (!read_header_section(message.octets(), header).crlf) return body;
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\r' || i + 1 == body.size() || body[i + 1] != '\n') out += body[i];
  }
  return out;
}

/// With its line end; "" where there is no such field.
std::string last_of(ScannedMessage& message, std::string_view name) {
  const auto& values = message.headers().list(name);
  if (values.empty()) return "";
  const std::string& last = values.back();
  return last.ends_with('\n') ? last : last + "\n";
}

}  // namespace

std::vector<Token> message_tokens(ScannedMessage& message) {
  TokenBag bag;
  collect(message, bag);
  return bag.take();
}

std::vector<TokenBag::Named> named_message_tokens(ScannedMessage& message) {
  TokenBag bag(TokenBag::Texts::keep);
  collect(message, bag);
  return bag.take_named();
}

LearningNames learning_names(ScannedMessage& message) {
  LearningNames names;
  std::string facts = last_of(message, "To");
  facts += '\0';
  facts += last_of(message, "Date");
  facts += '\0';
  facts += sha1_hex(unified_body(message));
  names.generated = sha1_hex(facts) + "@sa_generated";
  const std::string written = last_of(message, "Message-Id");
  const auto id = trim(written);
  if (id.size() > 2 && id.starts_with('<') && id.ends_with('>'))
    names.message_id = id.substr(1, id.size() - 2);
  return names;
}

}  // namespace postern
