// rate.cc — how much one client may do: connections at once, connections, messages and recipients
// in a time unit. Names, defaults and replies are Postfix's.
//
// The counts are shared by all sessions of a configuration generation; a reload begins anew.
#include "filters/rate.h"

#include <fmt/format.h>

#include "filters/configured_maps.h"
#include "gateway/base/log.h"
#include "policies/network_list.h"
#include "policies/rate.h"

namespace postern {
namespace {

constexpr Event over_usual{
    "client-over-usual-rate", Level::warning,
    "In a storm: a client in mynetworks brings far more mail than it usually does, and is put off "
    "with 450. Look for a spam-bot on it, or a stolen account. Once a minute for each client."};

std::uint64_t limit_of(std::int64_t setting) { return static_cast<std::uint64_t>(setting); }

struct Limits {
  Limits(RateSettings given, NetworkList exceptional)
      : settings(std::move(given)),
        exceptions(std::move(exceptional)),
        at_once(limit_of(settings.smtpd_client_connection_count_limit)),
        connections(limit_of(settings.smtpd_client_connection_rate_limit),
                    settings.anvil_rate_time_unit),
        messages(limit_of(settings.smtpd_client_message_rate_limit), settings.anvil_rate_time_unit),
        recipients(limit_of(settings.smtpd_client_recipient_rate_limit),
                   settings.anvil_rate_time_unit) {}

  RateSettings settings;
  NetworkList exceptions;  // empty: trusted clients
  ConcurrencyLimiter at_once;
  RateLimiter connections, messages, recipients;
  UsualRates* usual = nullptr;  // only in a storm
  double inside_factor = 0;
};

std::string shown(const ConnectionFacts& connection) {
  const std::string name = connection.client_name.empty() ? "unknown" : connection.client_name;
  return name + "[" + connection.client.host + "]";
}

std::string over(std::string_view key, std::int64_t limit, std::string_view client) {
  return fmt::format("{}: more than {} from {}", key, limit, client);
}

class RateFilter final : public Filter {
 public:
  explicit RateFilter(std::shared_ptr<Limits> limits) : limits_(std::move(limits)) {}

  Task<Answer> on_connect(Context context) override {
    place_.reset();  // XCLIENT: another client now
    CO_TRY(const auto key, key_of(context));
    if (key.empty()) co_return Opinion{};
    const RateSettings& settings = limits_->settings;
    place_ = limits_->at_once.enter(key);
    if (!place_) {
      co_return too_many_connections(context,
                                     over("smtpd_client_connection_count_limit",
                                          settings.smtpd_client_connection_count_limit, key));
    }
    if (!limits_->connections.admit(key, context.clock.steady())) {
      place_.reset();
      co_return too_many_connections(context,
                                     over("smtpd_client_connection_rate_limit",
                                          settings.smtpd_client_connection_rate_limit, key));
    }
    co_return Opinion{};
  }

  Task<Answer> on_mail(Context context) override {
    if (auto refused = refuse_unusual(context)) co_return *std::move(refused);
    CO_TRY(const auto key, key_of(context));
    if (key.empty() || limits_->messages.admit(key, context.clock.steady())) co_return Opinion{};
    const std::int64_t limit = limits_->settings.smtpd_client_message_rate_limit;
    co_return refuse(Verdict::defer,
                     reply(450, {4, 7, 1},
                           "Error: too much mail from " + context.evidence.connection.client.host),
                     over("smtpd_client_message_rate_limit", limit, key));
  }

  Task<Answer> on_rcpt(Context context, RecipientFacts) override {
    CO_TRY(const auto key, key_of(context));
    if (key.empty() || limits_->recipients.admit(key, context.clock.steady())) co_return Opinion{};
    const std::int64_t limit = limits_->settings.smtpd_client_recipient_rate_limit;
    co_return refuse(
        Verdict::defer,
        reply(450, {4, 7, 1},
              "Error: too many recipients from " + context.evidence.connection.client.host),
        over("smtpd_client_recipient_rate_limit", limit, key));
  }

