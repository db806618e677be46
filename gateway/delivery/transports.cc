#include "gateway/delivery/transports.h"

#include <array>

#include "gateway/base/metrics.h"

namespace postern {
namespace {

struct Counters {
  Counter& delivered;
  Counter& deferred;
  Counter& failed;
};

Counters counters_for(const std::string& transport) {
  const auto count = [&](const char* result) -> Counter& {
    return counter("postern_deliveries_total", "Recipients by transport and result of an attempt.",
                   {{"transport", transport}, {"result", result}});
  };
  return {count("delivered"), count("deferred"), count("failed")};
}

const Counters& counters(Route::Transport transport) {
  static const std::array all{counters_for("smtp"), counters_for("lmtp"), counters_for("maildir"),
                              counters_for("discard"), counters_for("error")};
  return all[static_cast<std::size_t>(transport)];
}

Task<DeliveryOutcome> answer_of(DeliveryJob job) {
  const bool discard = job.route.transport == Route::Transport::discard;
  const std::string why = job.route.text.empty() ? "" : ": " + job.route.text;
  const Reply said = discard ? reply(250, {2, 0, 0}, "discarded" + why) : job.route.error_reply();
  DeliveryOutcome outcome = same_for_all(job, said, true);
  outcome.remote = job.route.name();
  // Thrown away is where an administrator wants it: no other host will say anything.
  for (auto& recipient : outcome.recipients) recipient.handover = Handover::delivered;
  co_return outcome;
}

}  // namespace

Transports::Transports(DeliveryContext context, BlockingPool& threads)
    : context_(std::move(context)),
      pool_(context_),
      smtp_(context_, pool_),
      lmtp_(context_, pool_),
      maildir_(context_, threads) {}

Task<DeliveryOutcome> Transports::deliver(DeliveryJob job) {
  const Counters& count = counters(job.route.transport);
  DeliveryOutcome outcome = co_await choose(std::move(job));
  for (const auto& recipient : outcome.recipients) {
    Counter& which = recipient.reply.permanent()   ? count.failed
                     : recipient.reply.temporary() ? count.deferred
                                                   : count.delivered;
    which.add();
  }
  co_return outcome;
}

Task<DeliveryOutcome> Transports::choose(DeliveryJob job) {
  switch (job.route.transport) {
    case Route::Transport::smtp:
      return smtp_.deliver(std::move(job));
    case Route::Transport::lmtp:
      return lmtp_.deliver(std::move(job));
    case Route::Transport::maildir:
      return maildir_.deliver(std::move(job));
    case Route::Transport::discard:
    case Route::Transport::error:
      break;
  }
  return answer_of(std::move(job));
}

}  // namespace postern
