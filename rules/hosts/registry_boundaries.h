// registry_boundaries.h — where a registry's part of a host name ends and a registered domain
// begins: "foo.co.uk" of "www.foo.co.uk".
//
// RegistryBoundaries.pm of SpamAssassin 4.0.1; the lists come from rule files (util_rb_tld and its
// kin). Names are compared in lower case ASCII; octets over 0x7F stay as they are, since
// SpamAssassin without LibIDN, the usual installation, does not convert them either.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace postern {

class RegistryBoundaries {
 public:
  /// Any case; no dots at the ends. Without top-level domains no domain is valid.
  void add_top(std::string_view domain) { top_.insert(lowered(domain)); }
  void add_second_level(std::string_view domain) { second_level_.insert(lowered(domain)); }
  void add_third_level(std::string_view domain) { third_level_.insert(lowered(domain)); }
  void clear();

  bool is_top(std::string_view label) const;
  /// Whether there is a dot and a known top-level domain behind the last one. Says nothing else.
  bool is_domain_valid(std::string_view domain) const;

  struct Split {
    std::string host;    // "www", "" where there is nothing in front of the domain
    std::string domain;  // "foo.co.uk"
  };
  Split split_domain(std::string_view name) const;
  std::string trim_domain(std::string_view name) const { return split_domain(name).domain; }

  struct Location {
    std::string domain;  // registered domain, or the IP address
    std::string host;    // full name
  };
  /// Nothing for javascript:, cid: and file:, for mailto: with two '@', for hosts that are no
  /// valid names under a known top-level domain, and while letters of the host are still encoded
  /// as %41 (a canonical form of the same URI has them decoded).
  std::optional<Location> uri_to_domain(std::string_view uri) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Names = std::unordered_set<std::string, Hash, std::equal_to<>>;

  static std::string lowered(std::string_view text);
  bool is_boundary(std::string_view name) const;

  Names top_;
  Names second_level_;
  Names third_level_;
};

}  // namespace postern
