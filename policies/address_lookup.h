// address_lookup.h — the keys under which a table is asked for an address, a name, or a client.
//
// The orders are Postfix's (access(5), virtual(5), transport(5)), from the particular to the
// general, so that existing tables mean the same here. The first key is the whole one; the others
// are partial and not shown to regexp:, pcre:, cidr: and static: tables.
//
//   access      user+ext@dom  user@dom  dom  .parent parent ...  user+ext@  user@
//   alias       user+ext@dom  user@dom  @dom
//   transport   user+ext@dom  user@dom  dom  .parent ...  *
//   host        mail.example.org  .example.org example.org  .org org
//   address     192.0.2.1  192.0.2  192.0  192       2001:db8::1  2001:db8  2001
#pragma once

#include <string_view>

#include "policies/map.h"
#include "policies/network.h"

namespace postern {

/// A local part split at its extension.
struct SplitLocal {
  std::string_view user;
  std::string_view extension;  // with the delimiter in front; "" where there is none
};

/// Splits at the first octet that is one of `delimiters` (recipient_delimiter) and not the first
/// of the local part. Never split: postmaster, mailer-daemon, and with "-" owner-* and *-request.
SplitLocal split_extension(std::string_view local, std::string_view delimiters);

/// user@dom for user+ext@dom; the address itself where there is no extension.
std::string without_extension(std::string_view address, std::string_view delimiters);

/// How the parents of a domain are written in a table: "example.org", ".example.org", or either.
enum class ParentForm { plain, dotted, both };
/// The domain (whole), then its parents (partial). An address literal and a name whose last label
/// is a number have no parents.
LookupKeys domain_keys(std::string_view domain, ParentForm form);

/// For check_sender_access and check_recipient_access. The null sender is asked for as "<>".
LookupKeys access_keys(std::string_view address, std::string_view delimiters);
LookupKeys alias_keys(std::string_view address, std::string_view delimiters);
LookupKeys transport_keys(std::string_view address, std::string_view delimiters);
LookupKeys address_keys(const IpAddress& address);
/// For check_client_access: the name ("unknown" where there is none), then the address.
LookupKeys client_keys(std::string_view name, const IpAddress& address);

}  // namespace postern