 private:
  std::optional<Opinion> refuse_unusual(const Context& context) const {
    const ConnectionFacts& connection = context.evidence.connection;
    if (!limits_->usual || !connection.trusted) return std::nullopt;
    const auto judged = limits_->usual->judge(connection.client.host, limits_->inside_factor,
                                              context.clock.steady());
    if (!judged.over) return std::nullopt;
    const auto usual = static_cast<std::uint32_t>(judged.usual);
    if (judged.news)
      log(over_usual,
          {{"client", connection.client.host}, {"count", judged.count}, {"usual", usual}});
    return refuse(
        Verdict::defer,
        reply(450, {4, 7, 1}, "Error: far more mail than usual from " + connection.client.host),
        fmt::format("storm: {} messages in this minute from {}, usually up to {}", judged.count,
                    connection.client.host, usual));
  }

  static Opinion too_many_connections(const Context& context, std::string reason) {
    return refuse(Verdict::hang_up,
                  reply(421, {4, 7, 0},
                        "Error: too many connections from " + shown(context.evidence.connection)),
                  std::move(reason));
  }

  /// Under what the client is counted; "" where it is not.
  Result<std::string> key_of(const Context& context) const {
    const ConnectionFacts& connection = context.evidence.connection;
    const auto address = IpAddress::parse(connection.client.host);
    if (!address) return std::string{};
    if (limits_->exceptions.empty()) {
      if (connection.trusted) return std::string{};
    } else {
      TRY(const bool exceptional, limits_->exceptions.contains(*address));
      if (exceptional) return std::string{};
    }
    return client_key(*address, limits_->settings);
  }

  std::shared_ptr<Limits> limits_;  // outlives the place below
  std::optional<ConcurrencyLimiter::Place> place_;
};

class RateFactory final : public FilterFactory {
 public:
  explicit RateFactory(std::shared_ptr<Limits> limits) : limits_(std::move(limits)) {}

  const Limits& limits() const { return *limits_; }
  std::unique_ptr<Filter> make() const override { return std::make_unique<RateFilter>(limits_); }

  bool answers(Stage stage) const override {
    const RateSettings& settings = limits_->settings;
    switch (stage) {
      case Stage::connect:
        return settings.smtpd_client_connection_count_limit > 0 ||
               settings.smtpd_client_connection_rate_limit > 0;
      case Stage::mail:
        return settings.smtpd_client_message_rate_limit > 0 || limits_->usual != nullptr;
      case Stage::rcpt:
        return settings.smtpd_client_recipient_rate_limit > 0;
      case Stage::helo:
      case Stage::message:
        return false;
    }
    return false;
  }

 private:
  std::shared_ptr<Limits> limits_;
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  RateSettings settings;
  describe(settings, keys);
  std::vector<Problem> problems;
  auto exceptions = NetworkList::open(settings.smtpd_client_event_limit_exceptions, problems);
  if (report_problems(keys, "smtpd_client_event_limit_exceptions", problems)) return nullptr;
  return std::make_shared<RateFactory>(
      std::make_shared<Limits>(std::move(settings), std::move(exceptions)));
}

/// Nothing is limited.
RateSettings unlimited() {
  RateSettings settings;
  settings.smtpd_client_connection_count_limit = 0;
  return settings;
}

}  // namespace

std::shared_ptr<const FilterFactory> rates_in_storm(const FilterFactory* configured,
                                                    const StormRates& storm) {
  const auto* own = dynamic_cast<const RateFactory*>(configured);
  RateSettings settings = own ? own->limits().settings : unlimited();
  if (storm.clients) settings = tightened(std::move(settings), *storm.clients);
  auto limits =
      std::make_shared<Limits>(std::move(settings), own ? own->limits().exceptions : NetworkList());
  if (storm.inside) {
    limits->usual = storm.usual;
    limits->inside_factor = storm.inside->inside_factor;
  }
  return std::make_shared<RateFactory>(std::move(limits));
}

const FilterType rate_filter{
    .name = "rate",
    .help = "Limits how many connections, messages and recipients one client may bring.",
    .placement = Placement::gateway,
    .configure = configure,
};

}  // namespace postern
