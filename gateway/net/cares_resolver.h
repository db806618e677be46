// cares_resolver.h — the Resolver that asks real servers, through c-ares, on one loop.
//
// c-ares moves the packets (retries, TCP after truncation, EDNS and its fallback); what they mean
// is decoded by dns_message.h. Identical questions in flight are one question, and answers are kept
// in a bounded cache. It follows /etc/resolv.conf unless `dns_servers` says otherwise; search
// domains and /etc/hosts have no say.
//
// A resolver on this machine is recommended: c-ares 1.18 changes its port only when it was idle,
// so that a forged answer from a distance has little more than the 16 bits of the id to guess.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "gateway/net/dns.h"
#include "gateway/net/loop.h"

namespace postern {

struct DnsSettings {
  std::vector<std::string> dns_servers;  // "ip", "ip:port", "[ip]:port"
  milliseconds dns_timeout = std::chrono::seconds(10);
  std::int64_t dns_cache_size = 20000;
};
void describe(DnsSettings& settings, Keys& keys);

class CaresResolver final : public Resolver {
 public:
  static Result<std::unique_ptr<CaresResolver>> open(Loop& loop, const DnsSettings& settings);
  ~CaresResolver() override;  // what still waits is answered `failed`, on the loop

  Task<DnsAnswer> query(std::string name, RecordType type, SteadyTime deadline) override;

  class Channel;  // public for the .cc's callbacks only

 private:
  explicit CaresResolver(std::shared_ptr<Channel> channel);
  std::shared_ptr<Channel> channel_;
};

}  // namespace postern
