// key_lookup.h — the keys of a message's signatures: all questions at once, and what the answers
// make of a signature.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "filters/dkim/signature.h"
#include "gateway/net/dns.h"

namespace postern::dkim {

class KeyLookup {
 public:
  KeyLookup(Resolver& dns, SteadyTime deadline) : dns_(dns), deadline_(deadline) {}

  /// Sends the question for a signature's key, unless it is under way.
  void ask(const std::string& key_name);
  /// To be awaited before answers are looked at, and before this is destroyed.
  auto answered() { return group_.empty(); }
  const DnsAnswer& answer(const std::string& key_name) const;

 private:
  Task<> fetch(std::string name);

  Resolver& dns_;
  SteadyTime deadline_;
  std::map<std::string, DnsAnswer> answers_;
  TaskGroup group_;
};

struct KeyVerdict {
  Judgement judgement;   // never open
  unsigned bits = 0;     // 0 = no key
  bool testing = false;  // t=y
};

/// Whether a key in `answer` made `signature` over `signed_octets`. Of several records the first
/// that can be meant counts (RFC 6376 §6.1.2 leaves that open).
KeyVerdict judge_by_key(const Signature& signature, const DnsAnswer& answer,
                        std::string_view signed_octets);

/// What the clock says against the signature: expired, or of the future.
Judgement judge_time(const Signature& signature, WallTime now);

}  // namespace postern::dkim
