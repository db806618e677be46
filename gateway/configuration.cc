#include "gateway/configuration.h"

#include <algorithm>
#include <thread>

namespace postern {
namespace {

void describe(ProcessSettings& s, Keys& keys) {
  keys.text("spool_directory", s.spool_directory,
            "Where the queue lives: a directory on a local disk of its own that honours fdatasync. "
            "Created where "
            "it is missing.");
  keys.text("mail_owner", s.mail_owner,
            "The user that the gateway runs as when it is started as root. Needs read access to "
            "this file, to the "
            "maps and to the TLS key for a reload.");
  keys.text("control_socket", s.control_socket,
            "Unix socket for `postern queue` and its kin. Empty: control in spool_directory.");
  keys.text(
      "metrics_listen", s.metrics_listen,
      "Address and port for GET /metrics (Prometheus), such as \"127.0.0.1:9154\". Empty: none.");
  keys.integer("threads", s.threads, 0, 256,
               "Loops that serve sessions. 0: half of the cores, at least one. A single one serves "
               "the deliveries too; the commits of the queue and the scan workers have their own.");
  keys.integer(
      "node", s.node, 0, 4095,
      "Number of this gateway among several: part of every queue id, so that none is given twice.");
  keys.list("pipeline", s.pipeline,
            "The filters to ask, in order; each is set up in its table [filter.NAME].");
  keys.tables(
      "listener",
      [&s](Keys& listener) {
        Endpoint endpoint{"", 25};
        std::int64_t port = 25;
        listener.text("address", endpoint.host,
                      "Numeric address to listen on; empty: all, IPv4 and IPv6.");
        listener.integer("port", port, 1, 65535, "TCP port.");
        if (!endpoint.host.empty() && !IpAddress::parse(endpoint.host)) {
          listener.problem("address", "\"" + endpoint.host +
                                          "\" is no IP address; write \"192.0.2.1\" or \"::1\"");
        }
        endpoint.port = static_cast<std::uint16_t>(port);
        s.listeners.push_back(endpoint);
      },
      "One table for each address and port to receive mail on.");
}

/// Keys of a filter that is not in the pipeline: known, so that its table may stay in the file, but
/// without consequences.
class WithoutProblems final : public Keys {
 public:
  explicit WithoutProblems(Keys& keys) : keys_(keys) {}
  void flag(std::string_view n, bool& v, std::string_view h) override { keys_.flag(n, v, h); }
  void integer(std::string_view n, std::int64_t& v, std::int64_t a, std::int64_t b,
               std::string_view h) override {
    keys_.integer(n, v, a, b, h);
  }
  void real(std::string_view n, double& v, double a, double b, std::string_view h) override {
    keys_.real(n, v, a, b, h);
  }
  void duration(std::string_view n, milliseconds& v, milliseconds a, milliseconds b,
                std::string_view h) override {
    keys_.duration(n, v, a, b, h);
  }
  void size(std::string_view n, std::uint64_t& v, std::uint64_t a, std::uint64_t b,
            std::string_view h) override {
    keys_.size(n, v, a, b, h);
  }
  void text(std::string_view n, std::string& v, std::string_view h) override {
    keys_.text(n, v, h);
  }
  void choice(std::string_view n, std::string& v, const std::vector<std::string>& a,
              std::string_view h) override {
    keys_.choice(n, v, a, h);
  }
  void list(std::string_view n, std::vector<std::string>& v, std::string_view h) override {
    keys_.list(n, v, h);
  }
  void table(std::string_view n, const Describe& d, std::string_view h) override {
    keys_.table(n, d, h);
  }
  void tables(std::string_view n, const Describe& d, std::string_view h) override {
    keys_.tables(n, d, h);
  }
  std::string where(std::string_view n) const override { return keys_.where(n); }
  void problem(std::string_view, std::string) override {}

