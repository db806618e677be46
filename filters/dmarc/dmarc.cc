// dmarc.cc — what the author's domain wants done with mail that only claims to be its own (RFC
// 7489), and the Authentication-Results field with everything that was found out (RFC 8601).
//
// Runs after spf and dkim, whose findings it reads. It reads the From field of hostile content, so
// it runs in a worker; the public suffix list is read when the configuration is loaded.
#include <algorithm>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "filters/authentication_findings.h"
#include "filters/dmarc/evaluate.h"
#include "gateway/base/bytes.h"
#include "gateway/mail/field_value.h"
#include "gateway/mail/header.h"
#include "gateway/pipeline/filter.h"

namespace postern {

extern const FilterType dmarc_filter;

namespace {

constexpr std::string_view field_name = "Authentication-Results";
// A forged field longer than a change may carry, or more of them than this, and all go.
constexpr std::size_t longest_forged = 8192;
constexpr std::size_t most_forged = 50;

struct Settings {
  bool enforce = false;
  std::string authserv_id;
  dmarc::Organizations organizations;
};

/// The name that our own Received field gives us: the word behind "by".
std::string own_name(std::string_view received) {
  const auto by = received.find("\tby ");
  if (by == std::string_view::npos) return "localhost";
  received.remove_prefix(by + 4);
  return std::string(received.substr(0, received.find_first_of(" \t\r\n;")));
}

/// RFC 8601 §5: fields that claim to be ours are removed, and those of whom nobody can be named.
void remove_forged(const SplitMessage& message, std::string_view our_id, Opinion& out) {
  std::vector<Change> changes;
  for (const HeaderField& field : message.fields) {
    if (!equals_ignoring_case(field.name, field_name)) continue;
    std::string value = plain_field_value(field.value);
    if (value.empty()) continue;  // claims nothing
    const std::string claimed = claimed_authserv_id(field.value);
    if (!claimed.empty() && !equals_ignoring_case(claimed, our_id)) continue;
    if (value.size() > longest_forged || changes.size() == most_forged) {
      changes.assign(1, {Change::Kind::remove_field, std::string(field_name), ""});
      break;
    }
    changes.push_back({Change::Kind::remove_field, std::string(field_name), std::move(value)});
  }
  std::ranges::move(changes, std::back_inserter(out.changes));
}

/// §6.6.4: pct= of the failing messages get the policy, the others the next milder one. The choice
/// is the message's own, so that a second try of it has the same answer.
dmarc::Policy applied_policy(const dmarc::Outcome& outcome, const MessageId& id) {
  const bool spared = id.value % 100 >= outcome.percent;
  if (!spared || outcome.policy == dmarc::Policy::none) return outcome.policy;
  return outcome.policy == dmarc::Policy::reject ? dmarc::Policy::quarantine : dmarc::Policy::none;
}

class DmarcFilter final : public Filter {
 public:
  explicit DmarcFilter(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  Task<Answer> on_message(Context context, Message message) override {
    const SplitMessage split =
        split_message(*message.content, std::numeric_limits<std::size_t>::max());
    std::vector<MethodResult> results = authentication_findings(context.evidence.findings);
    Opinion out;
    if (!context.evidence.connection.trusted) {
      const auto outcome =
          co_await dmarc::evaluate(context.dns, settings_->organizations,
                                   dmarc::author_domains(split), results, context.deadline);
      results.push_back(dmarc::as_result(outcome));
      out.findings.push_back({.name = "dmarc", .text = format_result(results.back())});
      if (settings_->enforce) enforce(outcome, context.evidence.id, out);
    }
    write_field(split, own_id(message), std::move(results), out);
    co_return out;
  }

 private:
  std::string own_id(const Message& message) const {
    return settings_->authserv_id.empty() ? own_name(message.received) : settings_->authserv_id;
  }

  static void write_field(const SplitMessage& message, const std::string& our_id,
                          std::vector<MethodResult> results, Opinion& out) {
    remove_forged(message, our_id, out);
    if (results.empty()) return;
    // What only rules want to know of a key is no property that RFC 8601 registers.
    for (MethodResult& result : results) {
      if (result.method != "dkim") continue;
      std::erase_if(result.properties,
                    [](const auto& property) { return property.type == "policy"; });
    }
    out.changes.push_back(
        {Change::Kind::add_field, std::string(field_name), format_results(our_id, results)});
  }

  static void enforce(const dmarc::Outcome& outcome, const MessageId& id, Opinion& out) {
    if (outcome.verdict != dmarc::Verdict::fail) return;
    const auto policy = applied_policy(outcome, id);
    if (policy == dmarc::Policy::none) return;
    out.reason = fmt::format("DMARC fail of {} (p={})", printable(outcome.domain),
                             dmarc::policy_name(outcome.policy));
    if (policy == dmarc::Policy::quarantine) {
      out.verdict = Verdict::quarantine;
      return;
    }
    out.verdict = Verdict::reject;
    out.reply = reply(550, {5, 7, 1},
                      fmt::format("Message refused: the DMARC policy of {} asks for that",
                                  printable(outcome.domain)));
  }

  std::shared_ptr<const Settings> settings_;
};

class DmarcFactory final : public FilterFactory {
 public:
  explicit DmarcFactory(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  std::unique_ptr<Filter> make() const override { return std::make_unique<DmarcFilter>(settings_); }
  bool answers(Stage stage) const override { return stage == Stage::message; }

 private:
  std::shared_ptr<const Settings> settings_;
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  auto settings = std::make_shared<Settings>();
  keys.flag("enforce", settings->enforce,
            "Do what the author's domain asks for: refuse mail that fails under p=reject, hold it "
            "under p=quarantine. Mail through lists fails too; without this it is only reported.");
  keys.text("authserv_id", settings->authserv_id,
            "The name under which Authentication-Results fields are written, and under which those "
            "that came with the message are removed. Empty: the gateway's host name.");
  return std::make_shared<DmarcFactory>(std::move(settings));
}

}  // namespace

const FilterType dmarc_filter{
    .name = "dmarc",
    .help =
        "Compares the author's domain with what spf and dkim found (put it behind them), and "
        "writes the Authentication-Results field.",
    .placement = Placement::scan_worker,
    .configure = configure,
};

}  // namespace postern
