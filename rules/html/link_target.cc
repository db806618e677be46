#include "rules/html/link_target.h"

#include <optional>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

using Piece = std::optional<std::string_view>;

struct Reference {
  Piece scheme;
  Piece authority;
  std::string_view path;
  Piece query;
  Piece fragment;
};

Reference taken_apart(std::string_view text) {
  Reference out;
  if (const auto end = text.find_first_of(":/?#");
      end != std::string_view::npos && end > 0 && text[end] == ':') {
    out.scheme = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    out.authority = text.substr(0, text.find_first_of("/?#"));
    text.remove_prefix(out.authority->size());
  }
  out.path = text.substr(0, text.find_first_of("?#"));
  text.remove_prefix(out.path.size());
  if (text.starts_with('?')) {
    out.query = text.substr(
        1, text.find('#') == std::string_view::npos ? std::string_view::npos : text.find('#') - 1);
    text.remove_prefix(out.query->size() + 1);
  }
  if (text.starts_with('#')) out.fragment = text.substr(1, text.find('\n') - 1);
  return out;
}

/// RFC 3986 §5.2.4.
std::string without_dot_segments(std::string_view path) {
  if (path == "0") return {};  // false in Perl, and so nothing
  if (path.starts_with("./"))
    path.remove_prefix(1);
  else if (path.starts_with("../"))
    path.remove_prefix(2);
  std::string out;
  bool closes_with_slash = false;
  while (!path.empty()) {
    closes_with_slash = false;
    const auto next = path.find('/', 1);
    const auto segment = path.substr(0, next);
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
      closes_with_slash = next == std::string_view::npos;
    } else {
      out += segment;
    }
    path.remove_prefix(segment.size());
  }
  if (closes_with_slash) out += '/';
  return out;
}

std::string merged(const Reference& base, std::string_view path) {
  if (base.authority && (base.path.empty() || base.path == "0")) return "/" + std::string(path);
  const auto slash = base.path.rfind('/');
  const auto folder = base.path.substr(0, slash == std::string_view::npos ? 0 : slash + 1);
  return std::string(folder) + std::string(path);
}

/// "www7.", whatever its case.
bool begins_like(std::string_view host, std::string_view word) {
  if (!starts_with_ignoring_case(host, word)) return false;
  host.remove_prefix(word.size());
  while (!host.empty() && is_digit(host.front())) host.remove_prefix(1);
  return host.starts_with('.');
}

std::string_view assumed_scheme(std::string_view host) {
  if (begins_like(host, "www")) return "http:";
  return begins_like(host, "ftp") ? "ftp:" : "";
}

}  // namespace

std::string link_target(std::string_view base_text, std::string_view link) {
  Reference target = taken_apart(link);
  const Reference base = taken_apart(base_text);
  if (target.scheme && base.scheme && *target.scheme == *base.scheme) target.scheme.reset();
  std::string path;
  if (target.scheme || target.authority || target.path.starts_with('/')) {
    path = without_dot_segments(target.path);
  } else if (target.path.empty()) {
    path = base.path;
    if (!target.query) target.query = base.query;
  } else {
    path = without_dot_segments(merged(base, target.path));
  }
  if (!target.scheme) {
    if (!target.authority) target.authority = base.authority;
    target.scheme = base.scheme;
  }
  std::string out;
  if (target.scheme && *target.scheme != "0")
    out.append(*target.scheme).append(":");
  else if (target.authority)
    out += assumed_scheme(*target.authority);
  if (target.authority) out.append("//").append(*target.authority);
  out += path;
  if (target.query) out.append("?").append(*target.query);
  if (target.fragment) out.append("#").append(*target.fragment);
  return out;
}

}  // namespace postern