 private:
  Keys& keys_;
};

void describe_filters(Configuration& configuration, Keys& keys) {
  std::map<std::string_view, ConfiguredFilter> configured;
  const auto& pipeline = configuration.process.pipeline;
  keys.table(
      "filter",
      [&](Keys& filters) {
        for (const FilterType* type : filter_types()) {
          filters.table(
              type->name,
              [&](Keys& own) {
                ConfiguredFilter filter{type, nullptr, {}};
                filter.guard.on_failure = std::string(type->default_on_failure);
                describe(filter.guard, own);
                if (std::ranges::find(pipeline, type->name) != pipeline.end()) {
                  filter.factory = type->configure(own);
                  configured[type->name] = std::move(filter);
                } else {
                  WithoutProblems quiet(own);
                  type->configure(quiet);
                }
              },
              type->help);
        }
      },
      "The filters' own settings.");
  for (const std::string& name : pipeline) {
    const auto found = configured.find(name);
    if (found == configured.end()) {
      std::vector<std::string> known;
      for (const FilterType* type : filter_types()) known.emplace_back(type->name);
      std::string list;
      for (const auto& each : known) list += (list.empty() ? "" : ", ") + each;
      keys.problem("pipeline", "there is no filter \"" + name + "\"; there are: " + list);
    } else {
      configuration.filters.push_back(found->second);
    }
  }
}

void describe_all(Configuration& c, Keys& keys) {
  describe(c.process, keys);
  describe(c.smtpd, keys);
  describe(c.connection, keys);
  describe(c.policy, keys);
  describe(c.spool, keys);
  describe(c.scheduler, keys);
  describe(c.retry, keys);
  describe(c.storm, keys);
  describe(c.delivery, keys);
  describe(c.dns, keys);
  describe(c.pyzor, keys);
  keys.table(
      "worker", [&c](Keys& worker) { describe(c.worker, worker); },
      "The processes that read content, and their cage.");
  describe_filters(c, keys);
}

void open_tls(Configuration& c, Keys& keys) {
  if (!c.smtpd.smtpd_tls_chain_file.empty()) {
    const std::string& key = c.smtpd.smtpd_tls_key_file;
    auto context = TlsContext::server(c.smtpd.smtpd_tls_chain_file,
                                      key.empty() ? c.smtpd.smtpd_tls_chain_file : key);
    if (context) {
      c.tls = std::move(*context);
    } else {
      keys.problem("smtpd_tls_chain_file", context.error().what);
    }
  } else if (c.smtpd.smtpd_tls_security_level == "encrypt") {
    keys.problem("smtpd_tls_security_level",
                 "encrypt needs a certificate: set smtpd_tls_chain_file and smtpd_tls_key_file");
  }
  if (c.delivery.smtp_tls_security_level != "none") {
    auto context = TlsContext::opportunistic_client();
    if (context) c.client_tls = std::move(*context);
  }
}

/// A route that leads every message back to ourselves is found here and not by its bounces. What a
/// table says for single recipients is found when it is used (5.4.6).
void check_next_hops(const Configuration& c, Keys& keys) {
  const OwnListeners own(c.process.listeners, interface_addresses());
  const auto check = [&](std::string_view key, const Result<Route>& route) {
    if (!route || route->use_mx) return;
    const std::uint16_t usual = route->transport == Route::Transport::lmtp ? 24 : 25;
    if (own.contains(route->host, route->port ? route->port : usual))
      keys.problem(key, "leads to our own listener " + route->name() +
                            ": every message would come back; name another host or port");
  };
  if (!c.policy.relayhost.text.empty())
    check("relayhost", parse_relayhost(c.policy.relayhost.text));
  if (!c.policy.relay_transport.text.empty())
    check("relay_transport", parse_route(c.policy.relay_transport.text, "someone@example.org", ""));
}

}  // namespace

std::string Configuration::control_socket() const {
  return process.control_socket.empty() ? process.spool_directory + "/control"
                                        : process.control_socket;
}

unsigned Configuration::session_loops() const {
  if (process.threads > 0) return static_cast<unsigned>(process.threads);
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

bool Configuration::uses(Placement placement) const {
  return std::ranges::any_of(
      filters, [placement](const ConfiguredFilter& f) { return f.type->placement == placement; });
}

std::shared_ptr<const Configuration> read_configuration(const std::string& path,
                                                        std::vector<Problem>& problems) {
  auto configuration = std::make_shared<Configuration>();
  auto found = read_config(path, [&](Keys& keys) {
    describe_all(*configuration, keys);
    open_tls(*configuration, keys);
    if (configuration->process.listeners.empty()) {
      keys.problem("listener",
                   "no address to listen on; add a table: [[listener]] with address and port");
    }
    std::vector<Problem> opened;
    configuration->policies =
        open_policies(configuration->policy, configuration->smtpd.myhostname, opened);
    const ConfiguredList hosts{configuration->smtpd.smtpd_authorized_xclient_hosts,
                               keys.where("smtpd_authorized_xclient_hosts")};
    configuration->xclient_hosts = NetworkList::open(hosts, opened);
    open_templates(configuration->delivery.notices, keys.where("bounce_template_file"), opened);
    check_next_hops(*configuration, keys);
    problems.insert(problems.end(), opened.begin(), opened.end());
  });
  problems.insert(problems.begin(), found.begin(), found.end());
  return configuration;
}

std::string configuration_manual() {
  Configuration defaults;
  return config_manual([&defaults](Keys& keys) { describe_all(defaults, keys); });
}

}  // namespace postern
