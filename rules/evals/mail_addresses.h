// mail_addresses.h — mail addresses in running text, as FreeMail.pm of SpamAssassin 4.0.1 finds
// them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "rules/hosts/registry_boundaries.h"

namespace postern {

struct FoundAddress {
  std::size_t from = 0;
  std::size_t to = 0;
};

/// The first address that begins at `start` or later: a local part of at most 64 octets without
/// dots at its ends, one to four labels and a known top-level domain. Looks at what stands around
/// it, so `text` should be whole. Linear for a walk through all addresses of a text.
std::optional<FoundAddress> find_address(std::string_view text, std::size_t start,
                                         const RegistryBoundaries& boundaries);

/// The same, but beginning nowhere else than at `start`.
std::optional<FoundAddress> address_at(std::string_view text, std::size_t start,
                                       const RegistryBoundaries& boundaries);

/// The text without web addresses that hold an '@'; each becomes one blank.
std::string without_address_links(std::string_view text);

/// The text without mail addresses in angle brackets or before a word and a colon
/// ("someone@example.org wrote:"): those are quotations. Each becomes one blank.
std::string without_quoted_addresses(std::string_view text, const RegistryBoundaries& boundaries);

}  // namespace postern
