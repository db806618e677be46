// key.h — a key record taken apart: RFC 6376 §3.6.1, RFC 8463 §4.
#pragma once

#include <string>
#include <string_view>

#include "filters/dkim/signature.h"

namespace postern::dkim {

struct KeyRecord {
  std::string octets;    // p=, decoded
  bool ed25519 = false;  // k=, rsa otherwise
  bool testing = false;  // t=y
  bool strict = false;   // t=s: i= must be of the very domain d=
};

struct ParsedKey {
  KeyRecord key;
  Judgement judgement;  // open: the record is a key for this signature
};

/// Whether `record` may have made `signature`, by all that it says itself.
ParsedKey parse_key(std::string_view record, const Signature& signature);

}  // namespace postern::dkim
