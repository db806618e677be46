// address_tokens.h — what a mail address and a host name come to: the whole, and each domain above.
#pragma once

#include <string_view>

namespace postern {

/// Calls `visit` with what is left of "www.example.org" when labels go from the left:
/// "example.org", "org". A name that begins with a dot, or an empty label, ends it.
template <class Visit>
void each_parent_domain(std::string_view name, Visit visit) {
  for (;;) {
    const auto dot = name.find('.');
    if (dot == 0 || dot == std::string_view::npos || dot + 1 == name.size()) return;
    name.remove_prefix(dot + 1);
    visit(name);
  }
}

/// "joe@mail.example.org" gives U*joe, D*mail.example.org, D*example.org, D*org, by
/// visit(prefix, text). Of several '@' the last with something behind it parts the two; nothing is
/// given where one side would be empty.
template <class Visit>
void each_address_token(std::string_view address, Visit visit) {
  if (address.size() < 3) return;
  const auto at = address.rfind('@', address.size() - 2);
  if (at == std::string_view::npos || at == 0) return;
  const auto domain = address.substr(at + 1);
  visit("U*", address.substr(0, at));
  visit("D*", domain);
  each_parent_domain(domain, [&](std::string_view parent) { visit("D*", parent); });
}

}  // namespace postern
