// dkim.cc — DKIM: which domains have signed the message, and whether their signatures hold.
//
// Runs in a scan worker, since header, body and keys are octets of strangers; keys are asked for
// through the gateway. It only reports: each signature is a finding "dkim" in the words of
// RFC 8601, for rules and policies. A signature that fails is no worse than none (RFC 6376 §6.1).
#include <fmt/format.h>

#include "filters/dkim/verify.h"
#include "gateway/mail/authentication_results.h"
#include "gateway/pipeline/filter.h"

namespace postern {

extern const FilterType dkim_filter;

namespace {

// A finding's text is cut at 1,000 octets on its way out of the worker; names have up to 253.
constexpr std::size_t longest_identity = 300;

struct Settings {
  milliseconds timeout = seconds(5);
};

MethodResult result_of(const dkim::CheckedField& checked) {
  const dkim::Signature& signature = checked.signature;
  MethodResult out;
  out.method = "dkim";
  out.result = dkim::outcome_name(checked.judgement.outcome);
  out.reason = checked.judgement.reason;
  const auto add = [&](std::string type, std::string name, std::string value) {
    if (!value.empty())
      out.properties.push_back({std::move(type), std::move(name), std::move(value)});
  };
  add("header", "d", signature.domain);
  if (signature.identity.size() <= longest_identity) add("header", "i", signature.identity);
  add("header", "s", signature.selector);
  add("header", "a", std::string(dkim::algorithm_name(signature.algorithm)));
  add("header", "b", signature.beginning);
  // Of Ed25519 the size is fixed, and rules that compare it with RSA's would call it weak.
  const bool rsa = signature.algorithm != dkim::Algorithm::ed25519_sha256;
  if (rsa && checked.key_bits > 0) add("policy", "key-bits", std::to_string(checked.key_bits));
  if (checked.testing) add("policy", "testing", "y");
  return out;
}

class DkimFilter final : public Filter {
 public:
  explicit DkimFilter(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  Task<Answer> on_message(Context context, Message message) override {
    // Time is left to answer in, whatever the DNS does.
    const SteadyTime until =
        std::min(context.loop.now() + settings_->timeout, context.deadline - milliseconds(500));
    const auto checked = co_await dkim::verify_signatures(context.dns, *message.content,
                                                          context.clock.wall(), until);
    Opinion out;
    for (const auto& field : checked)
      out.findings.push_back({"dkim", 0, format_result(result_of(field))});
    if (checked.empty()) out.findings.push_back({"dkim", 0, "dkim=none"});
    co_return out;
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

class DkimFactory final : public FilterFactory {
 public:
  explicit DkimFactory(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Filter> make() const override { return std::make_unique<DkimFilter>(settings_); }
  bool answers(Stage stage) const override { return stage == Stage::message; }

 private:
  std::shared_ptr<const Settings> settings_;
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  auto settings = std::make_shared<Settings>();
  keys.duration("dkim_timeout", settings->timeout, milliseconds(100), seconds(60),
                "How long the keys are waited for, all together; signatures without an answer are "
                "temperror.");
  return std::make_shared<DkimFactory>(std::move(settings));
}

}  // namespace

const FilterType dkim_filter{
    .name = "dkim",
    .help = "Verifies DKIM signatures (RFC 6376, 8301, 8463) and reports the result of each.",
    .placement = Placement::scan_worker,
    .configure = configure,
};

}  // namespace postern
