#include "gateway/delivery/maildir_transport.h"

#include <array>

#include "gateway/delivery/hop_sender.h"
#include "gateway/delivery/maildir.h"

namespace postern {
namespace {

/// RFC 3463: X.3.1 mail system full, X.2.1 mailbox not usable. All temporary: an administrator can
/// mend what stands in the way, and mail must not bounce meanwhile.
Reply reply_for(const Error& error) {
  const bool full = error.code == std::errc::no_space_on_device || error.code.value() == EDQUOT;
  if (full) return reply(452, {4, 3, 1}, error.what);
  return reply(451, {4, 2, 0}, error.what);
}

}  // namespace

MaildirTransport::MaildirTransport(const DeliveryContext& context, BlockingPool& threads)
    : context_(context), threads_(threads) {}

Task<DeliveryOutcome> MaildirTransport::deliver(DeliveryJob job) {
  const Envelope& envelope = *job.envelope;
  const std::size_t variant = envelope.recipients[job.recipients.front()].variant;
  const std::string return_path = return_path_field(envelope);
  const Rendered rendered = render(envelope.variants[variant], job.content);

  DeliveryOutcome outcome;
  outcome.remote = job.route.path;
  outcome.reached = true;
  for (const std::uint32_t recipient : job.recipients) {
    const std::string name = unique_maildir_name(context_.hostname);
    auto work = [&] {
      const std::array<std::string_view, 3> pieces{return_path, rendered.prefix, *rendered.body};
      return write_to_maildir(job.route.path, name, pieces);
    };
    const Result<> written = co_await threads_.run(context_.loop, work);
    Reply said = written ? reply(250, {2, 0, 0}, "written as " + name) : reply_for(written.error());
    outcome.recipients.push_back({recipient, std::move(said), Handover::delivered});
  }
  co_return outcome;
}

}  // namespace postern
