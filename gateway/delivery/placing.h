// placing.h — for which destination a recipient's mail waits: its route, its site, or a suspension.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/queue/spool.h"
#include "gateway/scheduler/scheduler.h"
#include "gateway/scheduler/site_names.h"
#include "gateway/scheduler/suspensions.h"
#include "policies/policies.h"

namespace postern {

class Placing {
 public:
  struct Moment {
    SteadyTime steady;
    WallTime wall;
  };
  /// Of whose mail is asked.
  struct Letter {
    std::string_view sender;
    std::string_view route;  // an administrator's, "" for the tables
  };

  void configure(std::shared_ptr<const Policies> policies) { policies_ = std::move(policies); }

  /// An Error is temporary: a map that cannot be read.
  Result<Scheduler::Destined> destined(const Letter& letter, std::string_view address,
                                       const Moment& now);
  /// Of all open recipients together. Never fails: what cannot be routed waits under a name of its
  /// own, and the attempt will say why.
  Place of(const Envelope& envelope, const Moment& now);
  Place of(const MessageSummary& message, const Moment& now);

  /// Domains whose MX hosts are to be learned, each with the destination for which its mail waits
  /// until then. Each is given once.
  std::map<std::string, std::string> take_unknown();
  void learn(const std::string& domain, std::vector<std::string> hosts, SteadyTime until) {
    sites_.learn(domain, std::move(hosts), until);
  }
  const SiteNames& sites() const { return sites_; }

  Suspensions& suspensions() { return suspensions_; }
  const Suspensions& suspensions() const { return suspensions_; }

 private:
  template <class Recipients>
  Place all(const Letter& letter, const Recipients& recipients, const Moment& now);
  void roll_up(const Route& route, Place& place, SteadyTime now);

  std::shared_ptr<const Policies> policies_;
  SiteNames sites_;
  Suspensions suspensions_;
  std::map<std::string, std::string> unknown_;
};

}  // namespace postern
