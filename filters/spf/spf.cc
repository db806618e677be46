// spf.cc — whether the client may send in the name of the sender and of its HELO: RFC 7208.
//
// Asked at MAIL, for both identities at once (§2.3, §2.4). Each result is a finding in the words of
// RFC 8601, for DMARC, rules and the Authentication-Results field; by itself a fail refuses nothing
// unless the administrator says so, since forwarded mail fails. Trusted clients are not asked
// about.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "filters/spf/check.h"
#include "gateway/base/bytes.h"
#include "gateway/base/metrics.h"
#include "gateway/mail/address.h"
#include "gateway/mail/authentication_results.h"
#include "gateway/pipeline/filter.h"

namespace postern {

extern const FilterType spf_filter;

namespace {

struct Settings {
  bool reject_fail = false;
  bool defer_temperror = false;
  milliseconds timeout = seconds(20);  // RFC 7208 §4.6.4: at least that
};

Counter& results(SpfResult result) {
  static const auto counters = [] {
    std::array<Counter*, 7> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = &counter("postern_spf_results_total", "What SPF says of senders.",
                        {{"result", std::string(spf::result_name(static_cast<SpfResult>(i)))}});
    }
    return out;
  }();
  return *counters[static_cast<std::size_t>(result)];
}

Task<void> keep(Resolver& dns, spf::Question question, SteadyTime deadline, spf::Outcome& out) {
  out = co_await spf::check(dns, std::move(question), deadline);
}

Finding finding(const spf::Outcome& outcome, std::string property, std::string identity) {
  MethodResult result{.method = "spf", .result = std::string(spf::result_name(outcome.result))};
  const bool trouble =
      outcome.result == SpfResult::temperror || outcome.result == SpfResult::permerror;
  if (trouble) result.reason = outcome.reason;
  result.properties.push_back({"smtp", std::move(property), std::move(identity)});
  return {.name = "spf", .text = format_result(result)};
}

class SpfFilter final : public Filter {
 public:
  explicit SpfFilter(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  Task<Answer> on_mail(Context context) override {
    const Evidence& evidence = context.evidence;
    const auto client = IpAddress::parse(evidence.connection.client.host);
    if (evidence.connection.trusted || !client) co_return Opinion{};

    const SteadyTime deadline = std::min(context.deadline, context.loop.now() + settings_->timeout);
    const std::string& sender = evidence.sender.address;
    spf::Question question{.client = *client,
                           .sender = "",
                           .helo = evidence.helo,
                           .receiver = "",
                           .now = context.clock.wall()};
    spf::Outcome of_helo, of_sender;
    TaskGroup group;
    group.spawn(keep(context.dns, question, deadline, of_helo));
    if (!sender.empty()) {
      question.sender = sender;
      group.spawn(keep(context.dns, std::move(question), deadline, of_sender));
    }
    co_await group.empty();

    Opinion out;
    // RFC 7208 §2.4: of a null sender the HELO name is all there is to know.
    const spf::Outcome& decisive = sender.empty() ? of_helo : of_sender;
    judge(decisive, sender.empty() ? evidence.helo : sender, out);
    if (!sender.empty()) out.findings.push_back(finding(of_sender, "mailfrom", sender));
    out.findings.push_back(finding(of_helo, "helo", evidence.helo));
    results(decisive.result).add();
    co_return out;
  }

 private:
  // The codes are those of RFC 7372 §3.2.
  void judge(const spf::Outcome& outcome, std::string_view identity, Opinion& out) const {
    if (outcome.result == SpfResult::fail && settings_->reject_fail) {
      out.verdict = Verdict::reject;
      out.reply = reply(550, {5, 7, 23}, refusal(outcome, identity));
      out.reason = "SPF fail: " + printable(outcome.reason);
    }
    if (outcome.result == SpfResult::temperror && settings_->defer_temperror) {
      out.verdict = Verdict::defer;
      out.reply = reply(451, {4, 7, 24}, "SPF cannot be checked at the moment, try again later");
      out.reason = "SPF temperror: " + printable(outcome.reason);
    }
  }

  /// §6.2: a stranger's words are marked as such.
  static std::string refusal(const spf::Outcome& outcome, std::string_view identity) {
    const auto at = identity.rfind('@');
    const auto domain = printable(at == identity.npos ? identity : identity.substr(at + 1));
    if (outcome.explanation.empty())
      return fmt::format("The SPF record of {} does not permit your host to send its mail", domain);
    return fmt::format("SPF fail; {} explains: {}", domain, outcome.explanation);
  }

  std::shared_ptr<const Settings> settings_;
};

class SpfFactory final : public FilterFactory {
 public:
  explicit SpfFactory(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Filter> make() const override { return std::make_unique<SpfFilter>(settings_); }
  bool answers(Stage stage) const override { return stage == Stage::mail; }

 private:
  std::shared_ptr<const Settings> settings_;
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  auto settings = std::make_shared<Settings>();
  keys.flag("reject_fail", settings->reject_fail,
            "Refuse mail whose sender's domain says that the client may not send it. Forwarded "
            "mail fails too; without this the dmarc filter and the rules make use of the result.");
  keys.flag("defer_temperror", settings->defer_temperror,
            "Answer 451 while the DNS does not tell whether the client may send the mail.");
  keys.duration("spf_timeout", settings->timeout, milliseconds(100), std::chrono::minutes(1),
                "Longest wait for all questions about a sender; after it the result is temperror.");
  return std::make_shared<SpfFactory>(std::move(settings));
}

}  // namespace

const FilterType spf_filter{
    .name = "spf",
    .help = "Finds out by SPF whether the client may send mail of the sender's and HELO's domains.",
    .placement = Placement::gateway,
    .configure = configure,
};

}  // namespace postern
