// organizations.h — which part of a name an organisation has registered: RFC 7489 §3.2, by the
// public suffix list.
//
// The list is libpsl's, the newest of the one built in and the one that the system keeps
// (package publicsuffix). It is read once, before a process is locked in.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct psl_ctx_st;

namespace postern::dmarc {

class Organizations {
 public:
  /// Never fails: without a list on the system the built-in one serves.
  Organizations();
  ~Organizations();
  Organizations(const Organizations&) = delete;
  Organizations& operator=(const Organizations&) = delete;

  /// "mail.example.co.uk" -> "example.co.uk", in lower case; "" where nobody can have registered
  /// the name: a public suffix, or no name. UTF-8 is read as well as A-labels.
  std::string domain_of(std::string_view name) const;

 private:
  psl_ctx_st* list_;
};

}  // namespace postern::dmarc
