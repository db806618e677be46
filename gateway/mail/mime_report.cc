#include "gateway/mail/mime_report.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <iterator>
#include <vector>

#include "gateway/base/bytes.h"
#include "gateway/mail/charset.h"
#include "gateway/mail/mime.h"
#include "gateway/mail/mime_decode.h"

namespace postern {

namespace {

std::string sha256(std::string_view octets) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest.data());
  return hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string column(std::string_view text) {
  if (text.empty()) return "-";
  std::string out;
  for (const char c : to_utf8(text, "")) {
    if (c == '\\')
      out += "\\\\";
    else if (is_control(c))
      out += "\\x" + hex(std::string_view(&c, 1));
    else
      out += c;
  }
  return out;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : to_utf8(text, "")) {
    if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else if (is_control(c))
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", unsigned(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string json_or_null(std::string_view text) {
  return text.empty() ? "null" : json_string(text);
}

template <class Texts>
std::string json_list(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ",") + json_string(text);
  return "[" + out + "]";
}

struct Leaf {
  std::size_t size = 0;
  std::string hash;
};

Leaf measure(const MimePart& part, std::string_view octets) {
  const std::string body = decode_body(part.body.of(octets), part.encoding);
  return {body.size(), sha256(body)};
}

bool has_content(const MimePart& part) { return part.leaf() && part.type != "multipart"; }

/// "1.2" for each part: the parent's number and the place among its children.
std::vector<std::string> part_numbers(const MimeTree& tree) {
  std::vector<std::string> out(tree.parts.size(), "1");
  for (std::size_t i = 0; i < tree.parts.size(); ++i) {
    const auto& children = tree.parts[i].children;
    for (std::size_t k = 0; k < children.size(); ++k) {
      out[children[k]] = fmt::format("{}.{}", out[i], k + 1);
    }
  }
  return out;
}

std::string table(const MimeTree& tree, std::string_view octets) {
  const auto numbers = part_numbers(tree);
  std::string out;
  for (std::size_t i = 0; i < tree.parts.size(); ++i) {
    const auto& part = tree.parts[i];
    out += fmt::format("{}\t{}\t{}\t{}\t{}\t", numbers[i], part.media_type(), part.encoding,
                       column(part.charset), column(part.filename));
    if (has_content(part)) {
      const Leaf leaf = measure(part, octets);
      out += fmt::format("{}\t{}\n", leaf.size, leaf.hash);
    } else {
      out += "-\t-\n";
    }
  }
  return out;
}

/// One part's object up to and with the bracket that opens its children.
std::string json_part(const MimePart& part, std::string_view number, std::string_view octets) {
  std::string out = fmt::format(
      R"({{"part":"{}","type":{},"encoding":{},"charset":{},"disposition":{},"filename":{},"filenames":{},)",
      number, json_string(part.media_type()), json_string(part.encoding),
      json_or_null(part.charset), json_or_null(part.disposition), json_or_null(part.filename),
      json_list(part.filenames));
  if (has_content(part)) {
    const Leaf leaf = measure(part, octets);
    out += fmt::format(R"("size":{},"sha256":"{}",)", leaf.size, leaf.hash);
  } else {
    out += R"("size":null,"sha256":null,)";
  }
  return out + fmt::format(R"("anomalies":{},"children":[)", json_list(part.anomalies.names()));
}

/// Parts come depth first, so objects can be closed by comparing depths; nothing recurses.
std::string tree_as_json(const MimeTree& tree, std::string_view octets) {
  const auto numbers = part_numbers(tree);
  std::string out = fmt::format(R"({{"anomalies":{},"root":)", json_list(tree.anomalies.names()));
  unsigned open = 0;
  for (std::size_t i = 0; i < tree.parts.size(); ++i) {
    const auto& part = tree.parts[i];
    const bool sibling = open > part.depth;
    for (; open > part.depth; --open) out += "]}";
    if (sibling) out += ",";
    out += json_part(part, numbers[i], octets);
    ++open;
  }
  for (; open > 0; --open) out += "]}";
  return out + "}\n";
}

}  // namespace

std::string mime_report(std::string_view octets, bool json) {
  const MimeTree tree = parse_mime(octets);
  return json ? tree_as_json(tree, octets) : table(tree, octets);
}

}  // namespace postern
