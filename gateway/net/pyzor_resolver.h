// pyzor_resolver.h — a Resolver that knows Pyzor's servers, too.
//
// Questions to the DNS go to the resolver behind it. A digest goes to all servers at once, from a
// socket of its own each, connected, so that only that server can answer; a packet that gets no
// answer is sent again, twice. As SpamAssassin does, counts of several servers are added up: they
// do not know of each other's reports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/net/dns.h"
#include "gateway/net/loop.h"

namespace postern {

struct PyzorServer {
  std::string host;  // name or address
  std::uint16_t port = 24441;
};

struct PyzorSettings {
  std::vector<PyzorServer> servers;
  milliseconds timeout = std::chrono::seconds(5);
};
void describe(PyzorSettings& settings, Keys& keys);

class PyzorResolver final : public Resolver {
 public:
  /// `dns` also finds the servers' addresses.
  PyzorResolver(Loop& loop, Resolver& dns, PyzorSettings settings)
      : loop_(loop), dns_(dns), settings_(std::move(settings)) {}

  Task<DnsAnswer> query(std::string name, RecordType type, SteadyTime deadline) override {
    return dns_.query(std::move(name), type, deadline);
  }
  Task<std::optional<DigestCount>> digest_count(std::string digest, SteadyTime deadline) override;

 private:
  Task<> ask(const PyzorServer& server, const std::string& digest, SteadyTime deadline,
             std::optional<DigestCount>& sum);
  Task<std::string> address_of(const std::string& host, SteadyTime deadline);

  Loop& loop_;
  Resolver& dns_;
  PyzorSettings settings_;
};

}  // namespace postern
