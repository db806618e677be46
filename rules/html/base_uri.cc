#include "rules/html/base_uri.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

/// Length of what is left without a last segment like "index.html", whose ending has two to four
/// letters; `path` is where the path starts.
std::size_t without_file_name(std::string_view href, std::size_t path) {
  const auto dot = href.rfind('.');
  if (dot == std::string_view::npos || dot < path || href.find('/', dot) != std::string_view::npos)
    return href.size();
  const auto ending = href.size() - dot - 1;
  const auto name = href.find_last_of("/.", dot - 1) + 1;
  return ending >= 2 && ending <= 4 && name < dot ? name : href.size();
}

}  // namespace

std::string base_of_uri(std::string_view href) {
  const auto scheme_end = href.find(':');
  const auto scheme = href.substr(0, std::min(scheme_end, href.size()));
  if (scheme_end == std::string_view::npos ||
      !(equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https") ||
        equals_ignoring_case(scheme, "ftp")))
    return {};

  std::size_t host = scheme_end + 1;
  while (host < href.size() && host < scheme_end + 3 && href[host] == '/') ++host;
  const auto path = href.find('/', host);
  std::string base(href);
  if (path != std::string_view::npos && path > host) base.resize(without_file_name(href, path));
  if (!base.ends_with('/')) base += '/';
  return base;
}

}  // namespace postern
