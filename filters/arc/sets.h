// sets.h — the ARC sets of a message: three fields of one instance each, RFC 8617 §4.2.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "filters/dkim/signature.h"
#include "gateway/mail/header.h"

namespace postern::arc {

struct Set {
  // Numbers of the message's fields.
  std::size_t results = 0;  // ARC-Authentication-Results
  std::size_t message = 0;  // ARC-Message-Signature
  std::size_t seal = 0;     // ARC-Seal
  dkim::Signature message_signature;
  dkim::Signature seal_signature;
};

struct Sets {
  std::vector<Set> sets;   // instance 1 first; empty where something is wrong
  unsigned instances = 0;  // how many there are, whole or not
  std::string problem;     // why the structure is none (§5.2 steps 1 to 3)
};

/// Without any ARC field: no instances, no problem.
Sets find_sets(const SplitMessage& message);

}  // namespace postern::arc
