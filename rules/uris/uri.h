// uri.h — the addresses of the web and of mail that a reader could follow, out of text and HTML.
//
// Each distinct one is tested once. An address is listed as it stands and, where the two differ,
// in a plain form with percent-encoded letters decoded and its host in lower case.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

class UriList {
 public:
  /// Finds http, https and ftp addresses, mail addresses, and host names without a scheme that
  /// start with "www." or end in a common top-level domain.
  void add_from_text(std::string_view text);

  /// An href or the like; relative ones are resolved against `base` where it is a web address.
  void add_link(std::string_view link, std::string_view base);

  /// In order of appearance; at most 8192, none longer than 8192 octets.
  std::vector<std::string> take();

 private:
  void add(std::string uri);
  void add_token(std::string_view token);
  bool add_with_scheme(std::string_view token);
  void keep(std::string uri);

  std::set<std::string> seen_;
  std::vector<std::string> found_;
};

}  // namespace postern
