// arc.cc — ARC: whether the chain of those who passed the message on holds (RFC 8617).
//
// Runs in a scan worker and only reports, as dkim does: one finding "arc" in the words of RFC 8601.
// A chain that holds says who has seen what, not that they are to be believed.
#include <algorithm>

#include "filters/arc/chain.h"
#include "gateway/mail/authentication_results.h"
#include "gateway/pipeline/filter.h"

namespace postern {

extern const FilterType arc_filter;

namespace {

struct Settings {
  milliseconds timeout = seconds(5);
};

MethodResult result_of(const arc::Chain& chain) {
  MethodResult out;
  out.method = "arc";
  out.result = chain.state;
  out.reason = chain.reason;
  if (chain.instances > 0)
    out.properties.push_back({"header", "i", std::to_string(chain.instances)});
  if (!chain.domain.empty()) {
    out.properties.push_back({"header", "d", chain.domain});
    out.properties.push_back({"header", "s", chain.selector});
  }
  return out;
}

class ArcFilter final : public Filter {
 public:
  explicit ArcFilter(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  Task<Answer> on_message(Context context, Message message) override {
    // Time is left to answer in, whatever the DNS does.
    const SteadyTime until =
        std::min(context.loop.now() + settings_->timeout, context.deadline - milliseconds(500));
    const auto chain =
        co_await arc::verify_chain(context.dns, *message.content, context.clock.wall(), until);
    Opinion out;
    out.findings.push_back({"arc", 0, format_result(result_of(chain))});
    co_return out;
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

class ArcFactory final : public FilterFactory {
 public:
  explicit ArcFactory(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Filter> make() const override { return std::make_unique<ArcFilter>(settings_); }
  bool answers(Stage stage) const override { return stage == Stage::message; }

 private:
  std::shared_ptr<const Settings> settings_;
};

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  auto settings = std::make_shared<Settings>();
  keys.duration("arc_timeout", settings->timeout, milliseconds(100), seconds(60),
                "How long the keys are waited for, all together; a chain without an answer fails.");
  return std::make_shared<ArcFactory>(std::move(settings));
}

}  // namespace

const FilterType arc_filter{
    .name = "arc",
    .help = "Verifies the ARC chain (RFC 8617) and reports whether it holds.",
    .placement = Placement::scan_worker,
    .configure = configure,
};

}  // namespace postern
