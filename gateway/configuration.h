// configuration.h — the whole configuration file, read and put together.
//
// Every component describes its own keys; here they are only called in turn. What is read is
// immutable: a reload reads a new one, and sessions finish with theirs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/connection/listener.h"
#include "gateway/delivery/settings.h"
#include "gateway/net/cares_resolver.h"
#include "gateway/net/pyzor_resolver.h"
#include "gateway/pipeline/chain.h"
#include "gateway/queue/spool.h"
#include "gateway/scheduler/settings.h"
#include "gateway/session/settings.h"
#include "gateway/worker/settings.h"
#include "policies/policies.h"
#include "policies/retry.h"
#include "policies/storm_watch.h"

namespace postern {

struct ProcessSettings {
  std::string spool_directory = "/var/spool/postern";
  std::string mail_owner = "postern";
  std::string control_socket;  // empty: <spool_directory>/control
  std::string metrics_listen;
  std::int64_t threads = 0;
  std::int64_t node = 0;
  std::vector<std::string> pipeline = {"access", "rate"};
  std::vector<Endpoint> listeners;
};

/// A filter of the pipeline, configured.
struct ConfiguredFilter {
  const FilterType* type = nullptr;
  std::shared_ptr<const FilterFactory> factory;
  GuardSettings guard;
};

struct Configuration {
  ProcessSettings process;
  ConnectionSettings connection;
  SmtpdSettings smtpd;
  PolicySettings policy;
  RetrySettings retry;
  StormSettings storm;
  SchedulerSettings scheduler;
  DeliverySettings delivery;
  SpoolSettings spool;
  DnsSettings dns;
  PyzorSettings pyzor;
  WorkerSettings worker;
  std::vector<ConfiguredFilter> filters;  // in the order of the pipeline

  std::shared_ptr<const Policies> policies;
  NetworkList xclient_hosts;
  std::shared_ptr<const TlsContext> tls;         // null: no STARTTLS offered
  std::shared_ptr<const TlsContext> client_tls;  // null: none tried

  std::string control_socket() const;
  unsigned session_loops() const;
  bool uses(Placement placement) const;
};

/// Reads and opens everything that the file names: maps, certificates, rules. Where `problems` is
/// not empty the configuration must not be used.
std::shared_ptr<const Configuration> read_configuration(const std::string& path,
                                                        std::vector<Problem>& problems);

/// Every key once, as commented TOML.
std::string configuration_manual();

}  // namespace postern
