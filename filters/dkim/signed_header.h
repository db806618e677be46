// signed_header.h — the header as a signature saw it: the fields that h= names, from the bottom of
// the header upward (RFC 6376 §5.4.2), and the signature field itself without its signature.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "filters/dkim/signature.h"
#include "gateway/mail/header.h"

namespace postern::dkim {

/// The fields of a message by name, for all its signatures. The message outlives it.
class FieldIndex {
 public:
  explicit FieldIndex(const SplitMessage& message);

  /// What the signature in `field` (a number of the message's fields) was made over.
  std::string signed_octets(const Signature& signature, std::size_t field) const;

 private:
  const SplitMessage& message_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_name_;  // lower case; in order
};

}  // namespace postern::dkim
